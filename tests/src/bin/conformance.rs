//! The client under test of the official MCP conformance suite: Lanyard fetches the token or adds it, the official client
//! does the rest.
//!
//! The suite starts `lanyard-conformance-client DOOR URL`, with what it knows in `MCP_CONFORMANCE_*`. DOOR is the verb
//! that the token comes from, `token` or `headers`, or the way to the server, `gateway` or `bridge`.

use std::io;
use std::process::Stdio;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rmcp::RoleClient;
use rmcp::model::{CallToolRequestParams, ProtocolVersion};
use rmcp::service::{ClientLifecycleMode, serve_client_with_lifecycle};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::{IntoTransport, StreamableHttpClientTransport};
use sandbox::{AtDoor, Browser, Desk, Login};
use serde_json::{Value, json};

/// Its name before the suite's version 0.2.
const SCENARIOS: [&str; 2] = ["auth/enterprise-managed-authorization", "auth/cross-app-access-complete-flow"];
/// The id of the suite's server in policy.
const SERVER: &str = "suite";

#[tokio::main]
async fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [door, url] = words.as_slice() else {
        return Err(io::Error::other("usage: lanyard-conformance-client token|headers|gateway|bridge URL"));
    };
    let scenario = variable("MCP_CONFORMANCE_SCENARIO");
    let context: Value = serde_json::from_str(&variable("MCP_CONFORMANCE_CONTEXT")).unwrap_or(Value::Null);
    let desk = match SCENARIOS.contains(&scenario.as_str()) {
        true => employee(url, &context)?,
        false => stranger(url, &context, scenario.contains("2025-03-26")).await?,
    };
    match door.as_str() {
        "gateway" => {
            let at = AtDoor::loopback(&desk, "suite").await.map_err(io::Error::other)?;
            let (base, key) = at.address();
            let url = format!("{base}/mcp/{SERVER}");
            use_it(by_http(&url, key.unwrap_or_default()).map_err(io::Error::other)?).await
        }
        "bridge" => {
            let mut command = tokio::process::Command::from(desk.command(&["connect", SERVER]));
            let mut bridge = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
            let (Some(output), Some(input)) = (bridge.stdout.take(), bridge.stdin.take()) else {
                return Err(io::Error::other("the bridge has no streams"));
            };
            use_it((output, input)).await
        }
        _ => use_it(by_http(url, &fetch(&desk, door).await?).map_err(io::Error::other)?).await,
    }
    .map_err(|error| io::Error::other(format!("{error}\n{}", desk.agent_log())))
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

fn by_http(url: &str, bearer: &str) -> reqwest::Result<StreamableHttpClientTransport<reqwest::Client>> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let config = StreamableHttpClientTransportConfig::with_uri(url).auth_header(bearer);
    Ok(StreamableHttpClientTransport::with_client(http, config))
}

/// Everything a client does first: initialise or discover, list the tools, call one.
async fn use_it<T, E, A>(transport: T) -> Result<(), Box<dyn std::error::Error + Send + Sync>>
where
    T: IntoTransport<RoleClient, E, A>,
    E: std::error::Error + Send + Sync + 'static,
{
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
