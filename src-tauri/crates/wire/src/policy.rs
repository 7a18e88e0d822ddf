use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::UnknownName;

/// `GET /v1/policy`: everything about a policy that may be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PolicyReport {
    /// Whether this is policy of the machine.
    pub managed: bool,
    /// The files and keys that were read.
    pub origins: Vec<String>,
    /// Changes with the policy.
    pub hash: String,
    /// Every setting of the catalogue, in its order.
    pub settings: Vec<PolicyRow>,
    /// Everything that is wrong.
    pub faults: Vec<SettingFault>,
    /// Names that nothing has.
    pub unknown: Vec<UnknownName>,
}

/// One setting as it applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PolicyRow {
    /// The setting.
    pub name: String,
    /// The title of its group.
    pub group: String,
    /// What applies; `null` when nothing does, and `set` or `not set` for a secret.
    #[cfg_attr(test, ts(type = "unknown"))]
    pub value: Value,
    /// The file or key that set it, or `default`.
    pub origin: String,
    /// What is wrong with it.
    pub fault: Option<String>,
}

/// Something wrong in a policy: one setting of one place, or a whole file.
///
/// The message never repeats a value, because a value in the wrong place may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SettingFault {
    /// The setting, `Servers.<id>` or `Servers.<id>.<key>`; absent when a file or folder as a whole is at fault.
    pub setting: Option<String>,
    /// The file or place that said it; `default` when the fault is that something is absent.
    pub origin: String,
    /// What is wrong, in words for an administrator.
    pub message: String,
}

impl PolicyReport {
    /// A setting's value where it is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.settings.iter().find(|row| row.name == name)?.value.as_str()
    }
}
