use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::sync::{Mutex, mpsc};

use serde_json::{Value, json};
use wire::Code;

use crate::fake::{Fake, Reply, fault, status, told};

#[test]
fn status_exits_by_health() {
    for (state, code) in [
        ("active", 0),
        ("renewing", 0),
        ("unconfigured", 3),
        ("waiting", 4),
        ("signed-out", 5),
        ("needs-user", 5),
        ("vault-closed", 8),
    ] {
        let fake = Fake::new(move |_, _| Reply::Document(200, status(state, None)));
        let (exit, out, err) = fake.run("status");
        assert_eq!((exit, err.as_str()), (code, ""), "{state}");
        assert!(out.contains(state) && !out.contains('\x1b'), "a pipe gets no colour: {out}");
        let (exit, out, _) = fake.run("status --json");
        assert_eq!(exit, code);
        assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), status(state, None));
    }
}

#[test]
fn without_an_agent_status_is_still_a_document() {
    let fake = Fake::absent();
    let (exit, out, _) = fake.run("status --json");
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((exit, &document["agent"]["running"], &document["schema"]), (6, &json!(false), &json!(1)));
    let (exit, out, err) = fake.run("status");
    assert_eq!((exit, err.as_str()), (6, ""));
    assert!(out.contains("not running"), "{out}");
}

#[test]
fn the_schema_of_status_names_exactly_what_status_prints() {
    let fake = Fake::absent();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let document: Value = serde_json::from_str(&fake.run("status --json").1).unwrap();
    for words in ["status --schema", "status --json --schema"] {
        let (exit, out, err) = fake.run(words);
        let schema: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((exit, err.as_str()), (0, ""), "{words}");
        assert_eq!(keys(&schema["properties"]), keys(&document));
        assert_eq!(keys(&schema["$defs"]["SessionStatus"]["properties"]), keys(&document["session"]));
    }
}

#[test]
fn a_failure_speaks_on_stderr_or_as_a_problem_alone() {
    let fake = Fake::absent();
    for verb in
        ["pause", "resume", "logout", "retry linear", "doctor", "servers", "setup --list-keys", "policy reload", "audit --follow"]
    {
        let (exit, out, err) = fake.run(verb);
        assert_eq!((exit, out.as_str()), (6, ""), "{verb}");
        assert!(err.starts_with("Lanyard is not running: "), "{verb}: {err}");
        let (exit, out, err) = fake.run(&format!("{verb} --json"));
        let problem: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((exit, err.as_str(), &problem["code"]), (6, "", &json!("agent-not-running")), "{verb}");
    }
}

#[test]
fn a_wrong_use_is_a_problem_too_where_json_was_asked_for() {
    let fake = Fake::absent();
    let (exit, out, err) = fake.run("token --json");
    let problem: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((exit, err.as_str(), &problem["code"]), (2, "", &json!("bad-request")));
    let (exit, out, err) = fake.run("token");
    assert_eq!((exit, out.as_str()), (2, ""));
    assert!(err.contains("Usage"), "{err}");
}

#[test]
fn watching_shows_every_change_and_ends_with_the_agent() {
    let fake = Fake::new(|_, _| Reply::Events(vec![status("signing-in", None), status("active", None)]));
    let (exit, out, _) = fake.run("status --watch");
    assert_eq!(exit, 6);
    assert!(out.contains("signing-in") && out.contains("active as Ada"), "{out}");
    let (_, out, _) = fake.run("servers --watch --json");
    let documents: Vec<Value> = serde_json::Deserializer::from_str(&out).into_iter().map(Result::unwrap).collect();
    let [first, _, problem] = &documents[..] else { panic!("{out}") };
    assert_eq!((&first["servers"][0]["id"], &problem["code"]), (&json!("linear"), &json!("agent-not-running")));
}

#[test]
fn login_says_who_is_signed_in_already() {
    let fake = Fake::new(|_, _| Reply::Document(200, status("active", None)));
    assert_eq!(fake.run("login"), (0, "Signed in as Ada Lovelace.\n".into(), String::new()));
    assert_eq!(fake.asked(), ["GET /v1/status"]);
}

/// An agent whose session changes when the test says so.
fn signing_in(events: mpsc::Receiver<Value>) -> Fake {
    let events = Mutex::new(Some(events));
    Fake::new(move |line, body| match line {
        "GET /v1/status" => Reply::Document(200, status("signed-out", None)),
        "GET /v1/events" => Reply::Held(events.lock().unwrap().take().unwrap()),
        _ if body.contains("redirected") => Reply::Document(200, json!({ "authorization_url": "https://idp.example/a" })),
        "POST /v1/session/sign-in" => Reply::Document(200, json!({ "authorization_url": "https://idp.example/a?x=1" })),
        _ => fault(Code::Internal),
    })
}

