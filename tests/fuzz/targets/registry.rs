//! The values of a registry key: a line each, `name:type:text`, with `/` between a subkey and its value.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use policy::source::registry::{Key, Raw, values};

fuzz_target!(|text: &str| {
    let policy = policy::judge("registry", values(key(text), |name| Some(name.to_lowercase())));
    let again = policy::judge("registry", values(key(text), |name| Some(name.to_lowercase())));
    assert_eq!(policy.hash, again.hash, "the same key is the same policy");
    assert!(policy.servers.len() <= 1_000);
});

fn key(text: &str) -> Key {
    let mut key = Key { values: Vec::new(), keys: BTreeMap::new() };
    for line in text.lines() {
        let mut parts = line.splitn(3, ':');
        let (Some(name), Some(kind), Some(value)) = (parts.next(), parts.next(), parts.next()) else { continue };
        let raw = match kind {
            "s" => Raw::Text(value.into()),
            "e" => Raw::Expandable(value.into()),
            "m" => Raw::Lines(value.split('|').map(Into::into).collect()),
            "n" => Raw::Number(value.parse().unwrap_or(u64::MAX)),
            _ => Raw::Other,
        };
        match name.split_once('/') {
            Some((sub, name)) => key.keys.entry(sub.to_owned()).or_default().push((name.to_owned(), raw)),
            None => key.values.push((name.to_owned(), raw)),
        }
    }
    key
}
