//! The profile manifest, by which editors of profiles offer the settings (ProfileManifests, manifest format 1).

use plist::{Dictionary, Value};
use policy::catalogue::{SERVER_KEYS, Setting, settings};
use policy::kinds::Kind;

use crate::export::{DOMAIN, plist_of, xml};
use crate::schema::text;

/// `dev.lanyard.agent.plist`.
pub fn manifest() -> String {
    let mut manifest = Dictionary::new();
    for (name, value) in [
        ("pfm_domain", DOMAIN),
        ("pfm_title", "Lanyard"),
        ("pfm_description", "Signs people in once for every MCP server"),
        ("pfm_documentation_url", "https://github.com/lanyard-agent/lanyard/blob/main/docs/policy-reference.md"),
        ("pfm_interaction", "combined"),
    ] {
        manifest.insert(name.to_owned(), value.into());
    }
    manifest.insert("pfm_format_version".to_owned(), Value::Integer(1.into()));
    manifest.insert("pfm_version".to_owned(), Value::Integer(1.into()));
    manifest.insert("pfm_platforms".to_owned(), Value::Array(vec!["macOS".into()]));
    manifest.insert("pfm_targets".to_owned(), Value::Array(vec!["system-managed".into(), "user-managed".into()]));
    manifest.insert("pfm_unique".to_owned(), Value::Boolean(true));
    let payload = [
        ("PayloadDescription", "Lanyard"),
        ("PayloadDisplayName", "Lanyard"),
        ("PayloadIdentifier", DOMAIN),
        ("PayloadType", DOMAIN),
    ];
    let payload = payload.map(|(name, default)| {
        entry(&[("pfm_name", name), ("pfm_type", "string"), ("pfm_title", name), ("pfm_default", default)])
    });
    let own = settings().map(|setting| Value::Dictionary(of(setting)));
    let subkeys = payload.into_iter().map(Value::Dictionary).chain(own).collect();
    manifest.insert("pfm_subkeys".to_owned(), Value::Array(subkeys));
    xml(&Value::Dictionary(manifest))
}

fn entry(texts: &[(&str, &str)]) -> Dictionary {
    texts.iter().map(|(name, text)| ((*name).to_owned(), Value::from(*text))).collect()
}

fn of(setting: &Setting) -> Dictionary {
    let mut own = entry(&[
        ("pfm_name", setting.name),
        ("pfm_title", setting.name),
        ("pfm_type", kind(setting.kind)),
        ("pfm_app_min", setting.since),
    ]);
    own.insert("pfm_description".to_owned(), setting.summary.into());
    own.insert("pfm_description_reference".to_owned(), text(setting).into());
    if let Some(default) = setting.default.and_then(|text| serde_json::from_str(text).ok()) {
        own.insert("pfm_default".to_owned(), plist_of(&default));
    }
    match setting.kind {
        Kind::Choice(words) => {
            own.insert("pfm_range_list".to_owned(), Value::Array(words.iter().map(|word| word.word.into()).collect()));
            own.insert("pfm_range_list_titles".to_owned(), Value::Array(words.iter().map(|word| word.meaning.into()).collect()));
        }
        Kind::Number { min, max, zero } => {
            own.insert("pfm_range_min".to_owned(), Value::Integer(if zero { 0 } else { min }.into()));
            own.insert("pfm_range_max".to_owned(), Value::Integer(max.into()));
        }
        Kind::List { .. } => {
            own.insert("pfm_subkeys".to_owned(), Value::Array(vec![Value::Dictionary(entry(&[("pfm_type", "string")]))]));
        }
        Kind::Servers => {
            let keys = SERVER_KEYS.iter().map(|key| Value::Dictionary(of(key))).collect();
            let mut server = entry(&[("pfm_name", "{{key}}"), ("pfm_type", "dictionary")]);
            server.insert("pfm_subkeys".to_owned(), Value::Array(keys));
            own.insert("pfm_subkeys".to_owned(), Value::Array(vec![Value::Dictionary(server)]));
        }
        _ => {}
    }
    own
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::YesNo => "boolean",
        Kind::Number { .. } => "integer",
        Kind::List { .. } => "array",
        Kind::Servers | Kind::Tools | Kind::Programs => "dictionary",
        _ => "string",
    }
}