#[test]
fn the_address_alone_is_the_first_line_and_login_waits() {
    let (sender, events) = mpsc::channel();
    let fake = signing_in(events);
    let mut child = fake.command("login --print-url").spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "https://idp.example/a?x=1");
    for state in ["signed-out", "signing-in", "active"] {
        sender.send(status(state, None)).unwrap();
    }
    assert_eq!(lines.next().unwrap().unwrap(), "Signed in as Ada Lovelace.");
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_pasted_address_reaches_the_agent_and_a_refused_account_exits_7() {
    let (sender, events) = mpsc::channel();
    let fake = signing_in(events);
    let mut child = fake.command("login --print-url --paste").stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "http://127.0.0.1:5000/?code=c&state=s").unwrap();
    sender.send(status("signing-in", None)).unwrap();
    let pasted = std::iter::from_fn(|| Some(fake.next())).find(|line| line.contains("redirected")).unwrap();
    assert!(pasted.ends_with(r#"{"open_browser":false,"redirected":"http://127.0.0.1:5000/?code=c&state=s"}"#), "{pasted}");
    sender.send(status("signed-out", Some(Code::AccountNotAllowed))).unwrap();
    let (exit, out, err) = told(child.wait_with_output().unwrap());
    assert_eq!((exit, out.as_str()), (7, "https://idp.example/a?x=1\n"));
    assert!(err.contains("Account not allowed: "), "{err}");
}

#[test]
fn logout_succeeds_although_no_browser_opens() {
    let fake = Fake::new(|_, _| Reply::Document(200, json!({ "end_session_url": "https://idp.example/end" })));
    let (exit, out, _) = fake.run("logout");
    assert_eq!((exit, out.as_str()), (0, "Signed out.\n"));
    let fake = Fake::new(|_, _| Reply::Document(200, Value::Null));
    assert_eq!(fake.run("logout").0, 0);
}

#[test]
fn the_short_verbs_ask_their_route() {
    let fake = Fake::new(|_, _| Reply::Document(200, Value::Null));
    for (verb, asked) in
        [("pause", "POST /v1/pause {}"), ("resume", "POST /v1/resume {}"), ("retry linear", "POST /v1/servers/linear/retry {}")]
    {
        assert_eq!(fake.run(verb).0, 0, "{verb}");
        assert_eq!(fake.asked(), [asked]);
    }
}

#[test]
fn a_key_is_removed_once() {
    let mut there = true;
    let fake = Fake::new(move |_, _| Reply::Document(200, json!({ "removed": std::mem::take(&mut there) })));
    assert_eq!(fake.run("setup --remove-key cursor").0, 0);
    assert_eq!(fake.asked(), [r#"DELETE /v1/programs {"name":"cursor"}"#]);
    assert_eq!(fake.run("setup --remove-key cursor").0, 2);
}

#[test]
fn doctor_exits_by_its_first_failing_step() {
    let step = |outcome: &str, fault: Value| json!({ "step": "idp", "title": "Reach the identity provider", "outcome": outcome, "found": "", "took_ms": 1, "fault": fault });
    let steps = vec![
        step("warning", Value::Null),
        step("failed", serde_json::to_value(Code::IdpUnreachable.problem(None)).unwrap()),
        step("failed", serde_json::to_value(Code::ServerRefused.problem(None)).unwrap()),
    ];
    let fake = Fake::new(move |_, _| Reply::Events(steps.clone()));
    let (exit, out, _) = fake.run("doctor linear");
    assert_eq!(exit, 4);
    assert_eq!(out.matches("FAIL").count(), 2);
    let (exit, out, _) = fake.run("doctor --json");
    assert_eq!((exit, serde_json::from_str::<Value>(&out).unwrap()["steps"].as_array().unwrap().len()), (4, 3));
    assert_eq!(fake.asked(), ["GET /v1/doctor/linear", "GET /v1/doctor"]);
}

#[test]
fn policy_is_shown_and_checked_without_an_agent() {
    let fake = Fake::absent();
    let (exit, out, _) = fake.run("policy");
    assert_eq!(exit, 0);
    assert!(out.contains("MonthlyMintBudget"), "{out}");
    let bad = fake.path("bad.json");
    std::fs::write(&bad, r#"{"Issuer":"https://idp.example","ClientId":"c","Isuer":1}"#).unwrap();
    let (exit, out, err) = fake.run(&format!("policy check {}", bad.display()));
    assert_eq!((exit, err.as_str()), (3, ""));
    assert!(out.contains("Isuer") && out.contains("did you mean Issuer"), "{out}");
    std::fs::write(&bad, r#"{"Issuer":"https://idp.example","ClientId":"c"}"#).unwrap();
    assert_eq!(fake.run(&format!("policy check {}", bad.display())).0, 0);
}

#[test]
fn audit_reads_page_after_page_or_the_file() {
    let event = |id: u64| json!({ "id": id, "time": "2026-03-01T12:00:00Z", "event": "paused", "outcome": "allowed" });
    let fake = Fake::new(move |line, _| match line {
        "GET /v1/audit?after=0" => Reply::Document(200, json!({ "events": [event(1), event(2)], "last": 3 })),
        _ => Reply::Document(200, json!({ "events": [event(3)], "last": 3 })),
    });
    let (exit, out, _) = fake.run("audit --json");
    assert_eq!((exit, out.lines().count()), (0, 3));

    let absent = Fake::absent();
    let folder = absent.path(".local/state/lanyard");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("audit.jsonl"), format!("{}\n{}\nbroken", event(1), event(2))).unwrap();
    let (exit, out, _) = absent.run("audit");
    assert_eq!((exit, out.lines().count()), (0, 2));
}
