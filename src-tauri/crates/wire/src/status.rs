use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Code, Problem};

/// What is so now: the one document that every face shows. It cannot hold a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, ts_rs::TS))]
pub struct Status {
    /// The version of this document.
    pub schema: u32,
    /// The agent's version.
    pub version: String,
    /// The process.
    pub agent: AgentStatus,
    /// What IT said.
    pub policy: PolicyStatus,
    /// The sign-in.
    pub session: SessionStatus,
    /// The servers of policy.
    pub servers: Vec<ServerStatus>,
    /// The ways in.
    pub doors: DoorStatus,
    /// Where the refresh token rests.
    pub vault: VaultStatus,
    /// Sentences that an administrator should read.
    pub warnings: Vec<String>,
}

/// The process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, ts_rs::TS))]
pub struct AgentStatus {
    /// Whether it runs.
    pub running: bool,
    /// Its process id.
    pub pid: Option<u32>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Whether a person paused it.
    pub paused: bool,
    /// Whether it serves nobody because the screen is locked, where policy wants that.
    #[serde(default)]
    pub screen_locked: bool,
}

/// What IT said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, ts_rs::TS))]
pub struct PolicyStatus {
    /// Whether it comes from a place that only IT can write.
    pub managed: bool,
    /// The files or keys it comes from.
    pub origins: Vec<String>,
    /// A hash of what applies.
    pub hash: String,
    /// What is wrong with it.
    pub faults: Vec<PolicyFault>,
    /// Names that are not known here.
    pub unknown: Vec<UnknownName>,
}

/// One setting that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, ts_rs::TS))]
pub struct PolicyFault {
    /// The setting.
    pub setting: String,
    /// Where it stands.
    pub origin: String,
    /// What is wrong.
    pub message: String,
}

/// One name that is not known here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, ts_rs::TS))]
pub struct UnknownName {
    /// The name.
    pub name: String,
    /// Where it stands.
    pub origin: String,
    /// The nearest name that is known.
    pub nearest: Option<String>,
}

/// The sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, ts_rs::TS))]
pub struct SessionStatus {
    /// The state's name.
    #[cfg_attr(test, schemars(extend("enum" = ["unconfigured", "signed-out", "signing-in", "active", "renewing", "waiting", "needs-user", "vault-closed"])))]
    pub state: String,
    /// Why it is so, where there is a reason.
    pub reason: Option<String>,
    /// Who.
    pub account: Option<AccountStatus>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// The next renewal or try.
    pub renews_at: Option<Timestamp>,
    /// What is wrong.
    pub fault: Option<Problem>,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, ts_rs::TS))]
pub struct AccountStatus {
    /// The subject at the identity provider.
    pub subject: String,
    /// The name.
    pub name: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
}

/// One server of policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, ts_rs::TS))]
pub struct ServerStatus {
    /// The id.
    pub id: String,
    /// The title.
    pub title: String,
    /// The MCP endpoint.
    pub url: String,
    /// idle, ready, renewing, denied, unreachable, misconfigured or needs-user.
    #[cfg_attr(test, schemars(extend("enum" = ["idle", "ready", "renewing", "denied", "unreachable", "misconfigured", "needs-user"])))]
    pub state: String,
    /// When the cached token ends.
    pub expires_at: Option<Timestamp>,
    /// Its scopes.
    pub scope: Option<String>,
    /// When a client last used it.
    pub last_used: Option<Timestamp>,
    /// Assertions this month.
    pub mints_this_month: u64,
    /// How many the identity provider's licence allows; 0 for no limit.
    pub mint_budget: u64,
    /// What is wrong.
    pub fault: Option<Problem>,
}

/// The ways in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, ts_rs::TS))]
pub struct DoorStatus {
    /// The socket's path.
    pub socket: Option<PathBuf>,
    /// The loopback door's base address.
    pub loopback: Option<String>,
}

/// Where the refresh token rests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, ts_rs::TS))]
pub struct VaultStatus {
    /// keychain, key-file or memory.
    #[cfg_attr(test, schemars(extend("enum" = ["keychain", "key-file", "memory"])))]
    pub kind: String,
    /// open, absent, locked, unavailable or damaged.
    #[cfg_attr(test, schemars(extend("enum" = ["open", "absent", "locked", "unavailable", "damaged"])))]
    pub state: String,
}

impl Status {
    /// The exit code of `lanyard status`: health.
    pub fn exit(&self) -> u8 {
        if !self.agent.running {
            return 6;
        }
        match self.session.state.as_str() {
            "active" | "renewing" => 0,
            "unconfigured" => 3,
            "waiting" => 4,
            "signed-out" | "signing-in" | "needs-user" => 5,
            "vault-closed" => 8,
            _ => Code::Internal.row().exit,
        }
    }
}

/// The JSON Schema of [`Status`], as fleet tools want it (`lanyard status --schema`).
pub const STATUS_SCHEMA: &str = include_str!("../../../../docs/status.schema.json");

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Writes the schema into the folder that `LANYARD_GENERATED` names, which is how the file is made.
    #[test]
    fn the_schema_is_that_of_the_document() {
        let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
        let mut schema = settings.into_generator().into_root_schema_for::<Status>();
        schema.insert("$id".to_owned(), "urn:lanyard:status:1".into());
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        match std::env::var_os("LANYARD_GENERATED") {
            Some(folder) => {
                let folder = Path::new(&folder).join("docs");
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(folder.join("status.schema.json"), text).unwrap();
            }
            None => assert_eq!(text, STATUS_SCHEMA, "run `cargo xtask generate`"),
        }
    }
}
