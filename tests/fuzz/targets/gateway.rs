//! What clients and contained servers say at the gateway. Whatever passes is read again by another parser, which must
//! not find what policy does not allow.

#![no_main]

use broker::{Bounds, Containment, ToolPattern};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const DENIED: &str = "admin";

fuzz_target!(|input: &[u8]| {
    let deny = ToolPattern::parse("admin*").into_iter().collect();
    let bounds = |read_only| Bounds { allow: None, deny: Vec::clone(&deny), read_only };
    let named = Containment { all: bounds(false), programs: Vec::new() };
    let reading = Containment { all: bounds(true), programs: Vec::new() };

    let (first, second) = input.split_at(input.len() / 2);
    let whole = named.streams([input]);
    assert_eq!(whole, named.streams([first, second]), "a stream means the same in any pieces");
    if let Some(text) = whole.and_then(|bytes| String::from_utf8(bytes).ok()) {
        for data in text.lines().filter_map(|line| line.strip_prefix("data:")) {
            no_denied_tool(data, false);
        }
    }

    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Some(sent) = named.sends(text) {
        for message in messages(&sent) {
            let method = message["method"].as_str().unwrap_or_default();
            let name = message["params"]["name"].as_str().unwrap_or_default();
            assert!(method != "tools/call" || !name.starts_with(DENIED), "{sent}");
        }
        assert_eq!(named.sends(&sent).as_ref(), Some(&sent), "what was sent on needs nothing more");
    }
    if let Some(sent) = reading.sends(text) {
        assert!(messages(&sent).iter().all(|message| message["method"] != "tools/call"), "{sent}");
    }
    for (containment, read_only) in [(&named, false), (&reading, true)] {
        if let Some(shown) = containment.shows(text) {
            no_denied_tool(&shown, read_only);
            assert_eq!(containment.shows(&shown).as_ref(), Some(&shown), "what is shown hides nothing more");
        }
    }
});

fn messages(text: &str) -> Vec<Value> {
    match serde_json::from_str(text) {
        Ok(Value::Array(messages)) => messages,
        Ok(message) => vec![message],
        Err(_) => Vec::new(),
    }
}

fn no_denied_tool(text: &str, read_only: bool) {
    for message in messages(text) {
        for tool in message["result"]["tools"].as_array().into_iter().flatten() {
            assert!(!tool["name"].as_str().unwrap_or_default().starts_with(DENIED), "{text}");
            assert!(!read_only || tool["annotations"]["readOnlyHint"] == true, "{text}");
        }
    }
}
