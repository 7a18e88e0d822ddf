//! What a preferences file of macOS says, XML or binary. Where the files are is macOS' own.

use std::collections::BTreeMap;
use std::io::Cursor;

use plist::Value;

use super::json::{Json, LIMIT};
use super::structured::opened;
use crate::layer::{Given, Values};

const DEPTH: usize = 32;

/// Why a file is not a preferences file.
#[derive(Debug, thiserror::Error)]
pub enum PlistError {
    /// Over the limit of policy files.
    #[error("it is larger than 1 MiB")]
    TooLarge,
    /// Half written, or something else.
    #[error("it is not a property list")]
    Syntax(#[source] plist::Error),
    /// A property list of something else.
    #[error("it is a property list, but not a dictionary")]
    NotDictionary,
}

/// What a preferences file says. What the system adds for itself (`Payload...`) says nothing.
///
/// # Errors
/// [`PlistError`].
pub fn values(bytes: &[u8]) -> Result<Values, PlistError> {
    if bytes.len() > LIMIT {
        return Err(PlistError::TooLarge);
    }
    match Value::from_reader(Cursor::new(bytes)).map_err(PlistError::Syntax)? {
        Value::Dictionary(entries) => {
            let own = entries.into_iter().filter(|(name, _)| !name.starts_with("Payload"));
            Ok(own.map(|(name, value)| (name.clone(), json(value, DEPTH).and_then(|json| opened(&name, json)))).collect())
        }
        _ => Err(PlistError::NotDictionary),
    }
}

fn json(value: Value, depth: usize) -> Given {
    let inner = depth.checked_sub(1).ok_or("is nested too deeply")?;
    match value {
        Value::Boolean(yes) => Ok(Json::Bool(yes)),
        Value::Integer(number) => Ok(number.as_signed().map_or(Json::Fraction(f64::INFINITY), Json::Whole)),
        Value::Real(number) => Ok(Json::Fraction(number)),
        Value::String(text) => Ok(Json::text(&text)),
        Value::Array(items) => items.into_iter().map(|item| json(item, inner)).collect::<Result<_, _>>().map(Json::List),
        Value::Dictionary(entries) => entries
            .into_iter()
            .map(|(name, value)| Ok((name, json(value, inner)?)))
            .collect::<Result<BTreeMap<_, _>, String>>()
            .map(Json::Table),
        _ => Err("holds a date or raw data, which no setting has".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xml(inside: &str) -> Vec<u8> {
        format!("<?xml version=\"1.0\"?><plist version=\"1.0\"><dict>{inside}</dict></plist>").into_bytes()
    }

    #[test]
    fn real_types_and_json_texts_mean_the_same() {
        let text = xml("<key>Issuer</key><string>https://a.example</string><key>TokenDoor</key><false/>\
             <key>MonthlyMintBudget</key><integer>7</integer><key>Scopes</key><array><string>openid</string></array>\
             <key>Servers</key><dict><key>wiki</key><dict><key>url</key><string>https://w.example/mcp</string></dict>\
             <key>text</key><string>{\"url\":\"https://t.example/mcp\"}</string></dict>\
             <key>PayloadUUID</key><string>1</string>");
        let read = values(&text).unwrap();
        assert_eq!(read["TokenDoor"], Ok(Json::Bool(false)));
        assert_eq!(read["MonthlyMintBudget"], Ok(Json::Whole(7)));
        assert!(!read.contains_key("PayloadUUID"));
        let Ok(Json::Table(servers)) = &read["Servers"] else { panic!("{read:?}") };
        assert!(servers.values().all(|server| matches!(server, Json::Table(_))));

        let mut binary = Vec::new();
        Value::from_reader(Cursor::new(&text)).unwrap().to_writer_binary(&mut binary).unwrap();
        assert_eq!(values(&binary).unwrap(), read, "binary says the same");
    }

    #[test]
    fn what_is_no_dictionary_or_has_no_kind_is_a_fault() {
        assert!(values(&xml("<key>Issuer</key><data>AAAA</data>")).unwrap()["Issuer"].is_err());
        assert!(values(&xml("<key>Scopes</key><array><date>2026-01-01T00:00:00Z</date></array>")).unwrap()["Scopes"].is_err());
        for bytes in [&b"<plist><array/></plist>"[..], b"", b"bplist00", b"<plist><dict><key>a</key>"] {
            assert!(values(bytes).is_err(), "{bytes:?}");
        }
        assert!(matches!(values(&vec![b' '; LIMIT + 1]), Err(PlistError::TooLarge)));
    }
}
