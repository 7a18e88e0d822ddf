//! The gateway: any MCP client, without a token in sight.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use http::Method;
use sandbox::{AtDoor, Desk, Fault, Leg, Options, Times, World};
use serde_json::{Value, json};

fn list() -> Value {
    json!({"jsonrpc": "2.0", "id": 7, "method": "tools/list"})
}

fn names(answer: &Value) -> Vec<String> {
    let tools = answer["result"]["tools"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
    tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_server_is_used_through_both_doors_without_a_token_in_sight() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    for door in [AtDoor::socket(&desk).unwrap(), AtDoor::loopback(&desk, "tests").await.unwrap()] {
        for server in ["linear", "figma", "wiki", "open"] {
            let session = door.begin(server).await.unwrap();
            assert!(names(&door.post(server, Some(&session), &list()).await.unwrap().answer()).contains(&"whoami".to_owned()));
            let came = door.call(server, &session, "whoami", json!({})).await.unwrap();
            let said = came.answer()["result"]["structuredContent"].clone();
            assert_eq!(said["user"].as_str(), (server != "open").then_some("ada"), "{came:?}");
            let seen = said["headers"].to_string();
            assert!(!seen.contains("lanyard-key") && !seen.contains("origin"), "{seen}");
            let ended = door.ask(Method::DELETE, &format!("/mcp/{server}"), &[("mcp-session-id", &session)], None).await.unwrap();
            assert!((200..300).contains(&ended.status), "{ended:?}");
        }
    }
    // One exchange for each server, and the extension declared for a client that did not.
    assert_eq!(world.idp.count("token_exchange"), 3);
    let declared = |server: &str| {
        world.server(server).audit().iter().any(|event| event.kind == "initialize" && event.detail.ends_with("ema"))
    };
    assert!(declared("linear") && !declared("open"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_that_end_every_few_seconds_are_noticed_by_nobody() {
    let world = World::start(Options { token_seconds: 6, ..Options::default() }).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let door = AtDoor::socket(&desk).unwrap();
    // `cargo xtask full` lets it run for minutes.
    let seconds = std::env::var("LANYARD_SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(20);
    let until = Instant::now() + Duration::from_secs(seconds);
    let clients = (0..8).map(|number| {
        let door = door.clone();
        let server = ["linear", "figma", "wiki"][number % 3];
        tokio::spawn(async move {
            let session = door.begin(server).await.unwrap();
            let mut tokens = std::collections::BTreeSet::new();
            while Instant::now() < until {
                let came = door.call(server, &session, "whoami", json!({})).await.unwrap();
                let answer = came.answer();
                assert_eq!((came.status, answer["result"]["structuredContent"]["user"].as_str()), (200, Some("ada")), "{came:?}");
                tokens.insert(answer["result"]["structuredContent"]["token"].to_string());
            }
            tokens.len()
        })
    });
    for client in futures_util::future::join_all(clients).await {
        assert!(client.unwrap() >= 3, "the tokens never changed, so nothing was proven");
    }
    // A revocation in the middle costs one more exchange and nobody a failure.
    let session = door.begin("linear").await.unwrap();
    world.resource("track").revoke_all_tokens();
    assert_eq!(door.call("linear", &session, "whoami", json!({})).await.unwrap().answer()["result"]["isError"], json!(false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scopes_grow_in_the_middle_of_work_and_never_beyond_policy() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let door = AtDoor::socket(&desk).unwrap();
    let session = door.begin("linear").await.unwrap();
    let written = door.call("linear", &session, "write", json!({"text": "hello"})).await.unwrap();
    assert!(written.text.contains("Written: hello"), "{written:?}");
    assert_eq!(world.server("linear").count("forbidden"), 1);
    door.call("linear", &session, "write", json!({"text": "again"})).await.unwrap();
    assert_eq!((world.server("linear").count("forbidden"), world.idp.count("token_exchange")), (1, 2), "the wider token is kept");

    let session = door.begin("wiki").await.unwrap();
    let before = world.idp.count("token_exchange");
    let refused = door.call("wiki", &session, "write", json!({"text": "hello"})).await.unwrap();
    assert_eq!((refused.status, refused.fault().as_str()), (200, "scope-not-allowed"), "{refused:?}");
    assert_eq!(world.idp.count("token_exchange"), before, "nothing was asked that policy does not allow");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_refuses_every_token_costs_one_exchange_a_minute() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let door = AtDoor::socket(&desk).unwrap();
    let session = door.begin("linear").await.unwrap();
    world.faults().set(Leg::Mcp("linear"), Fault::Unauthorized, Times::Always);
    let before = world.idp.count("token_exchange");
    for _ in 0..5 {
        let came = door.call("linear", &session, "whoami", json!({})).await.unwrap();
        assert_eq!((came.status, came.fault().as_str()), (200, "server-refused"), "{came:?}");
        assert!(came.answer()["error"]["message"].as_str().unwrap().contains("linear@acme.example"));
    }
    assert_eq!(world.idp.count("token_exchange"), before + 1);
    world.faults().clear();
    world.faults().set(Leg::Mcp("linear"), Fault::Redirect("https://evil.example/".into()), Times::Always);
    let moved = door.call("linear", &session, "whoami", json!({})).await.unwrap();
    assert_eq!(moved.fault(), "server-misconfigured", "{moved:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_looks_like_a_sign_in_to_a_client() {
    let world = World::start(Options::default()).await;
    let desk = Desk::start(&world, &world.policy_json());
    let door = AtDoor::loopback(&desk, "tests").await.unwrap();
    let plain = |came: &sandbox::Came| {
        assert!(!matches!(came.status, 401 | 403) && !came.headers.contains_key("www-authenticate"), "{came:?}");
    };
    let out = door.begin("linear").await.unwrap_err();
    assert_eq!((out.status, out.fault().as_str()), (200, "sign-in-required"));
    assert!(out.answer()["error"]["message"].as_str().unwrap().contains("lanyard login"), "{out:?}");
    let stream = door.ask(Method::GET, "/mcp/linear", &[], None).await.unwrap();
    assert_eq!((stream.status, stream.fault().as_str()), (503, "sign-in-required"));
    let batch =
        r#"[{"jsonrpc":"2.0","id":"a","method":"ping"},{"jsonrpc":"2.0","method":"n"},{"jsonrpc":"2.0","id":2,"method":"ping"}]"#;
    let batch = door.ask(Method::POST, "/mcp/linear", &[], Some(batch.into())).await.unwrap();
    let errors: Value = serde_json::from_str(&batch.text).unwrap();
    assert_eq!((errors.as_array().unwrap().len(), &errors[0]["id"], &errors[1]["id"]), (2, &json!("a"), &json!(2)));

    desk.sign_in("ada").await;
    let keyless = door.clone().with_key(None).begin("linear").await.unwrap_err();
    assert_eq!((keyless.status, keyless.fault().as_str()), (200, "client-not-allowed"));
    let keyless = door.clone().with_key(Some("lyk_wrong")).ask(Method::GET, "/mcp/linear", &[], None).await.unwrap();
    plain(&keyless);
    assert_eq!(door.begin("nothing").await.unwrap_err().fault(), "server-unknown");
    for path in [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-authorization-server/mcp/linear",
        "/register",
        "/mcp/linear/sse",
    ] {
        assert_eq!(door.ask(Method::GET, path, &[], None).await.unwrap().status, 404, "{path}");
    }
    for (headers, body) in [
        (vec![("content-encoding", "gzip")], list().to_string()),
        (vec![], r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}"#.to_owned()),
        (vec![], "{".to_owned()),
    ] {
        let came = door.ask(Method::POST, "/mcp/linear", &headers, Some(body)).await.unwrap();
        assert_eq!((came.status, came.fault().as_str()), (400, "bad-request"), "{came:?}");
    }
    let long = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"x":"{}"}}}}"#, "x".repeat(17 << 20));
    if let Ok(came) = door.ask(Method::POST, "/mcp/linear", &[], Some(long)).await {
        assert_eq!(came.fault(), "bad-request");
    }
    world.plug("linear", false);
    plain(&door.begin("linear").await.unwrap_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_stream_ends_with_the_reason_when_the_session_or_the_server_goes() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    policy["SessionCheckSeconds"] = json!(5);
    let desk = Desk::signed_in(&world, &policy, "ada").await;
    let door = AtDoor::socket(&desk).unwrap();
    let counting = |server: &'static str| {
        let door = door.clone();
        async move {
            let session = door.begin(server).await.unwrap();
            let params = json!({"name": "count", "arguments": {"to": 1000, "pause": 200}, "_meta": {"progressToken": 1}});
            let message = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params});
            let headers = [("mcp-session-id", session.as_str())];
            let mut stream = door
                .open(Method::POST, &format!("/mcp/{server}"), &headers, Some(message.to_string()))
                .await
                .unwrap()
                .bytes_stream();
            let first = stream.next().await.unwrap().unwrap();
            (stream, first)
        }
    };
    let rest = |stream: futures_util::stream::BoxStream<'static, reqwest::Result<bytes::Bytes>>| async {
        let chunks: Vec<_> = stream.collect().await;
        chunks.into_iter().map(|chunk| String::from_utf8(chunk.unwrap().to_vec()).unwrap()).collect::<String>()
    };

    let (linear, _) = counting("linear").await;
    let (wiki, _) = counting("wiki").await;
    policy["Servers"].as_object_mut().unwrap().remove("linear");
    desk.write_policy(&policy);
    let last = rest(linear.boxed()).await;
    assert!(last.contains("server-unknown") && last.contains("\"id\":7"), "{last}");

    // Nobody asks for a token any more: the open stream alone keeps the checks going.
    world.idp.disable("ada");
    let last = rest(wiki.boxed()).await;
    assert!(last.contains("sign-in-required") && last.contains("disabled"), "{last}");
    world.idp.enable("ada");
    desk.sign_in("ada").await;
    let (figma, _) = counting("figma").await;
    assert_eq!(desk.say(&["logout"]).await.code, 0);
    assert!(rest(figma.boxed()).await.contains("sign-in-required"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_policy_does_not_allow_never_leaves_the_machine() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    policy["Servers"]["linear"]["tools"] = json!({"deny": ["admin*", "write"]});
    policy["Servers"]["figma"]["readOnly"] = json!(true);
    policy["Servers"]["wiki"]["programs"] = json!({"/nowhere/**": {"readOnly": true}});
    let desk = Desk::signed_in(&world, &policy, "ada").await;
    for server in ["linear", "figma", "wiki"] {
        let said = desk.say(&["token", server, "--json"]).await;
        assert!(said.code == 7 && said.stdout.contains("door-closed"), "{server}: {said:?}");
    }
    let door = AtDoor::socket(&desk).unwrap();
    let session = door.begin("linear").await.unwrap();
    let listed = names(&door.post("linear", Some(&session), &list()).await.unwrap().answer());
    assert!(
        listed.contains(&"read".into()) && !listed.contains(&"write".into()) && !listed.contains(&"administer".into()),
        "{listed:?}"
    );
    let before = world.server("linear").count("tools/call");
    let denied = door.call("linear", &session, "write", json!({"text": "MARKED-argument"})).await.unwrap();
    assert_eq!((denied.status, denied.fault().as_str()), (200, "door-closed"), "{denied:?}");
    assert_eq!(world.server("linear").count("tools/call"), before);
    assert!(door.call("linear", &session, "read", json!({})).await.unwrap().text.contains("curry"));

    let session = door.begin("figma").await.unwrap();
    let listed = names(&door.post("figma", Some(&session), &list()).await.unwrap().answer());
    assert_eq!(listed.iter().filter(|name| matches!(name.as_str(), "write" | "administer")).count(), 0, "{listed:?}");
    let before = world.server("figma").count("tools/call");
    assert_eq!(door.call("figma", &session, "write", json!({"text": "x"})).await.unwrap().fault(), "door-closed");
    assert_eq!(world.server("figma").count("tools/call"), before);
    assert!(door.call("figma", &session, "read", json!({})).await.unwrap().text.contains("curry"));

    // The test's own program is not the one that the rule is for.
    let session = door.begin("wiki").await.unwrap();
    assert!(door.call("wiki", &session, "read", json!({})).await.unwrap().text.contains("curry"));

    let events: Value = serde_json::from_str(&desk.say(&["audit", "--json"]).await.stdout).unwrap_or_default();
    let log = std::fs::read_to_string(desk.path("state/lanyard/audit.jsonl")).unwrap_or_default();
    let of = |event: &str, tool: &str| {
        log.lines().any(|line| line.contains(&format!("\"event\":\"{event}\"")) && line.contains(&format!("\"tool\":\"{tool}\"")))
    };
    assert!(of("tool-refused", "write") && of("tool-called", "read"), "{log}\n{events}");
    assert!(!log.contains("MARKED-argument"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_answers_and_many_clients_pass() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let door = AtDoor::socket(&desk).unwrap();
    door.begin("linear").await.unwrap();
    world.faults().set(Leg::Mcp("linear"), Fault::HugeBody, Times::Once);
    let huge = door.post("linear", None, &list()).await.unwrap();
    assert!(huge.status == 200 && huge.text.len() >= 64 << 20, "{} {}", huge.status, huge.text.len());
    let clients = (0..64).map(|_| {
        let door = door.clone();
        tokio::spawn(async move {
            let session = door.begin("figma").await.unwrap();
            door.call("figma", &session, "count", json!({"to": 3})).await.unwrap().answer()["result"]["isError"].clone()
        })
    });
    for client in futures_util::future::join_all(clients).await {
        assert_eq!(client.unwrap(), json!(false));
    }
    assert_eq!(world.idp.count("token_exchange"), 2, "64 clients, one exchange");
}

/// A server that does as it likes with each connection.
async fn hostile<F>(behave: impl Fn(tokio::net::TcpStream) -> F + Send + 'static) -> (World, Desk)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(behave(stream));
        }
    });
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    policy["Servers"] = json!({"evil": {"url": url, "route": "none"}});
    let desk = Desk::start(&world, &policy);
    (world, desk)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_without_end_are_cut_off() {
    let (_world, desk) = hostile(|mut stream| async move {
        use tokio::io::AsyncWriteExt;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
        let line = format!("x-filler: {}\r\n", "a".repeat(1000));
        for _ in 0..100_000 {
            if stream.write_all(line.as_bytes()).await.is_err() {
                return;
            }
        }
    })
    .await;
    let door = AtDoor::socket(&desk).unwrap();
    let came = door.post("evil", None, &list()).await.unwrap();
    assert_eq!((came.status, came.fault().as_str()), (200, "server-unreachable"), "{came:?}");
    let memory = std::fs::read_to_string(format!("/proc/{}/status", desk.agent_pid().unwrap())).unwrap();
    let peak = memory.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap().trim().trim_end_matches(" kB").parse::<u64>();
    assert!(peak.unwrap() < 150_000, "the headers were kept: {memory}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_leaves_ends_the_call_at_the_server() {
    let (left, gone) = tokio::sync::mpsc::channel::<()>(1);
    let mut gone = gone;
    let (_world, desk) = hostile(move |mut stream| {
        let left = left.clone();
        async move {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let mut bytes = [0; 4096];
            let _ = stream.read(&mut bytes).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: a\n\n").await;
            // A stream that never ends: its reader's end is all that comes.
            while stream.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
            let _ = left.send(()).await;
        }
    })
    .await;
    let door = AtDoor::socket(&desk).unwrap();
    let answer = door.open(Method::POST, "/mcp/evil", &[], Some(list().to_string())).await.unwrap();
    let mut stream = answer.bytes_stream();
    assert!(stream.next().await.unwrap().is_ok());
    drop(stream);
    let seen = tokio::time::timeout(sandbox::desk::PATIENCE, gone.recv()).await;
    assert!(seen.is_ok(), "the server still streams to nobody");
}
