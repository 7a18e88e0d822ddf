use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wire::Code;

use crate::fake::{Fake, Reply, fault, status, token};

#[test]
fn the_token_alone_is_on_stdout() {
    let fake = Fake::new(|_, _| token());
    assert_eq!(fake.run("token linear --scope read --min-ttl 60"), (0, "at-1\n".into(), String::new()));
    assert_eq!(fake.asked(), [r#"POST /v1/servers/linear/token {"scope":"read","min_ttl":60}"#]);
    let (exit, out, _) = fake.run("token linear --json");
    assert_eq!((exit, &serde_json::from_str::<Value>(&out).unwrap()["resource"]), (0, &json!("https://mcp.linear.app/mcp")));
}

#[test]
fn every_fault_has_its_exit_code_and_leaves_stdout_empty() {
    for code in Code::all() {
        let fake = Fake::new(move |_, _| fault(code));
        let (exit, out, err) = fake.run("token linear");
        assert_eq!((exit, out.as_str()), (i32::from(code.row().exit), ""), "{}", code.name());
        assert!(err.contains("Ask for help: it@acme.example."), "{err}");
        let (_, out, err) = fake.run("token linear --json");
        assert_eq!((serde_json::from_str::<Value>(&out).unwrap()["code"].as_str(), err.as_str()), (Some(code.name()), ""));
    }
}

#[test]
fn a_name_that_no_server_can_have_is_sent_nowhere() {
    let fake = Fake::new(|_, _| token());
    assert_eq!(fake.run("token ../status").0, 7);
    assert!(fake.asked().is_empty());
}

#[test]
fn headers_are_for_a_helper() {
    let fake = Fake::new(|_, _| token());
    let expected = (0, "{\"Authorization\":\"Bearer at-1\"}\n".to_owned(), String::new());
    assert_eq!(fake.run("headers linear"), expected);
    let named = fake.command("headers").env("CLAUDE_CODE_MCP_SERVER_NAME", "linear").output().unwrap();
    assert_eq!(crate::fake::told(named), expected);
    assert_eq!(fake.run("headers").0, 2);
}

#[test]
fn headers_wait_for_a_sign_in_rather_than_fail() {
    let (sender, events) = mpsc::channel();
    let mut events = Some(events);
    let mut refusals = 1;
    let fake = Fake::new(move |line, _| match line {
        "GET /v1/events" => Reply::Held(events.take().unwrap()),
        _ if refusals > 0 => {
            refusals -= 1;
            fault(Code::SignInRequired)
        }
        _ => token(),
    });
    for state in ["signed-out", "signing-in", "active"] {
        sender.send(status(state, None)).unwrap();
    }
    assert_eq!(fake.run("headers linear").1, "{\"Authorization\":\"Bearer at-1\"}\n");
    let asked = fake.asked();
    assert_eq!(asked.iter().filter(|line| line.ends_with("/token {}")).count(), 2, "asked again only once it served: {asked:?}");
}

#[test]
fn headers_do_not_wait_for_what_no_sign_in_mends() {
    let fake = Fake::new(|_, _| fault(Code::IdpRefused));
    let begun = Instant::now();
    assert_eq!(fake.run("headers linear").0, 7);
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn an_agent_that_comes_up_is_joined() {
    let mut fake = Fake::absent();
    let children: Vec<_> = (0..2).map(|_| fake.command("token linear --no-start").spawn().unwrap()).collect();
    fake.rise(|_, _| token());
    for child in children {
        assert_eq!(crate::fake::told(child.wait_with_output().unwrap()), (0, "at-1\n".into(), String::new()));
    }
}

#[test]
fn an_agent_that_never_comes_is_given_up() {
    let begun = Instant::now();
    let (exit, out, err) = Fake::absent().run("token linear --no-start");
    assert_eq!((exit, out.as_str()), (6, ""));
    assert!(err.contains("within ten seconds") && begun.elapsed() >= Duration::from_secs(10), "{err}");
}

#[test]
fn a_socket_of_another_place_is_named() {
    let fake = Fake::new(|_, _| token());
    let elsewhere = Fake::absent();
    let line = format!("token linear --socket {}", fake.path("run/lanyard/lanyard.sock").display());
    assert_eq!(elsewhere.run(&line).1, "at-1\n");
}

#[test]
fn a_key_is_printed_alone_and_once() {
    let fake = Fake::new(|_, _| Reply::Document(200, json!({ "name": "cursor", "key": "lyk_1" })));
    assert_eq!(fake.run("setup key cursor"), (0, "lyk_1\n".into(), String::new()));
    assert_eq!(fake.asked(), [r#"POST /v1/programs {"name":"cursor"}"#]);
    assert_eq!(
        serde_json::from_str::<Value>(&fake.run("setup key cursor --json").1).unwrap(),
        json!({ "name": "cursor", "key": "lyk_1" })
    );
}
