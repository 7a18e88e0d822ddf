//! The official SDKs, FastMCP and `mcp-remote`, in programs as people write them.

use std::collections::BTreeSet;

use sandbox::{AtDoor, Desk, World};
use serde_json::{Value, json};

use super::{Clients, desk};

const CALLS: &str = "3";
/// Seconds between two calls; a token lives for six.
const PAUSE: &str = "7";

/// Each way that an SDK knows, at once.
async fn at_work(script: &str, program: &str, libraries: &[&str], ways: &[&str]) {
    let Some(clients) = Clients::open() else { return };
    let (world, desk) = desk().await;
    let door = AtDoor::loopback(&desk, "sdk").await.unwrap();
    let url = format!("{}/mcp/linear", door.address().0);
    let key = door.address().1.unwrap().to_owned();
    let lanyard = sandbox::desk::binary("lanyard").display().to_string();
    let socket = desk.socket().display().to_string();
    let (clients, desk) = (&clients, &desk);
    let trials = libraries.iter().flat_map(|library| ways.iter().map(move |way| (*library, *way)));
    let trials = trials.map(|(library, way)| {
        let words: Vec<String> = match way {
            "stdio" => ["stdio", &lanyard, "connect", "linear", "--socket", &socket].map(str::to_owned).into(),
            "http" => ["http", &url, &key].map(str::to_owned).into(),
            _ => ["unix", "http://lanyard/mcp/linear", &socket].map(str::to_owned).into(),
        };
        async move {
            let script = clients.0.join(script).display().to_string();
            let mut arguments = vec![script.as_str(), library, CALLS, PAUSE];
            arguments.extend(words.iter().map(String::as_str));
            let said = clients.say(desk, program, &arguments).await;
            let lines: Vec<Value> = said.stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
            let context = format!("{library} {way}: {said:?}\n{}", desk.agent_log());
            assert_eq!((said.code, lines.len()), (0, 4), "{context}");
            assert!(lines[0]["tools"].to_string().contains("whoami"), "{context}");
            assert!(lines[1..].iter().all(|line| line["user"] == "ada"), "{context}");
            let tokens: BTreeSet<String> = lines[1..].iter().map(|line| line["token"].to_string()).collect();
            assert_eq!(tokens.len(), 3, "the tokens did not end between the calls: {context}");
        }
    });
    futures_util::future::join_all(trials).await;
    assert_eq!(world.idp.count("sign_in"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_sdk_and_fastmcp_work_by_every_door_while_tokens_end() {
    at_work("sdk.py", "python", &["mcp", "fastmcp"], &["stdio", "http", "unix"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_typescript_sdks_work_by_bridge_and_loopback_while_tokens_end() {
    at_work("sdk.mjs", "node", &["v1", "v2"], &["stdio", "http"]).await;
}

/// It bridges to the loopback door for those who have it already, behind the official client.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mcp_remote_works_by_the_loopback_door_while_tokens_end() {
    let Some(clients) = Clients::open() else { return };
    let (world, desk) = desk().await;
    let door = AtDoor::loopback(&desk, "mcp-remote").await.unwrap();
    let (base, key) = door.address();
    let script = clients.0.join("sdk.mjs").display().to_string();
    let remote = clients.0.join("node_modules/.bin/mcp-remote").display().to_string();
    let (url, header) = (format!("{base}/mcp/linear"), format!("Lanyard-Key:{}", key.unwrap()));
    let words = [&script, "v1", CALLS, PAUSE, "stdio", &remote, &url, "--header", &header, "--transport", "http-only"]
        .map(|word| word as &str);
    let said = clients.say(&desk, "node", &words).await;
    let users = said.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let users: Vec<Value> = users.skip(1).map(|line| line["user"].clone()).collect();
    assert_eq!(users, [json!("ada"), json!("ada"), json!("ada")], "{said:?}");
    asked_nobody(&world, &desk).await;
}

/// It has a sign-in of its own and must not have begun it.
async fn asked_nobody(world: &World, desk: &Desk) {
    assert_eq!(world.idp.count("sign_in"), 1);
    let status = desk.status().await;
    assert_eq!(status["session"]["state"], "active", "{status}");
}
