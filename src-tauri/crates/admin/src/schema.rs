//! JSON schemas: of a policy file (JSON Schema 2020-12), and of what Jamf Pro shows as a form.

use policy::catalogue::{SERVER_KEYS, Setting, settings};
use policy::kinds::{Item, Kind, Word};
use serde_json::{Map, Value, json};

use crate::export::DOMAIN;

/// `policy.schema.json`.
pub fn file() -> String {
    let mut properties: Map<String, Value> = settings().map(|setting| (setting.name.to_owned(), described(setting))).collect();
    properties.insert("$schema".to_owned(), json!({"type": "string"}));
    let server: Map<String, Value> = SERVER_KEYS.iter().map(|key| (key.name.to_owned(), described(key))).collect();
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Lanyard policy",
        "type": "object",
        "properties": properties,
        // Names that begin so are comments.
        "patternProperties": {"^//": true},
        "additionalProperties": false,
        "$defs": {
            "server": {
                "type": "object", "properties": server, "required": ["url"],
                "patternProperties": {"^//": true}, "additionalProperties": false,
            },
            "tools": {
                "type": "object", "additionalProperties": false,
                "properties": {"allow": {"$ref": "#/$defs/texts"}, "deny": {"$ref": "#/$defs/texts"}},
            },
            "texts": {"type": "array", "items": {"type": "string", "minLength": 1}},
        },
    });
    format!("{schema:#}\n")
}

/// The schema for Jamf Pro's `Application & Custom Settings`.
pub fn jamf() -> String {
    let properties: Map<String, Value> = settings()
        .enumerate()
        .map(|(place, setting)| {
            let mut property = plain(setting);
            property["title"] = json!(setting.name);
            property["description"] = json!(text(setting));
            property["property_order"] = json!(place);
            if let Some(default) = setting.default.and_then(|default| serde_json::from_str::<Value>(default).ok()) {
                property["default"] = default;
            }
            (setting.name.to_owned(), property)
        })
        .collect();
    let schema = json!({
        "title": format!("Lanyard ({DOMAIN})"),
        "description": "The policy of Lanyard, the agent that signs people in once for every MCP server.",
        "__preferencedomain": DOMAIN,
        "options": {"remove_empty_properties": true},
        "properties": properties,
    });
    format!("{schema:#}\n")
}

fn described(setting: &Setting) -> Value {
    let mut schema = plain(setting);
    schema["description"] = json!(text(setting));
    if let Some(default) = setting.default.and_then(|default| serde_json::from_str::<Value>(default).ok()) {
        schema["default"] = default;
    }
    if let Ok(example) = serde_json::from_str::<Value>(setting.example) {
        schema["examples"] = json!([example]);
    }
    schema
}

pub(crate) fn text(setting: &Setting) -> String {
    format!("{} {} When it is absent: {}", setting.summary, setting.explanation, setting.absent)
}

fn plain(setting: &Setting) -> Value {
    let words = |words: &[Word]| words.iter().map(|word| word.word).collect::<Vec<_>>();
    match setting.kind {
        Kind::YesNo => json!({"type": "boolean"}),
        Kind::Number { min, max, zero } => json!({"type": "integer", "minimum": if zero { 0 } else { min }, "maximum": max}),
        Kind::Choice(choices) => json!({"type": "string", "enum": words(choices)}),
        Kind::Text { max } => json!({"type": "string", "minLength": 1, "maxLength": max}),
        Kind::Hint => json!({"type": "string", "minLength": 1, "maxLength": 256}),
        Kind::Secret | Kind::Path => json!({"type": "string", "minLength": 1, "maxLength": 4096}),
        Kind::Url(_) => json!({"type": "string", "format": "uri"}),
        Kind::List { of, min, max } => {
            let items = match of {
                Item::Port => json!({"type": "integer", "minimum": 1024, "maximum": 65_535}),
                Item::Choice(choices) => json!({"type": "string", "enum": words(choices)}),
                _ => json!({"type": "string", "minLength": 1, "maxLength": 1024}),
            };
            json!({"type": "array", "items": items, "minItems": min, "maxItems": max})
        }
        Kind::Servers => json!({
            "type": "object", "maxProperties": 1000,
            "patternProperties": {"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$": {"$ref": "#/$defs/server"}, "^//": true},
            "additionalProperties": false,
        }),
        Kind::ServersText => json!({"type": "string", "contentMediaType": "application/json"}),
        Kind::Tools => json!({"$ref": "#/$defs/tools"}),
        Kind::Programs => json!({
            "type": "object",
            "additionalProperties": {
                "type": "object", "additionalProperties": false,
                "properties": {"tools": {"$ref": "#/$defs/tools"}, "readOnly": {"type": "boolean"}},
            },
        }),
    }
}
