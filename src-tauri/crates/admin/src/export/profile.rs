//! A configuration profile for macOS (Apple, `Configuration Profile Reference`).

use plist::{Dictionary, Value as Plist};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Export;

/// The preference domain, and the payload's type.
pub(crate) const DOMAIN: &str = "dev.lanyard.agent";

/// The profile as XML; unsigned.
pub(super) fn text(export: &Export) -> String {
    let mut payload: Dictionary = export.values().map(|(setting, value)| (setting.name.to_owned(), plist(value))).collect();
    let content = format!("{:?}", export.values().map(|(setting, value)| (setting.name, value)).collect::<Vec<_>>());
    described(&mut payload, DOMAIN, &format!("{DOMAIN}.policy"), &format!("payload {content}"), "Lanyard");
    let mut profile = Dictionary::new();
    profile.insert("PayloadContent".into(), Plist::Array(vec![Plist::Dictionary(payload)]));
    profile.insert("PayloadScope".into(), "System".into());
    described(&mut profile, "Configuration", &format!("{DOMAIN}.profile"), &format!("profile {content}"), "Lanyard policy");
    xml(&Plist::Dictionary(profile))
}

/// What every payload says of itself. The same content has the same identity, so that a profile can be compared.
fn described(payload: &mut Dictionary, kind: &str, identifier: &str, content: &str, name: &str) {
    payload.insert("PayloadType".into(), kind.into());
    payload.insert("PayloadVersion".into(), Plist::Integer(1.into()));
    payload.insert("PayloadIdentifier".into(), identifier.into());
    payload.insert("PayloadUUID".into(), uuid(content).into());
    payload.insert("PayloadDisplayName".into(), name.into());
}

/// A name-based UUID (RFC 9562 §5.8).
fn uuid(content: &str) -> String {
    let digest = Sha256::digest(content.as_bytes());
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// A JSON value as property lists have it.
pub(crate) fn plist(value: &Value) -> Plist {
    match value {
        Value::Null => Plist::String(String::new()),
        Value::Bool(yes) => Plist::Boolean(*yes),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Plist::Integer(whole.into()),
            None => Plist::Real(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => Plist::String(text.clone()),
        Value::Array(items) => Plist::Array(items.iter().map(plist).collect()),
        Value::Object(entries) => Plist::Dictionary(entries.iter().map(|(name, value)| (name.clone(), plist(value))).collect()),
    }
}

/// The text of a property list.
pub(crate) fn xml(value: &Plist) -> String {
    let mut bytes = Vec::new();
    // Writing to memory does not fail.
    let _ = value.to_writer_xml(&mut bytes);
    let mut text = String::from_utf8(bytes).unwrap_or_default();
    text.push('\n');
    text
}
