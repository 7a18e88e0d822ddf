//! The client under test of the official MCP conformance suite: Lanyard fetches the token, the official client uses it.
//!
//! The suite starts `lanyard-conformance-client DOOR URL`, with what it knows in `MCP_CONFORMANCE_*`. DOOR is the verb
//! that the token comes from, `token` or `headers`.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rmcp::model::{CallToolRequestParams, ProtocolVersion};
use rmcp::service::{ClientLifecycleMode, serve_client_with_lifecycle};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use sandbox::{Browser, Desk, Login};
use serde_json::{Value, json};

/// Its name before the suite's version 0.2.
const SCENARIOS: [&str; 2] = ["auth/enterprise-managed-authorization", "auth/cross-app-access-complete-flow"];
/// The id of the suite's server in policy.
const SERVER: &str = "suite";

#[tokio::main]
async fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [door, url] = words.as_slice() else {
        return Err(io::Error::other("usage: lanyard-conformance-client token|headers URL"));
    };
    let scenario = variable("MCP_CONFORMANCE_SCENARIO");
    let context: Value = serde_json::from_str(&variable("MCP_CONFORMANCE_CONTEXT")).unwrap_or(Value::Null);
    let desk = match SCENARIOS.contains(&scenario.as_str()) {
        true => employee(url, &context)?,
        false => stranger(url, &context, scenario.contains("2025-03-26")).await?,
    };
    let token = fetch(&desk, door).await?;
    use_it(url, token).await.map_err(io::Error::other)
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// A desk whose employee's identity the suite hands over; there is no sign-in.
fn employee(url: &str, context: &Value) -> io::Result<Desk> {
    let server = json!({
        "url": url, "clientId": context["client_id"], "clientSecret": context["client_secret"],
        "clientAuthentication": "client_secret_basic",
    });
    let policy = json!({
        "Issuer": context["idp_issuer"], "ClientId": context["idp_client_id"], "TokenEndpoint": context["idp_token_endpoint"],
        "AllowInsecureLoopback": true, "Servers": { SERVER: server },
    });
    start(&policy, context["idp_id_token"].as_str().unwrap_or_default())
}

/// A desk in a company whose policy lets people sign in to this one server in the browser: the ordinary flow of MCP.
async fn stranger(url: &str, context: &Value, legacy: bool) -> io::Result<Desk> {
    let mut server = json!({
        "url": url, "route": "interactive", "legacyDiscovery": legacy, "clientId": "registered-by-it",
        "clientAuthentication": "none",
    });
    if let Some(secret) = context["client_secret"].as_str() {
        server["clientId"] = context["client_id"].clone();
        server["clientSecret"] = json!(secret);
        server["clientAuthentication"] = json!("client_secret_basic");
    }
    // The company's own identity provider takes no part in it and is never asked.
    let issuer = "http://127.0.0.1:9";
    let policy = json!({ "Issuer": issuer, "ClientId": "lanyard", "AllowInsecureLoopback": true, "Servers": { SERVER: server } });
    let now = jiff::Timestamp::now().as_second();
    let claims = json!({ "iss": issuer, "aud": "lanyard", "sub": "ada", "iat": now, "exp": now + 3600 });
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let desk = start(&policy, &format!("{}.{}.unsigned", part(json!({ "alg": "RS256" })), part(claims)))?;
    desk.until("signed in", |status| status["session"]["state"] == "active").await;

    let login = Login::begin_with(&desk, &["login", "--print-url", "--server", SERVER]).await;
    if login.url.is_empty() {
        return Err(io::Error::other(format!("no address to open: {:?}\n{}", login.end().await, desk.agent_log())));
    }
    let landing = desk.browser().sign_in(&login.url, "", "").await.map_err(io::Error::other)?;
    match landing.page.contains("<h1>Signed in</h1>") {
        true => Ok(desk),
        false => Err(io::Error::other(format!("the browser ended at {landing:?}\n{}", desk.agent_log()))),
    }
}

/// Starts an agent that takes `id_token` for its employee's.
fn start(policy: &Value, id_token: &str) -> io::Result<Desk> {
    let mut desk = Desk::with_browser(Browser::new(None), policy);
    let file = desk.path("id_token");
    std::fs::write(&file, id_token)?;
    desk.set("LANYARD_DEBUG_ID_TOKEN", &file.display().to_string());
    desk.start_agent();
    Ok(desk)
}

async fn fetch(desk: &Desk, door: &str) -> io::Result<String> {
    let said = desk.say(&[door, SERVER]).await;
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

/// Everything a client does first: initialise or discover, list the tools, call one.
async fn use_it(url: &str, token: String) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let config = StreamableHttpClientTransportConfig::with_uri(url).auth_header(token);
    let transport = StreamableHttpClientTransport::with_client(http, config);
    let lifecycle = match variable("MCP_CONFORMANCE_PROTOCOL_VERSION").as_str() {
        "2026-07-28" => ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] },
        _ => ClientLifecycleMode::Initialize,
    };
    let client = serve_client_with_lifecycle((), transport, lifecycle).await?;
    let tools = client.list_all_tools().await?;
    let tool = tools.first().ok_or("the server has no tools")?;
    client.call_tool(CallToolRequestParams::new(tool.name.clone())).await?;
    client.cancel().await?;
    Ok(())
}
