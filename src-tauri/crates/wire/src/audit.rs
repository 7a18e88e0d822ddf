use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Code;

/// `GET /v1/audit?after=`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// Those after the one that was named.
    pub events: Vec<AuditEvent>,
    /// The newest that there is.
    pub last: u64,
}

/// One decision: the same schema for every sink. It has no field for a token or a body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AuditEvent {
    /// Rises by one with each event of this user; what `GET /v1/audit?after=` counts by.
    pub id: u64,
    /// When.
    pub time: Timestamp,
    /// token-served, token-refused, signed-in, signed-out, session-ended, policy-changed, caller-refused,
    /// key-made, key-removed, paused, resumed, retried, vault-damaged; of the gateway: tool-called, tool-refused,
    /// server-used, server-refused.
    pub event: String,
    /// The account, by `AuditIdentity`: a name or a hash of the subject.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<String>,
    /// The server's id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub server: Option<String>,
    /// The tool that was called, by its name; never its arguments.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tool: Option<String>,
    /// The scopes granted or asked.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub scopes: Vec<String>,
    /// Who asked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub client: Option<AuditClient>,
    /// socket or loopback.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub door: Option<String>,
    /// allowed or refused.
    pub outcome: String,
    /// The fault's code, when refused.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fault: Option<Code>,
    /// More in Lanyard's words: the reason a session ended, the settings that changed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// The first 8 hex digits of the SHA-256 of the assertion's `jti`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub assertion: Option<String>,
    /// The life of the token served, seconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub token_life: Option<u64>,
    /// The identity provider's or server's id of the exchange.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trace: Option<String>,
    /// How many identical decisions this event stands for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub count: Option<u64>,
}

/// The program that asked, and how sure that is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AuditClient {
    /// Its path, or the name of its key.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub program: Option<String>,
    /// Its process id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pid: Option<u32>,
    /// Its user id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub uid: Option<u32>,
    /// Its user's security identifier, on Windows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sid: Option<String>,
    /// held-handle, start-time, pid or none (LI-11).
    pub evidence: String,
}
