use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use wire::{SettingFault, UnknownName};

use super::{Appearance, Audit, Closed, Doors, Exchange, Identity, Network, Policy, Proxy, Session, report};
use crate::catalogue::{SERVER_KEYS, nearest, settings};
use crate::fault::{self, plain};
use crate::kinds::{
    AssertionAudience, AuditIdentity, AutoSignIn, ClientAuthentication, LogLevel, OnScreenLock, ProxyMode, RedirectHost, Sink,
    SubjectTokenKind, VaultFallback,
};
use crate::merge::{MOST_UNKNOWN, Merged};
use crate::server::{self, Server};
use crate::source::json::{self, Json};
use crate::table::Table;

/// What was read, before it is judged.
#[derive(Default)]
pub(crate) struct Reading {
    pub(crate) merged: Merged,
    pub(crate) managed: bool,
    pub(crate) origins: Vec<String>,
    /// Faults of files and folders.
    pub(crate) faults: Vec<SettingFault>,
    /// Files and folders that were bad from the start: the agent is closed.
    pub(crate) shut: Vec<String>,
    /// Files and folders without any good values: a missing identity may be theirs.
    pub(crate) doubtful: Vec<String>,
    /// Who is logged on.
    pub(crate) user: Option<String>,
}

/// Judges what was read.
pub(crate) fn build(reading: Reading) -> Policy {
    let Reading { merged, managed, origins, faults, shut, doubtful, user } = reading;
    let mut table = judge(&merged);
    let mut policy_faults = faults;
    policy_faults.extend(merged.faults);
    let mut unknown = merged.unknown;

    cross_check(&mut table);
    let servers = servers(&mut table, &mut policy_faults, &mut unknown);
    let own = table.entries.iter().filter_map(|entry| {
        let origin = entry.origin.as_deref().unwrap_or("default");
        Some(fault::of(entry.setting.name, origin, entry.fault.clone()?))
    });
    policy_faults.extend(own);

    Policy {
        managed,
        origins,
        hash: hash(&table),
        identity: identity(&table, shut, doubtful, user.as_deref()),
        session: session(&table),
        exchange: exchange(&table),
        servers,
        doors: doors(&table),
        network: network(&table),
        audit: audit(&table),
        appearance: appearance(&table),
        rows: report::rows(&table, &policy_faults),
        faults: policy_faults,
        unknown,
    }
}

fn judge(merged: &Merged) -> Table {
    let given = |name: &'static str| {
        let winner = merged.values.get(name)?;
        Some((winner.given.clone(), winner.origin.clone()))
    };
    let insecure = matches!(given("AllowInsecureLoopback"), Some((Ok(Json::Bool(true)), _)));
    Table::judge(settings(), given, insecure)
}

fn cross_check(table: &mut Table) {
    let names = ["ClientAuthentication", "ClientSecret", "ClientKeyFile"];
    if names.iter().all(|name| table.sound(name))
        && let Some((which, message)) =
            server::proof(table.word("ClientAuthentication"), table.given("ClientSecret"), table.given("ClientKeyFile"))
    {
        table.fail(names[which], message);
    }
    if table.text("Issuer").is_some_and(|issuer| serves_everyone(&issuer)) && !table.given("AllowedAccounts") {
        // LI-55: there is no "any tenant".
        table.fail("AllowedAccounts", "is required, because the issuer serves every organisation");
    }
    if table.texts("Scopes").is_some_and(|scopes| !scopes.iter().any(|scope| scope == "openid")) {
        table.fail("Scopes", "must hold openid");
    }
    if table.word("ProxyMode") == Some(ProxyMode::Fixed) && !table.given("ProxyUrl") {
        table.fail("ProxyUrl", "is required, because ProxyMode is fixed");
    }
    if table.words("AuditSinks").contains(&Sink::Otlp) && !table.given("AuditOtlpEndpoint") {
        table.fail("AuditOtlpEndpoint", "is required, because AuditSinks has otlp");
    }
    if table.given("Servers") && table.given("ServersJson") {
        table.fail("ServersJson", "is set beside Servers; Servers applies");
    }
}

