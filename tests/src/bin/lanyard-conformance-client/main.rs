//! The client under test of the official MCP conformance suite: Lanyard fetches the token or adds it, the official client
//! does the rest.
//!
//! The suite starts `lanyard-conformance-client DOOR URL`, with what it knows in `MCP_CONFORMANCE_*`. DOOR is the verb
//! that the token comes from, `token` or `headers`, or the way to the server, `gateway` or `bridge`.

mod company;
mod usage;

use std::io;
use std::process::Stdio;

use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use sandbox::{AtDoor, Desk};
use serde_json::Value;

/// The second is its name before the suite's version 0.2.
const MANAGED: [&str; 2] = ["enterprise-managed-authorization", "cross-app-access-complete-flow"];

#[tokio::main]
async fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [door, url] = words.as_slice() else {
        return Err(io::Error::other("usage: lanyard-conformance-client token|headers|gateway|bridge URL"));
    };
    let scenario = variable("MCP_CONFORMANCE_SCENARIO");
    let context: Value = serde_json::from_str(&variable("MCP_CONFORMANCE_CONTEXT")).unwrap_or(Value::Null);
    let desk = match scenario.strip_prefix("auth/") {
        Some(name) if MANAGED.contains(&name) => company::employee(url, &context)?,
        Some(name) => company::stranger(url, &context, name.contains("2025-03-26")).await?,
        None => company::open_house(url)?,
    };
    match door.as_str() {
        "gateway" => {
            let at = AtDoor::loopback(&desk, "suite").await.map_err(io::Error::other)?;
            let (base, key) = at.address();
            let url = format!("{base}/mcp/{}", company::SERVER);
            usage::all(by_http(&url, key.unwrap_or_default()).map_err(io::Error::other)?, &context).await
        }
        "bridge" => {
            let mut command = tokio::process::Command::from(desk.command(&["connect", company::SERVER]));
            let mut bridge = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
            let (Some(output), Some(input)) = (bridge.stdout.take(), bridge.stdin.take()) else {
                return Err(io::Error::other("the bridge has no streams"));
            };
            usage::all((output, input), &context).await
        }
        _ => {
            let bearer = fetch(&desk, door).await?;
            usage::all(by_http(url, &bearer).map_err(io::Error::other)?, &context).await
        }
    }
    .map_err(|error| io::Error::other(format!("{error}\n{}", desk.agent_log())))
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

async fn fetch(desk: &Desk, door: &str) -> io::Result<String> {
    let said = desk.say(&[door, company::SERVER]).await;
    if said.code != 0 {
        return Err(io::Error::other(format!("exit {}: {}\n{}", said.code, said.stderr, desk.agent_log())));
    }
    if door == "token" {
        return Ok(said.stdout.trim().to_owned());
    }
    let headers: Value = serde_json::from_str(&said.stdout)?;
    let bearer = headers["Authorization"].as_str().and_then(|value| value.strip_prefix("Bearer "));
    bearer.map(str::to_owned).ok_or_else(|| io::Error::other("headers without a bearer token"))
}

fn by_http(url: &str, bearer: &str) -> reqwest::Result<StreamableHttpClientTransport<reqwest::Client>> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let config = StreamableHttpClientTransportConfig::with_uri(url).auth_header(bearer);
    Ok(StreamableHttpClientTransport::with_client(http, config))
}
