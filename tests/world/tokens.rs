use std::time::Duration;

use sandbox::{Desk, Fault, Leg, Login, Options, Times, World};
use serde_json::{Value, json};

/// Calls a tool of an MCP server with a token, over the stateless revision.
pub(crate) async fn call_tool(url: &str, token: &str, tool: &str) -> (u16, String) {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "world", "version": "1"},
    });
    let body =
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": {}, "_meta": meta}});
    let reply = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .post(url)
        .bearer_auth(token)
        .header("accept", "application/json, text/event-stream")
        .header("content-type", "application/json")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", tool)
        .timeout(Duration::from_secs(10))
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    (reply.status().as_u16(), reply.text().await.unwrap())
}

async fn token(desk: &Desk, server: &str) -> String {
    let said = desk.say(&["token", server]).await;
    assert_eq!(said.code, 0, "{said:?}\n{}", desk.agent_log());
    said.stdout.trim().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_sign_in_gives_working_tokens_for_every_server_of_policy() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    for server in ["linear", "figma", "wiki"] {
        let token = token(&desk, server).await;
        let (status, answer) = call_tool(&world.server(server).url(), &token, "whoami").await;
        assert!(status == 200 && answer.contains("ada@"), "{server}: {status} {answer}");
    }
    assert_eq!(world.idp.count("sign_in"), 1);
    assert_eq!(world.idp.granted("token_exchange"), 3);
    let status = desk.status().await;
    assert_eq!(status["session"]["state"], "active");
    assert!(status["servers"].as_array().unwrap().iter().filter(|server| server["state"] == "ready").count() == 3, "{status:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_call_costs_no_exchange_and_the_first_costs_two_round_trips() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let first = token(&desk, "linear").await;
    let (exchanges, grants) = (world.idp.count("token_exchange"), world.resource("linear").count("jwt_bearer"));
    assert_eq!((exchanges, grants), (1, 1));
    assert_eq!(token(&desk, "linear").await, first);
    assert_eq!((world.idp.count("token_exchange"), world.resource("linear").count("jwt_bearer")), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_callers_at_once_make_one_exchange() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    world.faults().set(Leg::IdpExchange, Fault::Slow(Duration::from_millis(500)), Times::Always);
    let socket = desk.socket();
    let callers: Vec<_> = (0..1000)
        .map(|_| {
            let socket = socket.clone();
            tokio::spawn(async move { ask_socket(&socket, "POST", "/v1/servers/linear/token", "{}").await })
        })
        .collect();
    let mut tokens = std::collections::BTreeSet::new();
    for caller in callers {
        let (status, body) = caller.await.unwrap();
        assert_eq!(status, 200, "{body}");
        tokens.insert(body["access_token"].as_str().unwrap().to_owned());
    }
    assert_eq!(tokens.len(), 1);
    assert_eq!(world.idp.count("token_exchange"), 1);
}

/// One request over the socket, as any client without a library would make it.
pub(crate) async fn ask_socket(socket: &std::path::Path, method: &str, path: &str, body: &str) -> (u16, Value) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = loop {
        match tokio::net::UnixStream::connect(socket).await {
            Ok(stream) => break stream,
            // The listen queue of a socket is short; a full one is tried again, as every client does.
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => tokio::time::sleep(Duration::from_millis(10)).await,
            Err(error) => panic!("{error}"),
        }
    };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scopes_step_up_silently_and_never_beyond_policy() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let plain = token(&desk, "linear").await;
    assert_eq!(call_tool(&world.server("linear").url(), &plain, "write").await.0, 403);
    let said = desk.say(&["token", "linear", "--scope", "write", "--json"]).await;
    let reply: Value = serde_json::from_str(&said.stdout).unwrap();
    assert!(reply["scope"].as_str().unwrap().contains("write"), "{reply}");
    let (status, _) = call_tool(&world.server("linear").url(), reply["access_token"].as_str().unwrap(), "write").await;
    assert_eq!(status, 200);
    let exchanges = world.idp.count("token_exchange");
    assert_eq!(
        token(&desk, "linear").await,
        reply["access_token"].as_str().unwrap(),
        "fewer scopes come from the token that has them"
    );
    assert_eq!(world.idp.count("token_exchange"), exchanges);
    let said = desk.say(&["token", "linear", "--scope", "admin", "--json"]).await;
    let problem: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((said.code, problem["code"].as_str()), (7, Some("scope-not-allowed")));
    assert_eq!(world.idp.count("token_exchange"), exchanges, "nothing was sent for it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_lives_at_least_as_long_as_was_asked_or_the_reply_is_a_fault() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let said = desk.say(&["token", "wiki", "--min-ttl", "200", "--json"]).await;
    let reply: Value = serde_json::from_str(&said.stdout).unwrap();
    assert!(reply["expires_in"].as_u64().unwrap() >= 200, "{reply}");
    let said = desk.say(&["token", "wiki", "--min-ttl", "4000", "--json"]).await;
    let problem: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((said.code, problem["code"].as_str()), (2, Some("bad-request")), "{problem}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_say_what_to_do_with_their_exit_codes() {
    let world = World::start(Options::default()).await;
    let desk = Desk::start(&world, &world.policy_json());
    let table: [(&[&str], i32, &str); 4] = [
        (&["token", "linear"], 5, "sign-in-required"),
        (&["token", "nothing"], 7, "server-unknown"),
        (&["token", "open"], 2, "bad-request"),
        (&["retry", "nothing"], 7, "server-unknown"),
    ];
    for (arguments, code, name) in table {
        let said = desk.say(&[arguments, &["--json"]].concat()).await;
        let problem: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{said:?}"));
        assert_eq!((said.code, problem["code"].as_str()), (code, Some(name)), "{arguments:?}");
        let plain = desk.say(arguments).await;
        assert!(plain.stdout.is_empty() && plain.code == code, "{plain:?}");
        assert!(plain.stderr.contains(problem["action"].as_str().unwrap()), "{plain:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_wait_for_a_sign_in_that_comes() {
    let world = World::start(Options::default()).await;
    let desk = Desk::start(&world, &world.policy_json());
    let mut command = desk.command(&["headers", "linear"]);
    let waiting = tokio::task::spawn_blocking(move || command.output().unwrap());
    desk.sign_in("ada").await;
    let output = waiting.await.unwrap();
    let headers: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    assert!(headers["Authorization"].as_str().unwrap().starts_with("Bearer "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denial_is_remembered_until_somebody_tries_again() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "linus").await;
    let said = desk.say(&["token", "linear", "--json"]).await;
    let problem: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((said.code, problem["code"].as_str()), (7, Some("idp-refused")), "{problem}");
    let asked = world.idp.count("token_exchange");
    assert_eq!(desk.say(&["token", "linear"]).await.code, 7);
    assert_eq!(world.idp.count("token_exchange"), asked, "the denial stands");
    assert_eq!(world.idp.count("sign_in"), 1, "and no browser was opened for it");
    world.idp.set_access("contractors", "linear", ["read"]);
    assert_eq!(desk.say(&["retry", "linear"]).await.code, 0);
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_up_is_asked_for_met_and_verified() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let wiki = token(&desk, "wiki").await;
    world.idp.require_acr("linear", Some(sandbox::STRONG), None);
    let said = desk.say(&["token", "linear", "--json"]).await;
    let problem: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((said.code, problem["code"].as_str()), (5, Some("step-up-required")), "{problem}");
    let status = desk.status().await;
    assert_eq!(
        (status["session"]["state"].as_str(), status["session"]["reason"].as_str()),
        (Some("needs-user"), Some("step-up"))
    );
    assert_eq!(token(&desk, "wiki").await, wiki, "a server that needs none of it is served on");
    desk.sign_in("ada").await;
    desk.until("active after the step-up", |status| status["session"]["state"] == "active").await;
    assert!(!token(&desk, "linear").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_up_by_another_person_does_not_replace_the_session() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    world.idp.require_acr("linear", Some(sandbox::STRONG), None);
    assert_eq!(desk.say(&["token", "linear"]).await.code, 5);
    let login = Login::begin(&desk).await;
    let stranger = world.browser();
    let _ = stranger.sign_in(&login.url, "grace", sandbox::PASSWORD).await;
    desk.until("without an attempt again", |status| status["session"]["fault"].is_object()).await;
    let status = desk.status().await;
    assert!(status["session"]["account"]["email"].as_str().unwrap().starts_with("ada@"), "{status:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_helper_is_never_given_a_token_that_is_about_to_end() {
    // A life below what the helper wants to see left, so that it always asks for a fresher one.
    let world = World::start(Options { token_seconds: 25, ..Options::default() }).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let first = desk.say(&["headers", "linear"]).await;
    let before = world.idp.count("token_exchange");
    // A second must have passed of the token's life.
    let began = std::time::Instant::now();
    let second = loop {
        let said = desk.say(&["headers", "linear"]).await;
        if said.stdout != first.stdout || began.elapsed() > Duration::from_secs(10) {
            break said;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert_ne!(first.stdout, second.stdout, "the helper hands out a token that has aged");
    assert_eq!(world.idp.count("token_exchange"), before + 1);
    // Others are served the same token for as long as it lives.
    let plain = [desk.say(&["token", "linear"]).await.stdout, desk.say(&["token", "linear"]).await.stdout];
    assert_eq!(plain[0], plain[1]);
}
