//! `lanyard connect`: any client that starts a program.

use sandbox::{Bridge, Desk, Fault, Leg, Options, Times, World};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_uses_a_server_by_standard_input_and_output_alone() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let mut bridge = Bridge::start(&desk, "linear").unwrap();
    assert_eq!(bridge.hello().await["result"]["protocolVersion"], "2025-11-25");
    let listed = bridge.ask(1, "tools/list", json!({})).await;
    assert!(listed["result"]["tools"].to_string().contains("whoami"), "{listed}");
    assert_eq!(bridge.call(2, "whoami", json!({})).await["result"]["structuredContent"]["user"], "ada");
    // Notifications of the server come before the answer.
    let count = json!({"name": "count", "arguments": {"to": 3}, "_meta": {"progressToken": "p"}});
    let counted = bridge.ask(3, "tools/call", count).await;
    assert_eq!(counted["result"]["isError"], false);
    assert_eq!(bridge.others.iter().filter(|other| other["method"] == "notifications/progress").count(), 3);
    // A line that is no message is answered, and no death.
    bridge.line("{ nonsense");
    assert_eq!(bridge.next().await["error"]["code"], -32700);
    bridge.line("");
    assert_eq!(bridge.ask(4, "ping", json!({})).await["result"], json!({}));
    assert_eq!(bridge.close().await, Some(0));
    assert!(world.server("linear").count("DELETE") >= 1, "the server's session was ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_do_not_wait_for_each_other() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let mut bridge = Bridge::start(&desk, "linear").unwrap();
    bridge.hello().await;
    bridge.line(
        &json!({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"count","arguments":{"to":1000,"pause":1000}}})
            .to_string(),
    );
    assert_eq!(bridge.ask(2, "ping", json!({})).await["result"], json!({}));
    assert_eq!(bridge.close().await, Some(0), "an answer that never comes does not keep it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_of_the_stateless_revision_carries_what_http_wants_to_know() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let mut bridge = Bridge::start(&desk, "linear").unwrap();
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "0"},
    });
    let discovered = bridge.ask(1, "server/discover", json!({"_meta": meta})).await;
    assert!(discovered.get("result").is_some(), "{discovered}");
    let called = bridge.ask(2, "tools/call", json!({"name": "whoami", "arguments": {}, "_meta": meta})).await;
    let headers = called["result"]["structuredContent"]["headers"].to_string();
    for name in ["mcp-protocol-version", "mcp-method", "mcp-name"] {
        assert!(headers.contains(name), "{called}");
    }
    let declared = |event: &sandbox::Event| event.kind == "tools/call" && event.detail == "2026-07-28 ema";
    assert!(world.server("linear").audit().iter().any(declared), "{:?}", world.server("linear").audit());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_message_is_held_until_the_person_has_signed_in() {
    let world = World::start(Options::default()).await;
    let desk = Desk::start(&world, &world.policy_json());
    let mut bridge = Bridge::start(&desk, "linear").unwrap();
    let hello = tokio::spawn(async move { (bridge.hello().await, bridge) });
    desk.sign_in("ada").await;
    let (answer, mut bridge) = hello.await.unwrap();
    assert!(answer.get("result").is_some(), "{answer}");
    // Later the session ends: an error that says what to do, and no restart when it is back.
    assert_eq!(desk.say(&["logout"]).await.code, 0);
    let refused = bridge.call(1, "whoami", json!({})).await;
    assert_eq!(refused["error"]["data"]["code"], "sign-in-required", "{refused}");
    assert!(refused["error"]["message"].as_str().unwrap().contains("lanyard login"));
    desk.sign_in("ada").await;
    assert_eq!(bridge.call(2, "whoami", json!({})).await["result"]["structuredContent"]["user"], "ada");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_is_killed_and_comes_back_is_noticed_by_no_client() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    policy["VaultFallback"] = json!("machine-key-file");
    let mut desk = Desk::signed_in(&world, &policy, "ada").await;
    let mut bridges: Vec<Bridge> = (0..10).map(|_| Bridge::start(&desk, "linear").unwrap()).collect();
    for bridge in &mut bridges {
        assert!(bridge.hello().await.get("result").is_some());
    }
    desk.kill_agent();
    for bridge in &mut bridges {
        bridge.line(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).to_string());
    }
    desk.start_agent();
    for bridge in &mut bridges {
        let listed = bridge.answer(1).await;
        assert!(listed.get("result").is_some(), "{listed}");
        assert_eq!(bridge.call(2, "whoami", json!({})).await["result"]["structuredContent"]["user"], "ada");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bridge_starts_the_agent_where_none_runs() {
    let world = World::start(Options::default()).await;
    let desk = Desk::new(&world, &world.policy_json());
    std::fs::write(desk.path("root/etc/lanyard/policy.json"), world.policy_json().to_string()).unwrap();
    let mut bridge = Bridge::start(&desk, "open").unwrap();
    assert!(bridge.hello().await.get("result").is_some());
    let pid = desk.status().await["agent"]["pid"].as_u64().unwrap();
    std::process::Command::new("kill").arg(pid.to_string()).status().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_bridges_at_log_on_make_each_exchange_once() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let servers = ["linear", "figma", "wiki", "open"];
    let mut bridges: Vec<_> = (0..30).map(|number| Bridge::start(&desk, servers[number % 4]).unwrap()).collect();
    let greeted = bridges.iter_mut().map(Bridge::hello);
    for answer in futures_util::future::join_all(greeted).await {
        assert!(answer.get("result").is_some(), "{answer}");
    }
    assert_eq!(world.idp.count("token_exchange"), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_cuts_its_answer_leaves_an_error_and_a_living_bridge() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let mut bridge = Bridge::start(&desk, "linear").unwrap();
    bridge.hello().await;
    world.faults().set(Leg::Mcp("linear"), Fault::Cut, Times::Once);
    let answer = bridge.call(1, "write", json!({"text": "once"})).await;
    assert!(answer.get("result").is_some() || answer["error"]["data"]["code"] == "server-unreachable", "{answer}");
    assert_eq!(bridge.ask(2, "ping", json!({})).await["result"], json!({}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bridge_is_bound_by_the_rules_of_the_program_that_started_it() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    // This test is the bridge's parent.
    let own = std::env::current_exe().unwrap().canonicalize().unwrap();
    policy["Servers"]["linear"]["programs"] = json!({ own.display().to_string(): {"tools": {"deny": ["read"]}} });
    policy["Servers"]["figma"]["programs"] = json!({ "/nowhere/**": {"tools": {"deny": ["read"]}} });
    policy["Servers"]["wiki"]["allowedPrograms"] = json!([desk_program()]);
    let desk = Desk::signed_in(&world, &policy, "ada").await;
    let mut bridge = Bridge::start(&desk, "linear").unwrap();
    bridge.hello().await;
    assert_eq!(bridge.call(1, "read", json!({})).await["error"]["data"]["code"], "door-closed");
    let mut bridge = Bridge::start(&desk, "figma").unwrap();
    bridge.hello().await;
    assert_eq!(bridge.call(1, "read", json!({})).await["result"]["isError"], false);
    let mut bridge = Bridge::start(&desk, "wiki").unwrap();
    assert_eq!(bridge.hello().await["error"]["data"]["code"], "client-not-allowed");
    let log = std::fs::read_to_string(desk.path("state/lanyard/audit.jsonl")).unwrap();
    assert!(log.lines().any(|line| line.contains("tool-refused") && line.contains(&own.display().to_string())), "{log}");
}

/// The program of Lanyard itself, as policy would name it.
fn desk_program() -> String {
    sandbox::desk::binary("lanyard").canonicalize().unwrap().display().to_string()
}
