mod build;
mod report;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use secret::Secret;
use wire::{PolicyRow, SettingFault, UnknownName};

pub(crate) use build::{Reading, build};

use crate::kinds::{
    Account, AssertionAudience, AuditIdentity, AutoSignIn, ClientAuthentication, LogLevel, OnScreenLock, Program, Prompt,
    RedirectHost, Sink, SubjectTokenKind, VaultFallback,
};
use crate::server::Server;

/// What IT said, judged: immutable, and equal exactly when everything in it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Whether it is the machine's, and not a file that the person named.
    pub managed: bool,
    /// The files that make it up, the weakest first.
    pub origins: Vec<String>,
    /// 16 hexadecimal digits over all effective values, secrets included: equal on two machines when what applies is.
    pub hash: String,
    /// Everything that is wrong.
    pub faults: Vec<SettingFault>,
    /// Names that no setting or server key has; at most 100 of each file.
    pub unknown: Vec<UnknownName>,
    /// Who signs in where, or why the agent is closed (LI-55).
    pub identity: Result<Identity, Closed>,
    /// Rules of the session.
    pub session: Session,
    /// Rules of tokens.
    pub exchange: Exchange,
    /// The servers by id, without the faulty ones.
    pub servers: BTreeMap<String, Server>,
    /// Rules of the doors.
    pub doors: Doors,
    /// Proxy and trust.
    pub network: Network,
    /// The audit log.
    pub audit: Audit,
    /// What people see and may do.
    pub appearance: Appearance,
    rows: Vec<PolicyRow>,
}

/// Why there is no identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// `Issuer` or `ClientId` is absent.
    NotConfigured,
    /// A setting that decides who signs in is bad, or a file that may hold one cannot be read or trusted.
    Faulty {
        /// The settings, or the files and folders.
        settings: Vec<String>,
    },
}

/// The identity provider, Lanyard's client there, and who may sign in. Addresses are as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// Compared byte for byte (OpenID Connect Discovery §4.3).
    pub issuer: String,
    /// Lanyard's client.
    pub client_id: String,
    /// How the client proves itself.
    pub client_authentication: ClientAuthentication,
    /// Present whenever `client_authentication` needs it.
    pub client_secret: Option<Arc<Secret>>,
    /// Present whenever `client_authentication` needs it.
    pub client_key_file: Option<PathBuf>,
    /// To whom the client's signed statement is addressed.
    pub assertion_audience: AssertionAudience,
    /// Pin.
    pub authorization_endpoint: Option<String>,
    /// Pin.
    pub token_endpoint: Option<String>,
    /// Asked for at sign-in; holds `openid`.
    pub scopes: Vec<String>,
    /// What is exchanged for an assertion.
    pub subject_token: SubjectTokenKind,
    /// Separated by spaces.
    pub acr_values: Option<String>,
    /// The oldest authentication that is good enough at sign-in.
    pub max_age_seconds: Option<u32>,
    /// Sent at every sign-in.
    pub prompt: Option<Prompt>,
    /// The login hint, with its placeholders replaced; absent when one could not be.
    pub account_hint: Option<String>,
    /// Any match admits; empty admits every account of the issuer.
    pub allowed_accounts: Vec<Account>,
    /// The host of the redirect address.
    pub redirect_host: RedirectHost,
    /// The ports to try, in order; empty means any.
    pub redirect_ports: Vec<u16>,
}

/// Rules of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whether the browser opens without a click.
    pub auto_sign_in: AutoSignIn,
    /// How often the session is confirmed while tokens are in use.
    pub check_seconds: u32,
    /// What happens when the screen is locked.
    pub on_screen_lock: OnScreenLock,
    /// Whether signing out revokes at the identity provider.
    pub sign_out_revokes: bool,
    /// Where the vault's key rests without a keychain.
    pub vault_fallback: VaultFallback,
}

/// Rules of tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// How long a token is served at most.
    pub max_token_life_seconds: u32,
    /// How long before its end a token is renewed; the smaller of this and a fifth of its life.
    pub renewal_margin_seconds: u32,
    /// Assertions a month for each server; 0 means no budget.
    pub monthly_mint_budget: u32,
}

/// Rules of the doors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doors {
    /// Who may use them; `None` means every program, an empty list none.
    pub allowed_programs: Option<Vec<Program>>,
    /// Who may not, even if allowed.
    pub blocked_programs: Vec<Program>,
    /// Whether there is a loopback door.
    pub loopback_door: bool,
    /// Its port; 0 means picked once and kept.
    pub loopback_port: u16,
    /// Whether tokens are given out.
    pub token_door: bool,
}

/// How the network is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// As the operating system says.
    System,
    /// Directly.
    None,
    /// Through this one.
    Fixed(String),
}

/// Proxy and trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// The proxy.
    pub proxy: Proxy,
    /// What is reached without a fixed proxy.
    pub proxy_bypass: Vec<String>,
    /// Certificate authorities in addition to the system's; read it with [`crate::Roots::read`].
    pub extra_ca_file: Option<PathBuf>,
    /// Whether plain http is admitted for this machine: Status warns.
    pub allow_insecure_loopback: bool,
}

/// The audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Where events go; without [`Sink::Otlp`] when there is no endpoint for it.
    pub sinks: Vec<Sink>,
    /// The file; absent means the one in the state folder.
    pub file: Option<PathBuf>,
    /// How events name the employee.
    pub identity: AuditIdentity,
    /// Present whenever `sinks` has [`Sink::Otlp`].
    pub otlp_endpoint: Option<String>,
}

/// What people see and may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appearance {
    /// How much is logged.
    pub log_level: LogLevel,
    /// The organisation's name.
    pub organisation_name: Option<String>,
    /// Whom people ask.
    pub support_contact: Option<String>,
    /// Where people find help.
    pub support_url: Option<String>,
    /// Whether people may quit the agent.
    pub allow_quit: bool,
    /// Whether people may sign out.
    pub allow_sign_out: bool,
    /// Whether notifications are shown.
    pub show_notifications: bool,
}
