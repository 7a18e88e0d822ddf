use serde::Serialize;
use serde_json::Value;

use super::Policy;
use crate::catalogue::SERVER_KEYS;
use crate::fault::{Fault, Unknown};
use crate::kinds::Kind;
use crate::source::json::Json;
use crate::table::{Entry, Table};

/// Everything about a policy that may be shown: `lanyard policy` and `GET /v1/policy`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// As in [`Policy::managed`].
    pub managed: bool,
    /// As in [`Policy::origins`].
    pub origins: Vec<String>,
    /// As in [`Policy::hash`].
    pub hash: String,
    /// Every setting of the catalogue, in its order.
    pub settings: Vec<Row>,
    /// Everything that is wrong.
    pub faults: Vec<Fault>,
    /// Names that nothing has.
    pub unknown: Vec<Unknown>,
}

/// One setting as it applies.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The setting.
    pub name: &'static str,
    /// The title of its group.
    pub group: &'static str,
    /// What applies; `null` when nothing does, and `set` or `not set` for a secret.
    pub value: Value,
    /// The file that set it, or `default`.
    pub origin: String,
    /// What is wrong with it.
    pub fault: Option<String>,
}

impl Policy {
    /// Everything about it that may be shown.
    pub fn report(&self) -> Report {
        Report {
            managed: self.managed,
            origins: self.origins.clone(),
            hash: self.hash.clone(),
            settings: self.rows.clone(),
            faults: self.faults.clone(),
            unknown: self.unknown.clone(),
        }
    }

    /// What `policy check` finds: every fault, and every unknown name as one.
    pub fn problems(&self) -> Vec<Fault> {
        let unknown = self.unknown.iter().map(|unknown| {
            let message = match &unknown.nearest {
                Some(nearest) => format!("is not a known name; did you mean {nearest}?"),
                None => "is not a known name".to_owned(),
            };
            Fault::of(&unknown.name, &unknown.origin, message)
        });
        self.faults.iter().cloned().chain(unknown).collect()
    }
}

pub(super) fn rows(table: &Table, faults: &[Fault]) -> Vec<Row> {
    table
        .entries
        .iter()
        .map(|entry| {
            let messages: Vec<_> = faults
                .iter()
                .filter(|fault| fault.setting.as_deref() == Some(entry.setting.name))
                .map(|fault| fault.message.as_str())
                .collect();
            Row {
                name: entry.setting.name,
                group: entry.setting.group.title(),
                value: shown(entry),
                origin: entry.origin.clone().unwrap_or_else(|| "default".to_owned()),
                fault: (!messages.is_empty()).then(|| messages.join("; ")),
            }
        })
        .collect()
}

fn shown(entry: &Entry) -> Value {
    let json = entry.in_force.as_ref();
    match (entry.setting.kind, json) {
        // LI-59: secrets are shown as set or not set everywhere.
        _ if entry.setting.secret => json.map_or("not set", |_| "set").into(),
        (Kind::Servers, Some(Json::Table(servers))) => servers.iter().map(|(id, server)| (id.clone(), masked(server))).collect(),
        (_, json) => json.map_or(Value::Null, Json::exposed),
    }
}

fn masked(server: &Json) -> Value {
    let Json::Table(keys) = server else {
        return Value::Null;
    };
    let known = |name: &str| SERVER_KEYS.iter().find(|key| key.name == name);
    keys.iter()
        .filter_map(|(name, json)| {
            let secret = known(name)?.secret;
            let value = if secret { "set".into() } else { json.exposed() };
            Some((name.clone(), value))
        })
        .collect()
}
