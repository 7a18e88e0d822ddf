//! What Lanyard asks of the network, counted where it arrives.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sandbox::{Desk, World};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};

const CALLERS: usize = 1_000;
const SERVERS: usize = 500;
const USED: usize = 8;
/// Every kind of request that the parties count on the way to a token.
const KINDS: [&str; 7] = ["metadata", "jwks", "refresh", "token_exchange", "jwt_bearer", "unauthorized", "client_credentials"];

/// A token through the command line.
pub(crate) async fn token(desk: &Desk, server: &str, more: &[&str]) -> Result<(), String> {
    let words: Vec<&str> = ["token", server].into_iter().chain(more.iter().copied()).collect();
    let said = desk.say(&words).await;
    if said.code == 0 { Ok(()) } else { Err(format!("`lanyard token {server}`: {}", said.stderr.trim())) }
}

/// Requests for a first token of a new kind once the server is known, and for the same one again.
pub(crate) async fn round_trips(world: &World, desk: &Desk) -> Result<(usize, usize), String> {
    token(desk, "linear", &[]).await?;
    let known = asked(world);
    token(desk, "linear", &["--scope", "read write"]).await?;
    let first = asked(world);
    token(desk, "linear", &["--scope", "read write"]).await?;
    Ok((first - known, asked(world) - first))
}

fn asked(world: &World) -> usize {
    let sum = |count: &dyn Fn(&str) -> usize| KINDS.iter().map(|kind| count(kind)).sum::<usize>();
    sum(&|kind| world.idp.count(kind))
        + sum(&|kind| world.resource("track").count(kind))
        + sum(&|kind| world.server("linear").count(kind))
}

/// Exchanges at the IdP for many callers that ask for the same token at once.
pub(crate) async fn herd(world: &World, desk: Desk) -> Result<usize, String> {
    let before = world.idp.count("token_exchange");
    let gate = Arc::new(tokio::sync::Barrier::new(CALLERS));
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (socket, gate) = (desk.socket(), gate.clone());
            tokio::spawn(async move {
                let stream = UnixStream::connect(socket).await;
                gate.wait().await;
                ask(stream?).await
            })
        })
        .collect();
    let mut served = 0;
    for caller in callers {
        let answer = caller.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
        served += usize::from(answer);
    }
    if served < CALLERS {
        return Err(format!("only {served} of {CALLERS} callers were served"));
    }
    Ok(world.idp.count("token_exchange") - before)
}

async fn ask(mut stream: UnixStream) -> std::io::Result<bool> {
    stream.write_all(crate::door::REQUEST).await?;
    let mut head = [0_u8; 12];
    stream.read_exact(&mut head).await?;
    Ok(&head == b"HTTP/1.1 200")
}

/// Connections to servers that nobody uses, of a policy that lists many.
pub(crate) async fn many(world: &World, binary: &Path) -> Result<usize, String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    let met = Arc::new(AtomicUsize::new(0));
    let seen = met.clone();
    let unused = tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            seen.fetch_add(1, Ordering::Relaxed);
        }
    });
    let mut policy = world.policy_json();
    let used: Vec<String> = (0..USED).map(|at| format!("used-{at}")).collect();
    let mut servers = serde_json::Map::new();
    for (at, name) in used.iter().enumerate() {
        let model = if at % 2 == 0 { "linear" } else { "figma" };
        servers.insert(name.clone(), policy["Servers"][model].clone());
    }
    servers.extend((USED..SERVERS).map(|at| (format!("unused-{at}"), json!({"url": format!("http://127.0.0.1:{port}/{at}")}))));
    policy["Servers"] = Value::Object(servers);
    let mut desk = Desk::new(world, &policy).with_binary(binary.to_owned());
    desk.start_agent();
    desk.sign_in(crate::USER).await;
    for name in &used {
        token(&desk, name, &[]).await?;
    }
    unused.abort();
    Ok(met.load(Ordering::Relaxed))
}
