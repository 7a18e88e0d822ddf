use std::io::{BufRead, BufReader, Read, Write};
use std::sync::atomic::Ordering::SeqCst;

use crate::world::{TOKEN, one, open, until};
use serde_json::{Value, json};
use wire::Code;

#[test]
fn a_token_is_served_as_the_contract_says() {
    let open = open();
    let reply = open.ask("POST", "/v1/servers/wiki/token", Some(r#"{"scope":"read","min_ttl":60,"later":[1]}"#));
    let said = reply.json();
    assert_eq!(reply.status, 200);
    assert_eq!((&said["access_token"], &said["token_type"], &said["scope"]), (&json!(TOKEN), &json!("Bearer"), &json!("read")));
    assert!((3_590..=3_600).contains(&said["expires_in"].as_i64().unwrap()));
    assert_eq!(said.as_object().unwrap().len(), 6, "LI-22: nothing else has a place");
    assert!(reply.head.contains("cache-control: no-store") && reply.head.contains("nosniff"));
    // Without a body, too, and again on the same connection.
    let mut stream = open.socket();
    for _ in 0..3 {
        stream.write_all(b"POST /v1/servers/wiki/token HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        assert_eq!(one(&mut stream).json()["access_token"], TOKEN);
    }
    assert_eq!(open.world.at_work.load(SeqCst), 0, "all of it was at hand");
}

#[test]
fn a_life_that_was_asked_for_is_served_or_is_a_fault() {
    let open = open();
    *open.world.life.lock().unwrap() = 100;
    assert_eq!(open.ask("POST", "/v1/servers/wiki/token", Some(r#"{"min_ttl":90}"#)).status, 200);
    let reply = open.ask("POST", "/v1/servers/wiki/token", Some(r#"{"min_ttl":200}"#));
    assert_eq!((reply.status, reply.code().as_str()), (400, "bad-request"));
    assert_eq!(open.world.at_work.load(SeqCst), 1, "the one at hand was too short, so a fresh one was asked for");
    *open.world.life.lock().unwrap() = -5;
    assert_eq!(open.ask("POST", "/v1/servers/wiki/token", None).code(), "internal");
}

#[test]
fn a_closed_door_and_a_contained_server_give_no_token() {
    let open = open();
    let contained = open.ask("POST", "/v1/servers/jira/token", None);
    assert_eq!((contained.status, contained.code().as_str()), (503, "door-closed"));
    assert_eq!(contained.json()["contact"], "jira@example");
    let listed = open.ask("GET", "/v1/servers", None).json();
    assert_eq!(listed["servers"][0], json!({"id":"jira","title":"jira","url":"https://jira.example/mcp","token":false}));
    assert_eq!(listed["servers"][1]["token"], true);

    assert_eq!(open.ask("POST", "/v1/pause", None).status, 200);
    assert_eq!(open.ask("POST", "/v1/servers/wiki/token", None).code(), "door-closed");
    assert_eq!(open.ask("GET", "/v1/servers", None).code(), "door-closed");
    assert_eq!(open.ask("GET", "/v1/status", None).json()["agent"]["paused"], true);
    assert_eq!(open.ask("POST", "/v1/resume", None).status, 200);
    assert_eq!(open.ask("POST", "/v1/servers/wiki/token", None).status, 200);

    for code in [Code::NotConfigured, Code::PolicyFault] {
        open.world.set(|rules| rules.closed = Some(code));
        assert_eq!(open.ask("POST", "/v1/servers/wiki/token", None).code(), code.name());
        assert_eq!(open.ask("GET", "/v1/policy", None).status, 200);
    }
    open.world.set(|rules| (rules.closed, rules.token_door) = (None, false));
    assert_eq!(open.ask("POST", "/v1/servers/wiki/token", None).code(), "door-closed");
}

#[test]
fn a_fault_of_the_exchange_names_whom_to_ask() {
    let open = open();
    open.world.cached.store(false, SeqCst);
    *open.world.fault.lock().unwrap() = Some(Code::IdpThrottled.problem(None).after(Some(7)));
    let reply = open.ask("POST", "/v1/servers/wiki/token", None);
    assert_eq!((reply.status, reply.json()["contact"].clone()), (503, json!("wiki@example")));
    assert!(reply.head.contains("retry-after: 7"));
    open.world.set(|rules| rules.servers.get_mut("wiki").unwrap().contact = None);
    assert_eq!(open.ask("POST", "/v1/servers/wiki/token", None).json()["contact"], "it@example");
    *open.world.fault.lock().unwrap() = Some(Code::IdpRefused.problem(Some("their own")));
    assert_eq!(open.ask("POST", "/v1/servers/wiki/token", None).json()["contact"], "their own");
}

#[test]
fn every_decision_is_audited() {
    let open = open();
    for _ in 0..5 {
        open.ask("POST", "/v1/servers/wiki/token", None);
    }
    open.world.cached.store(false, SeqCst);
    open.ask("POST", "/v1/servers/wiki/token", Some(r#"{"scope":"read"}"#));
    open.ask("POST", "/v1/servers/nowhere/token", None);
    open.ask("POST", "/v1/servers/wiki/retry", None);
    open.ask("POST", "/v1/pause", None);
    open.ask("POST", "/v1/resume", None);
    open.ask("POST", "/v1/programs", Some(r#"{"name":"claude"}"#));
    let said = open.ask("GET", "/v1/audit", None).json();
    let events = said["events"].as_array().unwrap();
    let names: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    let expected = ["token-served", "token-served", "token-refused", "retried", "paused", "resumed", "key-made"];
    assert_eq!(names, expected, "the first cached token at once, the others counted");
    assert_eq!(said["last"], 7);
    let (cached, minted, refused) = (&events[0], &events[1], &events[2]);
    assert_eq!((&cached["account"], &cached["door"], &cached["server"]), (&json!("ada"), &json!("socket"), &json!("wiki")));
    let me = std::env::current_exe().unwrap();
    assert_eq!(cached["client"]["program"], me.to_str().unwrap());
    assert_eq!(cached["client"]["pid"], std::process::id());
    assert!(["held-handle", "start-time"].contains(&cached["client"]["evidence"].as_str().unwrap()));
    assert_eq!((&minted["assertion"], &minted["trace"]), (&json!("0a1b2c3d"), &json!("trace")));
    assert!(minted["token_life"].as_u64().unwrap() >= 3_590);
    assert_eq!((&refused["outcome"], &refused["fault"]), (&json!("refused"), &json!("server-unknown")));
    assert!(!said.to_string().contains(TOKEN));
    let later = open.ask("GET", "/v1/audit?after=5", None).json();
    assert_eq!(later["events"].as_array().unwrap().len(), 2);
    open.audit.flush();
    assert_eq!(open.audit.since(7).0[0].count, Some(4));
}

#[test]
fn keys_are_made_listed_and_shown_once() {
    let open = open();
    let made = open.ask("POST", "/v1/programs", Some(r#"{"name":"claude"}"#)).json();
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with("lyk_") && key.len() == 47);
    assert_eq!(open.ask("POST", "/v1/programs", Some(r#"{"name":"claude"}"#)).code(), "bad-request");
    assert_eq!(open.ask("POST", "/v1/programs", Some(r#"{"name":"../x"}"#)).code(), "bad-request");
    assert_eq!(open.ask("POST", "/v1/programs", None).code(), "bad-request");
    open.ask("POST", "/v1/servers/wiki/token", None);
    let listed = open.ask("GET", "/v1/programs", None);
    assert!(!listed.body.contains(key));
    let programs = listed.json();
    assert_eq!((&programs["programs"][0]["name"], &programs["programs"][0]["has_key"]), (&json!("claude"), &json!(true)));
    assert_eq!(programs["programs"][1]["servers_today"], json!(["wiki"]));
    assert_eq!(open.ask("DELETE", "/v1/programs", Some(r#"{"name":"claude"}"#)).json()["removed"], true);
    assert_eq!(open.ask("DELETE", "/v1/programs", Some(r#"{"name":"claude"}"#)).json()["removed"], false);
}

#[test]
fn a_browser_opens_once_and_signing_out_is_policys_to_allow() {
    let open = open();
    open.world.signing_in.store(true, SeqCst);
    let busy = open.ask("POST", "/v1/session/sign-in", Some(r#"{"open_browser":true}"#));
    assert_eq!((busy.code().as_str(), busy.head.contains("retry-after: 9")), ("sign-in-in-progress", true));
    open.world.signing_in.store(false, SeqCst);
    let opened = open.ask("POST", "/v1/session/sign-in", Some(r#"{"open_browser":true}"#));
    assert_eq!(opened.json()["authorization_url"], "https://idp.example/authorize", "what failed did not count");
    let again = open.ask("POST", "/v1/session/sign-in", Some(r#"{"open_browser":true}"#));
    assert_eq!(again.code(), "busy");
    assert_eq!(open.ask("POST", "/v1/session/sign-in", None).status, 200, "without a browser there is no limit");
    assert_eq!(open.world.sign_ins.load(SeqCst), 3);

    assert_eq!(open.ask("POST", "/v1/session/sign-out", None).status, 200);
    open.world.set(|rules| rules.sign_out = false);
    assert_eq!(open.ask("POST", "/v1/session/sign-out", None).code(), "client-not-allowed");
}

#[test]
fn the_other_documents_are_as_the_agent_gives_them() {
    let open = open();
    assert_eq!(open.ask("GET", "/v1/policy", None).json()["hash"], "");
    assert_eq!(open.ask("POST", "/v1/policy/reload", None).json()["hash"], "fresh");
    assert_eq!(open.ask("POST", "/v1/diagnostics", Some("{}")).json(), json!({"files": []}));
    let status: wire::Status = serde_json::from_value(open.ask("GET", "/v1/status", None).json()).unwrap();
    assert_eq!(status.session.state, "active");
    let client = wire::client::Client::new(open.socket_path());
    assert_eq!(client.get::<wire::Status>("/v1/status").unwrap(), status);
    let reply: wire::TokenReply = client.post("/v1/servers/wiki/token", &wire::TokenRequest::default()).unwrap();
    assert_eq!(reply.access_token.expose(), TOKEN);
    let steps: Vec<Value> =
        client.events("/v1/doctor/wiki").unwrap().map(|step| serde_json::from_str(&step.unwrap()).unwrap()).collect();
    assert_eq!(steps.iter().map(|step| step["step"].as_str().unwrap()).collect::<Vec<_>>(), ["policy", "idp"]);
}

#[test]
fn status_is_sent_at_the_start_at_each_change_and_ends_with_the_door() {
    let mut open = open();
    let client = wire::client::Client::new(open.socket_path());
    let mut events = client.events("/v1/events").unwrap();
    let mut paused = || -> bool {
        let status: wire::Status = serde_json::from_str(&events.next().unwrap().unwrap()).unwrap();
        status.agent.paused
    };
    assert!(!paused());
    open.world.paused.store(true, SeqCst);
    open.world.changes.send_modify(|number| *number += 1);
    assert!(paused());
    open.shutdown();
    assert!(events.next().is_none());
}

#[test]
fn status_is_sent_also_when_time_alone_changed_it() {
    let open = open();
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_millis(300);
    *open.world.next_change.lock().unwrap() = Some(soon);
    let client = wire::client::Client::new(open.socket_path());
    let mut events = client.events("/v1/events").unwrap();
    // The first waits for nothing, and each wait asks anew: the time is set for the second.
    events.next().unwrap().unwrap();
    *open.world.next_change.lock().unwrap() = Some(soon);
    open.world.changes.send_modify(|number| *number += 1);
    events.next().unwrap().unwrap();
    events.next().unwrap().unwrap();
    assert!(jiff::Timestamp::now() >= soon);
}

#[test]
fn the_events_name_themselves() {
    let open = open();
    let mut stream = open.socket();
    stream.write_all(b"GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut lines = BufReader::new(stream).lines();
    let kind = lines.by_ref().map(|line| line.unwrap()).find(|line| line.starts_with("content-type:"));
    assert_eq!(kind.unwrap(), "content-type: text/event-stream");
    assert_eq!(lines.map(|line| line.unwrap()).find(|line| line.starts_with("event:")).unwrap(), "event: status");
}

#[test]
fn a_caller_that_vanishes_stops_its_work() {
    let open = open();
    open.world.cached.store(false, SeqCst);
    open.world.stuck.store(true, SeqCst);
    let mut stream = open.socket();
    stream.write_all(b"POST /v1/servers/wiki/token HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    until(|| open.world.at_work.load(SeqCst) == 1);
    assert_eq!(open.world.given_up.load(SeqCst), 0);
    drop(stream);
    until(|| open.world.given_up.load(SeqCst) == 1);
}

#[test]
fn the_end_is_orderly() {
    let mut open = open();
    let mut idle = open.socket();
    idle.write_all(b"GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert_eq!(one(&mut idle).status, 200);
    open.shutdown();
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty() && !open.socket_path().exists());
}

#[test]
fn eight_requests_may_wait_for_a_person() {
    let open = open();
    open.world.stuck.store(true, SeqCst);
    let mut waiting = Vec::new();
    for _ in 0..8 {
        let mut stream = open.socket();
        stream.write_all(b"POST /v1/session/sign-in HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        waiting.push(stream);
    }
    until(|| open.world.sign_ins.load(SeqCst) == 8);
    assert_eq!(open.ask("POST", "/v1/session/sign-in", None).code(), "busy");
    drop(waiting);
    open.world.stuck.store(false, SeqCst);
    until(|| open.ask("POST", "/v1/session/sign-in", None).status == 200);
}