/// Whether accounts of every organisation can sign in there, as at Entra's shared issuers.
fn serves_everyone(issuer: &str) -> bool {
    let path = issuer.splitn(4, '/').nth(3).unwrap_or_default();
    let mut segments = path.rsplit('/').filter(|segment| !segment.is_empty());
    let last = match segments.next() {
        Some(version) if version.eq_ignore_ascii_case("v2.0") => segments.next(),
        last => last,
    };
    last.is_some_and(|last| ["common", "organizations", "consumers"].iter().any(|shared| last.eq_ignore_ascii_case(shared)))
}

fn servers(table: &mut Table, faults: &mut Vec<SettingFault>, unknown: &mut Vec<UnknownName>) -> BTreeMap<String, Server> {
    let name = if table.given("Servers") { "Servers" } else { "ServersJson" };
    let Some(origin) = table.origin(name).map(str::to_owned) else {
        return BTreeMap::new();
    };
    let dictionary = match table.entry(name).and_then(|entry| entry.in_force.as_ref()) {
        _ if !table.sound(name) => return BTreeMap::new(),
        Some(Json::Table(servers)) => servers.clone(),
        Some(Json::Text(text)) => match json::object(text.expose().as_bytes()) {
            Ok(servers) => servers,
            Err(error) => {
                table.fail(name, crate::fault::sentence(&error));
                return BTreeMap::new();
            }
        },
        _ => return BTreeMap::new(),
    };
    if dictionary.len() > 1000 {
        table.fail(name, "must have at most 1,000 servers");
        return BTreeMap::new();
    }

    let insecure = table.flag("AllowInsecureLoopback");
    let mut servers = BTreeMap::new();
    let mut shown = BTreeMap::new();
    let mut listed = 0;
    for (id, json) in &dictionary {
        let judged = server::judge(id, json, insecure);
        for (key, message) in judged.faults {
            let setting = if key.is_empty() { format!("Servers.{id}") } else { format!("Servers.{id}.{key}") };
            faults.push(fault::of(&setting, &origin, message));
        }
        for key in judged.unknown {
            listed += 1;
            if listed <= MOST_UNKNOWN {
                unknown.push(UnknownName {
                    name: plain(&format!("Servers.{id}.{key}")),
                    origin: origin.clone(),
                    nearest: nearest(SERVER_KEYS.iter(), &key),
                });
            }
        }
        if let Some(server) = judged.server {
            shown.insert(id.clone(), judged.in_force);
            servers.insert(id.clone(), server);
        }
    }
    table.show("Servers", Json::Table(shown), Some(origin));
    servers
}

fn identity(table: &Table, shut: Vec<String>, doubtful: Vec<String>, user: Option<&str>) -> Result<Identity, Closed> {
    let faulty = table.entries.iter().filter(|entry| entry.fault.is_some());
    let mut settings: Vec<String> = faulty
        .filter(|entry| {
            let borrows = entry.setting.name == "BorrowVsCodeIdentity" && !table.given("Issuer");
            entry.setting.closes || borrows
        })
        .map(|entry| entry.setting.name.to_owned())
        .collect();
    settings.extend(shut);
    if !settings.is_empty() {
        return Err(Closed::Faulty { settings });
    }
    let (Some(issuer), Some(client_id)) = (table.text("Issuer"), table.text("ClientId")) else {
        return Err(match doubtful.is_empty() {
            true => Closed::NotConfigured,
            false => Closed::Faulty { settings: doubtful },
        });
    };
    Ok(Identity {
        issuer,
        client_id,
        client_authentication: table.word("ClientAuthentication").unwrap_or(ClientAuthentication::None),
        client_secret: table.secret("ClientSecret"),
        client_key_file: table.path("ClientKeyFile"),
        assertion_audience: table.word("ClientAssertionAudience").unwrap_or(AssertionAudience::Auto),
        authorization_endpoint: table.text("AuthorizationEndpoint"),
        token_endpoint: table.text("TokenEndpoint"),
        scopes: table.texts("Scopes").unwrap_or_default(),
        subject_token: table.word("SubjectToken").unwrap_or(SubjectTokenKind::Auto),
        acr_values: table.text("AcrValues"),
        max_age_seconds: table.number("MaxAgeSeconds"),
        prompt: table.word("Prompt"),
        account_hint: table.text("AccountHint").and_then(|hint| expand(&hint, user)),
        allowed_accounts: table.accounts("AllowedAccounts"),
        redirect_host: table.word("RedirectHost").unwrap_or(RedirectHost::Ipv4),
        redirect_ports: table.ports("RedirectPorts"),
    })
}

