use serde::{Deserialize, Serialize};

use crate::Problem;

/// One step of `lanyard doctor`, as `GET /v1/doctor[/{id}]` sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DoctorStep {
    /// The server it is about; none for the steps before any server.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub server: Option<String>,
    /// policy, process, autostart, network, idp, session, server, resource-metadata, subject, assertion, token, tools,
    /// others.
    pub step: String,
    /// What was tried, in words.
    pub title: String,
    /// How it went.
    pub outcome: DoctorOutcome,
    /// What was found, in words.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub found: String,
    /// The exact strings sent, by parameter name; never a secret.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub sent: Vec<(String, String)>,
    /// What the other side said, as theirs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub theirs: Option<String>,
    /// Who can mend it, and how.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub who: Option<String>,
    /// The fault, when it failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fault: Option<Problem>,
    /// Milliseconds.
    pub took_ms: u64,
}

/// How a step went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum DoctorOutcome {
    /// It works.
    Good,
    /// It works, with something to look at.
    Warning,
    /// It does not work.
    Failed,
    /// Not tried, because an earlier step failed or it does not apply.
    Skipped,
}
