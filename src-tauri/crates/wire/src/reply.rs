use std::path::PathBuf;

use secret::Secret;
use serde::{Deserialize, Serialize};

/// `POST /v1/servers/{id}/token`; every field is optional (LI-21).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenRequest {
    /// Scopes, separated by spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The least remaining life, seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_ttl: Option<u64>,
}

/// Its reply, as a caller reads it.
#[derive(Debug, Deserialize)]
pub struct TokenReply {
    /// The access token for that server alone.
    pub access_token: Secret,
    /// `Bearer`.
    pub token_type: String,
    /// Whole seconds left.
    pub expires_in: u64,
    /// Unix seconds.
    pub expires_at: i64,
    /// The scopes it has, separated by spaces.
    #[serde(default)]
    pub scope: String,
    /// The resource it is for.
    #[serde(default)]
    pub resource: String,
}

/// `GET /v1/servers`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Servers {
    /// Those that this caller may use.
    pub servers: Vec<ServerEntry>,
}

/// One entry of `GET /v1/servers`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ServerEntry {
    /// The id to ask with.
    pub id: String,
    /// The title for people.
    pub title: String,
    /// The MCP endpoint.
    pub url: String,
    /// Whether its token is given out; otherwise only the gateway and the bridge serve it.
    pub token: bool,
}

/// `POST /v1/session/sign-in`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignInRequest {
    /// Whether the agent opens the system browser.
    pub open_browser: bool,
    /// A server that policy marks `interactive`, to be signed in to by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The redirected address, as a person pasted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirected: Option<String>,
}

/// Its reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SignIn {
    /// Where the person signs in.
    pub authorization_url: String,
}

/// The reply of `POST /v1/session/sign-out`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SignOut {
    /// Where the browser ends the identity provider's own session.
    pub end_session_url: Option<String>,
}

/// The reply of `POST /v1/programs`: a new key, shown once.
#[derive(Debug, Deserialize)]
pub struct LoopbackKey {
    /// What it was made for.
    pub name: String,
    /// The key.
    pub key: Secret,
}

/// The reply of `POST /v1/diagnostics`: what a support bundle holds, redacted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostics {
    /// The files of its one folder.
    pub files: Vec<DiagnosticsFile>,
}

/// One file of a support bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnosticsFile {
    /// Its name.
    pub name: String,
    /// What it is, for the list that is shown before anything is written.
    pub about: String,
    /// Its content.
    pub text: String,
}

impl Diagnostics {
    /// What it holds, without a word of it.
    pub fn listed(&self) -> Vec<BundleFile> {
        let listed =
            |file: &DiagnosticsFile| BundleFile { name: file.name.clone(), about: file.about.clone(), bytes: file.text.len() };
        self.files.iter().map(listed).collect()
    }
}

/// One file of a support bundle, as it is listed before anything is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct BundleFile {
    /// Its name.
    pub name: String,
    /// What it is.
    pub about: String,
    /// Its length.
    pub bytes: usize,
}

/// `lanyard diagnostics FILE --json`: the bundle as it was written.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Saved {
    /// Where it is.
    pub file: PathBuf,
    /// What it holds.
    pub files: Vec<BundleFile>,
}

/// `GET /v1/programs`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Programs {
    /// Every program that has a key or used a door.
    pub programs: Vec<Program>,
}

/// `DELETE /v1/programs`.
#[derive(Debug, Serialize, Deserialize)]
pub struct KeyRemoved {
    /// Whether there was a key of this name.
    pub removed: bool,
}

/// One entry of `GET /v1/programs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Program {
    /// The key's name, or the program's path.
    pub name: String,
    /// Whether it has a key of the loopback door.
    pub has_key: bool,
    /// When the key was made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub created: Option<jiff::Timestamp>,
    /// When it last used a door.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_used: Option<jiff::Timestamp>,
    /// The servers it used today.
    #[serde(default)]
    pub servers_today: Vec<String>,
}
