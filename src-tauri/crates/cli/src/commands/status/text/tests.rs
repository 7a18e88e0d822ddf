use serde_json::json;
use wire::Code;

use super::*;

const NOW: &str = "2026-03-01T12:00:00Z";

/// Status as the API sends it, so that the snapshot also holds the document's names to the contract.
fn status(change: impl FnOnce(&mut serde_json::Value)) -> Status {
    let mut document = json!({
        "schema": 1,
        "version": "0.1.0",
        "agent": { "running": true, "pid": 4242, "since": "2026-03-01T08:00:00Z", "paused": false },
        "policy": { "managed": true, "origins": ["/etc/lanyard/policy.json"], "hash": "abc", "faults": [], "unknown": [] },
        "session": {
            "state": "active", "reason": null, "since": "2026-03-01T08:01:00Z", "renews_at": "2026-03-01T12:40:00Z",
            "account": { "subject": "00u1", "name": "Ada Lovelace", "email": "ada@acme.example" }, "fault": null
        },
        "servers": [
            { "id": "linear", "title": "Linear", "url": "https://mcp.linear.app/mcp", "state": "ready", "expires_at": "2026-03-01T12:50:00Z",
              "scope": "read write", "last_used": "2026-03-01T11:58:00Z", "mints_this_month": 212, "mint_budget": 250, "fault": null },
            { "id": "wiki", "title": "Company wiki", "url": "https://wiki.acme.example/mcp", "state": "idle", "expires_at": null,
              "scope": null, "last_used": null, "mints_this_month": 0, "mint_budget": 250, "fault": null },
        ],
        "doors": { "socket": "/run/user/1000/lanyard/lanyard.sock", "loopback": "http://127.0.0.1:49321" },
        "vault": { "kind": "keychain", "state": "open" },
        "warnings": []
    });
    change(&mut document);
    serde_json::from_value(document).unwrap()
}

fn shown(change: impl FnOnce(&mut serde_json::Value)) -> String {
    let text = whole(&status(change), NOW.parse().unwrap());
    anstream::adapter::strip_str(&text).to_string()
}

fn fault(code: Code) -> serde_json::Value {
    serde_json::to_value(code.problem(Some("it@acme.example"))).unwrap()
}

#[test]
fn an_active_session() {
    insta::assert_snapshot!(shown(|_| ()));
}

#[test]
fn nobody_is_signed_in_and_a_server_refused() {
    insta::assert_snapshot!(shown(|status| {
        status["session"] = json!({ "state": "signed-out", "reason": "revoked", "account": null, "since": null,
            "renews_at": null, "fault": fault(Code::SignInRequired) });
        status["servers"][0]["state"] = "denied".into();
        status["servers"][0]["expires_at"] = "2026-03-01T11:00:00Z".into();
        status["servers"][0]["fault"] = fault(Code::ServerRefused);
    }));
}

#[test]
fn a_locked_screen_is_told_from_a_pause() {
    let text = shown(|status| status["agent"]["screen_locked"] = true.into());
    assert!(text.contains("paused while the screen is locked; version"), "{text}");
    let both = shown(|status| (status["agent"]["screen_locked"], status["agent"]["paused"]) = (true.into(), true.into()));
    assert!(both.contains("paused; version"), "{both}");
}

#[test]
fn waiting_for_the_network_while_paused() {
    insta::assert_snapshot!(shown(|status| {
        status["agent"]["paused"] = true.into();
        status["session"]["state"] = "waiting".into();
        status["session"]["fault"] = fault(Code::IdpUnreachable);
        status["session"]["renews_at"] = "2026-03-01T12:00:30Z".into();
        status["warnings"] = json!(["AllowInsecureLoopback is on: for development only."]);
    }));
}

#[test]
fn policy_is_faulty() {
    insta::assert_snapshot!(shown(|status| {
        status["session"] = json!({ "state": "unconfigured", "reason": null, "account": null, "since": null,
            "renews_at": null, "fault": fault(Code::PolicyFault) });
        status["servers"] = json!([]);
        status["doors"] = json!({ "socket": "/run/user/1000/lanyard/lanyard.sock", "loopback": null });
        status["policy"]["faults"] = json!([
            { "setting": "Issuer", "origin": "/etc/lanyard/policy.json", "message": "must be an https address" },
            { "setting": "", "origin": "/etc/lanyard/policy.d/10.json", "message": "is writable by others" },
        ]);
        status["policy"]["unknown"] =
            json!([{ "name": "ClientID", "origin": "/etc/lanyard/policy.json", "nearest": "ClientId" }]);
    }));
}

#[test]
fn no_agent_runs() {
    insta::assert_snapshot!(shown(|status| {
        status["agent"] = json!({ "running": false, "pid": null, "since": null, "paused": false });
        status["servers"] = json!([]);
        status["policy"]["managed"] = false.into();
        status["policy"]["origins"] = json!([]);
    }));
}

#[test]
fn a_name_from_outside_cannot_steer_the_terminal() {
    let text = shown(|status| status["session"]["account"]["name"] = "Ada\u{1b}]0;root\u{7}\nPolicy".into());
    assert!(!text.contains('\u{1b}') && !text.contains('\u{7}') && !text.contains("\nPolicy\n"), "{text:?}");
}
