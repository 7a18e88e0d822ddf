//! The whole of what the pages can ask, by name and type.

use std::collections::BTreeMap;

const SOURCE: &str = include_str!("../commands.rs");
const WINDOW: &str = include_str!("../window.rs");
const PAGES: &str = include_str!("../../../ui/src/agent.ts");

/// Every command with its parameters and what it answers.
fn commands() -> BTreeMap<&'static str, &'static str> {
    let signatures = SOURCE.split("#[tauri::command]\n").skip(1).map(|rest| rest.split(" {\n").next().unwrap());
    signatures
        .map(|signature| {
            let (_, signature) = signature.split_once("fn ").unwrap();
            signature.split_at(signature.find('(').unwrap())
        })
        .collect()
}

#[test]
fn what_the_pages_can_ask_is_this_and_no_more() {
    let listed: Vec<String> = commands().iter().map(|(name, rest)| format!("{name}{rest}")).collect();
    insta::assert_snapshot!(listed.join("\n"));
}

#[test]
fn every_command_is_offered_and_asked_for() {
    for name in commands().keys() {
        assert!(WINDOW.contains(&format!("commands::{name},")), "{name} is not offered");
        assert!(PAGES.contains(&format!("\"{name}\"")), "no page asks for {name}");
    }
    assert_eq!(WINDOW.matches("commands::").count(), commands().len() + 1, "another is offered");
}

#[test]
fn no_command_knows_what_holds_a_secret() {
    let sources = [SOURCE, include_str!("documents.rs"), include_str!("asking.rs"), include_str!("sibling.rs")];
    for source in sources {
        for word in ["TokenReply", "LoopbackKey", "Secret", "access_token", "/token", "authorization_url:"] {
            assert!(!source.contains(word), "{word}");
        }
    }
}