/// Replaces the placeholders; `None` when one of them is not known.
fn expand(hint: &str, user: Option<&str>) -> Option<String> {
    let mut text = hint.to_owned();
    if text.contains("%username%") {
        text = text.replace("%username%", user?);
    }
    if text.contains("%upn%") {
        text = text.replace("%upn%", user.filter(|user| user.contains('@'))?);
    }
    Some(text)
}

fn session(table: &Table) -> Session {
    Session {
        auto_sign_in: table.word("AutoSignIn").unwrap_or(AutoSignIn::Off),
        check_seconds: table.number("SessionCheckSeconds").unwrap_or(900),
        on_screen_lock: table.word("OnScreenLock").unwrap_or(OnScreenLock::WipeCache),
        sign_out_revokes: table.flag("SignOutRevokes"),
        vault_fallback: table.word("VaultFallback").unwrap_or(VaultFallback::MemoryOnly),
    }
}

fn exchange(table: &Table) -> Exchange {
    Exchange {
        max_token_life_seconds: table.number("MaxTokenLifeSeconds").unwrap_or(3600),
        renewal_margin_seconds: table.number("RenewalMarginSeconds").unwrap_or(60),
        monthly_mint_budget: table.number("MonthlyMintBudget").unwrap_or(250),
    }
}

fn doors(table: &Table) -> Doors {
    // When it is not known whom IT blocked, nobody is admitted.
    let doubt = !table.sound("BlockedPrograms");
    Doors {
        allowed_programs: if doubt { Some(Vec::new()) } else { table.programs("AllowedPrograms") },
        blocked_programs: table.programs("BlockedPrograms").unwrap_or_default(),
        loopback_door: table.flag("LoopbackDoor"),
        loopback_port: table.number("LoopbackPort").and_then(|port| u16::try_from(port).ok()).unwrap_or(0),
        token_door: table.flag("TokenDoor"),
    }
}

fn network(table: &Table) -> Network {
    let proxy = match (table.word("ProxyMode"), table.text("ProxyUrl")) {
        (Some(ProxyMode::None), _) => Proxy::None,
        (Some(ProxyMode::Fixed), Some(url)) => Proxy::Fixed(url),
        _ => Proxy::System,
    };
    Network {
        proxy,
        proxy_bypass: table.texts("ProxyBypass").unwrap_or_default(),
        extra_ca_file: table.path("ExtraCaFile"),
        allow_insecure_loopback: table.flag("AllowInsecureLoopback"),
    }
}

fn audit(table: &Table) -> Audit {
    let otlp_endpoint = table.text("AuditOtlpEndpoint");
    let mut sinks = table.words("AuditSinks");
    sinks.retain(|sink| *sink != Sink::Otlp || otlp_endpoint.is_some());
    sinks.sort_unstable();
    sinks.dedup();
    Audit {
        sinks,
        file: table.path("AuditFile"),
        identity: table.word("AuditIdentity").unwrap_or(AuditIdentity::SubjectHash),
        otlp_endpoint,
    }
}

fn appearance(table: &Table) -> Appearance {
    Appearance {
        log_level: table.word("LogLevel").unwrap_or(LogLevel::Info),
        organisation_name: table.text("OrganisationName"),
        support_contact: table.text("SupportContact"),
        support_url: table.text("SupportUrl"),
        allow_quit: table.flag("AllowQuit"),
        allow_sign_out: table.flag("AllowSignOut"),
        show_notifications: table.flag("ShowNotifications"),
    }
}

fn hash(table: &Table) -> String {
    let mut hasher = Sha256::new();
    for entry in &table.entries {
        let mut sink = |bytes: &[u8]| hasher.update(bytes);
        Json::text(entry.setting.name).digest(&mut sink);
        entry.in_force.as_ref().unwrap_or(&Json::Null).digest(&mut sink);
    }
    let digest = hasher.finalize();
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
