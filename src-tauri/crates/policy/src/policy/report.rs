use serde_json::Value;
use wire::{PolicyFault, PolicyReport, PolicyRow, PolicyStatus, SettingFault};

use super::Policy;
use crate::catalogue::SERVER_KEYS;
use crate::fault;
use crate::kinds::Kind;
use crate::source::json::Json;
use crate::table::{Entry, Table};

impl Policy {
    /// Everything about it that may be shown.
    pub fn report(&self) -> PolicyReport {
        PolicyReport {
            managed: self.managed,
            origins: self.origins.clone(),
            hash: self.hash.clone(),
            settings: self.rows.clone(),
            faults: self.faults.clone(),
            unknown: self.unknown.clone(),
        }
    }

    /// Its part of Status.
    pub fn status(&self) -> PolicyStatus {
        let fault = |fault: &SettingFault| PolicyFault {
            setting: fault.setting.clone().unwrap_or_default(),
            origin: fault.origin.clone(),
            message: fault.message.clone(),
        };
        PolicyStatus {
            managed: self.managed,
            origins: self.origins.clone(),
            hash: self.hash.clone(),
            faults: self.faults.iter().map(fault).collect(),
            unknown: self.unknown.clone(),
        }
    }

    /// What `policy check` finds: every fault, and every unknown name as one.
    pub fn problems(&self) -> Vec<SettingFault> {
        let unknown = self.unknown.iter().map(|unknown| {
            let message = match &unknown.nearest {
                Some(nearest) => format!("is not a known name; did you mean {nearest}?"),
                None => "is not a known name".to_owned(),
            };
            fault::of(&unknown.name, &unknown.origin, message)
        });
        self.faults.iter().cloned().chain(unknown).collect()
    }
}

pub(super) fn rows(table: &Table, faults: &[SettingFault]) -> Vec<PolicyRow> {
    table
        .entries
        .iter()
        .map(|entry| {
            let messages: Vec<_> = faults
                .iter()
                .filter(|fault| fault.setting.as_deref() == Some(entry.setting.name))
                .map(|fault| fault.message.as_str())
                .collect();
            PolicyRow {
                name: entry.setting.name.to_owned(),
                group: entry.setting.group.title().to_owned(),
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
