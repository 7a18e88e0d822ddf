//! Every setting, once: it drives parsing, faults, `lanyard policy` and the generated administrator files.

mod appearance;
mod audit;
mod doors;
mod identity;
mod network;
mod server_keys;
mod servers;
mod session;

use crate::kinds::Kind;
use crate::layer::Scope;

/// The keys of one server, in camelCase as `mcp.json` has them.
pub use server_keys::SERVER_KEYS;

/// Every setting of a policy, by group, in the order in which administrators meet them.
pub static SETTINGS: &[&[Setting]] = &[
    identity::SETTINGS,
    servers::SETTINGS,
    session::SETTINGS,
    doors::SETTINGS,
    network::SETTINGS,
    audit::SETTINGS,
    appearance::SETTINGS,
];

/// One setting, or one key of a server.
#[derive(Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name, the same on every system and for ever.
    pub name: &'static str,
    /// Where administrators find it.
    pub group: Group,
    /// What it may be.
    pub kind: Kind,
    /// What applies when it is absent, as JSON text; `None` when nothing does.
    pub default: Option<&'static str>,
    /// What applies when its value is bad, as JSON text, where the default would open what IT meant to close.
    pub when_faulty: Option<&'static str>,
    /// Who may set it.
    pub scope: Scope,
    /// The first version that knows it.
    pub since: &'static str,
    /// Shown as set or not set everywhere.
    pub secret: bool,
    /// It decides who signs in, or how surely that is proved: a bad value closes the agent (LI-55).
    pub closes: bool,
    /// One line.
    pub summary: &'static str,
    /// What it does.
    pub explanation: &'static str,
    /// What its absence means.
    pub absent: &'static str,
    /// An example, as JSON text.
    pub example: &'static str,
}

/// A group of settings, as the administrator's tree shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The identity provider, Lanyard's client there, and who may sign in.
    Identity,
    /// MCP servers.
    Servers,
    /// Tokens and the employee's session.
    Session,
    /// The doors for local programs.
    LocalAccess,
    /// Proxy and trust.
    Network,
    /// The audit log.
    Audit,
    /// What people see and may do.
    Appearance,
}

/// Every group, in the order in which administrators meet them.
pub const GROUPS: [Group; 7] =
    [Group::Identity, Group::Servers, Group::Session, Group::LocalAccess, Group::Network, Group::Audit, Group::Appearance];

impl Group {
    /// The group's title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Identity => "Identity",
            Self::Servers => "Servers",
            Self::Session => "Session",
            Self::LocalAccess => "Local access",
            Self::Network => "Network",
            Self::Audit => "Audit",
            Self::Appearance => "Appearance",
        }
    }
}

/// What every entry of the tables starts from.
const SETTING: Setting = Setting {
    name: "",
    group: Group::Identity,
    kind: Kind::YesNo,
    default: None,
    when_faulty: None,
    scope: Scope::Machine,
    since: "0.1",
    secret: false,
    closes: false,
    summary: "",
    explanation: "",
    absent: "",
    example: "",
};

/// Every setting, one after the other.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().copied().flatten()
}

/// The setting of that name.
pub fn setting(name: &str) -> Option<&'static Setting> {
    settings().find(|setting| setting.name == name)
}

/// The name among `known` that is most like `name`, when one is like it at all.
pub(crate) fn nearest(known: impl Iterator<Item = &'static Setting>, name: &str) -> Option<String> {
    let written: String = name.chars().take(64).flat_map(char::to_lowercase).collect();
    known
        .map(|setting| {
            let alike = strsim::normalized_damerau_levenshtein(&setting.name.to_lowercase(), &written);
            (alike, setting.name)
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(alike, _)| *alike >= 0.6)
        .map(|(_, name)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::check;
    use crate::source::json::object;

    fn all() -> impl Iterator<Item = &'static Setting> {
        settings().chain(SERVER_KEYS)
    }

    #[test]
    fn every_default_and_example_is_of_its_own_kind() {
        for setting in all() {
            let texts = [setting.default, setting.when_faulty, Some(setting.example)];
            for text in texts.into_iter().flatten() {
                let json =
                    object(format!("{{\"v\":{text}}}").as_bytes()).unwrap_or_else(|error| panic!("{}: {error:?}", setting.name));
                let checked = check(setting.kind, &json["v"], false);
                assert!(checked.is_ok(), "{} {text}: {checked:?}", setting.name);
            }
        }
    }

    #[test]
    fn every_entry_is_complete_and_its_name_is_its_own() {
        let mut names = std::collections::BTreeSet::new();
        for setting in all() {
            assert!(names.insert(setting.name), "{} twice", setting.name);
            for text in [setting.summary, setting.explanation, setting.absent] {
                assert!(text.ends_with('.'), "{}: {text:?}", setting.name);
            }
            assert_eq!(setting.since, "0.1");
            assert_eq!(setting.secret, matches!(setting.kind, Kind::Secret | Kind::ServersText));
        }
    }

    #[test]
    fn the_settings_are_those_of_the_contract_and_no_others() {
        let contract = "Issuer ClientId ClientAuthentication ClientSecret ClientKeyFile \
            ClientAssertionAudience AuthorizationEndpoint TokenEndpoint Scopes SubjectToken AcrValues \
            MaxAgeSeconds Prompt AccountHint AllowedAccounts RedirectHost RedirectPorts Servers ServersJson \
            AutoSignIn MaxTokenLifeSeconds RenewalMarginSeconds MonthlyMintBudget SessionCheckSeconds \
            OnScreenLock SignOutRevokes VaultFallback AllowedPrograms BlockedPrograms LoopbackDoor \
            LoopbackPort TokenDoor ProxyMode ProxyUrl ProxyBypass ExtraCaFile AllowInsecureLoopback \
            AuditSinks AuditFile AuditIdentity AuditOtlpEndpoint LogLevel OrganisationName SupportContact \
            SupportUrl AllowQuit AllowSignOut ShowNotifications BorrowVsCodeIdentity";
        let mut expected: Vec<_> = contract.split_whitespace().collect();
        let mut actual: Vec<_> = settings().map(|setting| setting.name).collect();
        expected.sort_unstable();
        actual.sort_unstable();
        assert_eq!(actual, expected);

        let user: Vec<_> = settings().filter(|setting| setting.scope == Scope::User).map(|setting| setting.name).collect();
        assert_eq!(user, ["AccountHint", "AutoSignIn", "LogLevel", "ShowNotifications"]);
    }

    #[test]
    fn a_mistyped_name_finds_its_nearest_and_a_strange_one_none() {
        for (written, expected) in [
            ("issuer", Some("Issuer")),
            ("ClientID", Some("ClientId")),
            ("OrganizationName", Some("OrganisationName")),
            ("AlowedAccounts", Some("AllowedAccounts")),
            ("Zzz", None),
        ] {
            assert_eq!(nearest(settings(), written).as_deref(), expected, "{written}");
        }
    }
}
