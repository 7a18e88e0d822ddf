//! Long answers: resumed where they broke, begun again where the server forgot, and never faster than the client reads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, Method, StatusCode};
use sandbox::{AtDoor, Bridge, Desk, Options, World};
use serde_json::{Value, json};

/// A server of sessions that cuts every answer to a call in the middle, and what it saw.
#[derive(Clone, Default)]
struct Cutting(Arc<Seen>);

#[derive(Default)]
struct Seen {
    sessions: AtomicUsize,
    calls: AtomicUsize,
    resumed: Mutex<Vec<String>>,
    /// Sessions below this one are forgotten.
    forgotten: AtomicUsize,
}

fn event(id: usize, message: &Value) -> String {
    format!("id: s-{id}\nretry: 20\ndata: {message}\n\n")
}

fn progress(number: usize) -> Value {
    json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": 1, "progress": number}})
}

fn events(body: Body) -> Response {
    ([("content-type", "text/event-stream")], body).into_response()
}

async fn cutting(State(server): State<Cutting>, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    let seen = &server.0;
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let message: Value = serde_json::from_slice(&body).unwrap_or_default();
    if message["method"] == "initialize" {
        let session = seen.sessions.fetch_add(1, Ordering::SeqCst).to_string();
        let info =
            json!({"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {"name": "c", "version": "1"}});
        let answer = json!({"jsonrpc": "2.0", "id": message["id"], "result": info});
        return ([("mcp-session-id", session)], axum::Json(answer)).into_response();
    }
    if header("mcp-session-id").parse::<usize>().is_ok_and(|session| session < seen.forgotten.load(Ordering::SeqCst)) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match (method, header("last-event-id").as_str()) {
        (Method::POST, _) if message["method"] == "tools/call" => {
            seen.calls.fetch_add(1, Ordering::SeqCst);
            // One event, then the connection dies in the middle of the next.
            let half = format!("{}id: s-2\nda", event(1, &progress(1)));
            let parts = [Ok(half), Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted))];
            let parts = stream::iter(parts).then(|part| async {
                if part.is_err() {
                    // The half must leave before the error does, or the two are dropped together.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                part
            });
            events(Body::from_stream(parts))
        }
        (Method::POST, _) => StatusCode::ACCEPTED.into_response(),
        // No stream of its own.
        (Method::GET, "") => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        (Method::GET, last) => {
            seen.resumed.lock().unwrap().push(last.to_owned());
            // It says what is new, and ends without the answer the first time.
            let answer = json!({"jsonrpc": "2.0", "id": 1, "result": {"content": []}});
            match last {
                "s-1" => events(event(2, &progress(2)).into()),
                _ => events(format!("{}{}", event(3, &progress(3)), event(4, &answer)).into()),
            }
        }
        _ => StatusCode::OK.into_response(),
    }
}

/// Serves MCP by `router` to a desk where nobody has to sign in.
async fn desk(router: axum::Router) -> (World, Desk) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    policy["Servers"] = json!({"odd": {"url": url, "route": "none"}});
    let desk = Desk::start(&world, &policy);
    (world, desk)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_breaks_is_resumed_behind_the_last_event_and_asked_for_once() {
    let server = Cutting::default();
    let (_world, desk) = desk(axum::Router::new().fallback(cutting).with_state(server.clone())).await;
    let mut bridge = Bridge::start(&desk, "odd").unwrap();
    bridge.hello().await;
    let called = bridge.call(1, "anything", json!({})).await;
    assert!(called.get("result").is_some(), "{called}");
    let numbers: Vec<u64> = bridge.others.iter().filter_map(|other| other["params"]["progress"].as_u64()).collect();
    assert_eq!(numbers, [1, 2, 3], "every event once and in order");
    assert_eq!(*server.0.resumed.lock().unwrap(), ["s-1", "s-2"]);
    assert_eq!(server.0.calls.load(Ordering::SeqCst), 1, "a call is never made twice");

    // A client of the gateway does the same by itself: what it says of the last event reaches the server.
    let door = AtDoor::socket(&desk).unwrap();
    let rest =
        door.ask(Method::GET, "/mcp/odd", &[("last-event-id", "s-1"), ("accept", "text/event-stream")], None).await.unwrap();
    assert!(rest.text.contains("s-2"), "{rest:?}");
    assert_eq!(server.0.resumed.lock().unwrap().last().unwrap(), "s-1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_the_server_forgot_is_begun_again_behind_the_clients_back() {
    let server = Cutting::default();
    let (_world, desk) = desk(axum::Router::new().fallback(cutting).with_state(server.clone())).await;
    let mut bridge = Bridge::start(&desk, "odd").unwrap();
    bridge.hello().await;
    server.0.forgotten.store(1, Ordering::SeqCst);
    let called = bridge.call(1, "anything", json!({})).await;
    assert!(called.get("result").is_some(), "{called}");
    assert_eq!(server.0.sessions.load(Ordering::SeqCst), 2);
    // Where it forgets at once, the client hears of it and the bridge lives.
    server.0.forgotten.store(usize::MAX, Ordering::SeqCst);
    let refused = bridge.call(2, "anything", json!({})).await;
    assert_eq!(refused["error"]["data"]["code"], "server-unreachable", "{refused}");
    bridge.line("{ nonsense");
    assert_eq!(bridge.next().await["error"]["code"], -32700);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_writes_no_faster_than_its_client_reads() {
    const CHUNK: usize = 64 * 1024;
    let written = Arc::new(AtomicUsize::new(0));
    let counter = written.clone();
    let endless = move || {
        let counter = counter.clone();
        async move {
            let chunk = Bytes::from(format!("data: {}\n\n", "x".repeat(CHUNK)));
            let chunks = stream::repeat_with(move || {
                counter.fetch_add(CHUNK, Ordering::SeqCst);
                Ok::<_, std::io::Error>(chunk.clone())
            });
            events(Body::from_stream(chunks))
        }
    };
    let (_world, desk) = desk(axum::Router::new().fallback(endless)).await;
    let door = AtDoor::socket(&desk).unwrap();
    let ask = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/list"}).to_string();
    let answer = door.open(Method::POST, "/mcp/odd", &[], Some(ask)).await.unwrap();
    let mut read = answer.bytes_stream();
    assert!(read.next().await.unwrap().is_ok());
    // The client rests: what the server writes comes to a stop in the buffers on the way.
    let mut before = usize::MAX;
    let rest = async {
        while written.load(Ordering::SeqCst) != before {
            before = written.load(Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    tokio::time::timeout(sandbox::desk::PATIENCE, rest).await.expect("the server writes on although nobody reads");
    assert!(before < 64 << 20, "{before} bytes are under way to a client that does not read");
    let memory = std::fs::read_to_string(format!("/proc/{}/status", desk.agent_pid().unwrap())).unwrap();
    let peak = memory.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap().trim().trim_end_matches(" kB").parse::<u64>();
    assert!(peak.unwrap() < 150_000, "the agent keeps what the client does not read: {memory}");
    // Others are served, and the stream goes on.
    assert_eq!(desk.status().await["agent"]["running"], true);
    let mut more = 0;
    while more < before + (1 << 20) {
        more += read.next().await.unwrap().unwrap().len();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_spoken_to_by_http_2_where_it_can() {
    let world = World::start(Options { tls: true, ..Options::default() }).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let door = AtDoor::socket(&desk).unwrap();
    let calls = (0..16).map(|_| async {
        let session = door.begin("linear").await.unwrap();
        door.call("linear", &session, "whoami", json!({})).await
    });
    for came in futures_util::future::join_all(calls).await {
        let said = came.unwrap().answer()["result"]["structuredContent"].clone();
        assert_eq!((said["user"].as_str(), said["http"].as_str()), (Some("ada"), Some("HTTP/2.0")), "{said}");
    }
    // A stream and a repaired token, by the same connection.
    let session = door.begin("linear").await.unwrap();
    let params = json!({"name": "count", "arguments": {"to": 3}, "_meta": {"progressToken": 1}});
    let message = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params});
    assert!(door.post("linear", Some(&session), &message).await.unwrap().text.contains("Counted to 3"));
    world.resource("track").revoke_all_tokens();
    assert!(door.call("linear", &session, "read", json!({})).await.unwrap().text.contains("curry"));
}
