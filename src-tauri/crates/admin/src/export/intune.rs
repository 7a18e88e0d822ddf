//! The rows of a custom profile of Intune: each setting by the OMA-URI that the ingested ADMX gives it
//! (Microsoft, `Win32 and Desktop Bridge app ADMX policy ingestion`).

use policy::catalogue::{Group, Setting};
use policy::kinds::Kind;
use serde_json::{Value, json};

use super::Export;
use crate::xml;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name for people.
    pub name: &'static str,
    /// The address.
    pub uri: String,
    /// What it is set to, as the ADMX wants it.
    pub value: String,
}

/// The row of each setting.
pub fn rows(export: &Export) -> Vec<Row> {
    export.values().map(|(setting, value)| Row { name: setting.name, uri: uri(setting), value: data(setting, value) }).collect()
}

/// A list of rows as Intune's Graph API takes them.
pub(super) fn text(export: &Export) -> String {
    let settings: Vec<Value> = rows(export)
        .into_iter()
        .map(|row| {
            json!({
                "@odata.type": "#microsoft.graph.omaSettingString",
                "displayName": row.name, "omaUri": row.uri, "value": row.value,
            })
        })
        .collect();
    let profile = json!({
        "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
        "displayName": "Lanyard", "description": "Lanyard's policy; its ADMX must be ingested first", "omaSettings": settings,
    });
    format!("{profile:#}\n")
}

/// The address of a setting below the ADMX that was ingested under the name Lanyard.
pub(crate) fn uri(setting: &Setting) -> String {
    format!("./Device/Vendor/MSFT/Policy/Config/Lanyard~Policy~Lanyard~{}/{}", category(setting.group), setting.name)
}

/// The ADMX category of a group.
pub(crate) fn category(group: Group) -> String {
    group.title().split(' ').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// The value of one policy of an ADMX; the names of its elements are the setting's own.
fn data(setting: &Setting, value: &Value) -> String {
    let element = |text: &str| format!("<enabled/>\n<data id=\"{}\" value=\"{}\"/>", setting.name, escaped(text));
    // What an ADMX list holds: name, mark, value, mark, and so on.
    let list = |entries: Vec<(String, String)>| {
        let parts: Vec<String> = entries.into_iter().flat_map(|(name, value)| [name, value]).collect();
        element(&parts.join("\u{f000}"))
    };
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match (setting.kind, value) {
        (Kind::YesNo, Value::Bool(true)) => "<enabled/>".to_owned(),
        (Kind::YesNo, _) => "<disabled/>".to_owned(),
        (Kind::List { .. }, Value::Array(entries)) => {
            list(entries.iter().enumerate().map(|(place, entry)| ((place + 1).to_string(), plain(entry))).collect())
        }
        (Kind::Servers, Value::Object(servers)) => {
            list(servers.iter().map(|(id, server)| (id.clone(), server.to_string())).collect())
        }
        (_, value) => element(&plain(value)),
    }
}

/// The mark goes through as a reference, because some consoles lose the character.
fn escaped(text: &str) -> String {
    xml::escaped(text).replace('\u{f000}', "&#xF000;")
}
