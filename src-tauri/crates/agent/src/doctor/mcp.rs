//! The least of MCP's Streamable HTTP that shows whether a token works: `tools/list` in both revisions.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use net::{Client, NetError, Reach, Reply};
use serde_json::{Value, json};

/// Why there is no list of tools.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// The server was not reached.
    #[error("The server was not reached: {0}.")]
    Away(#[from] NetError),
    /// It answered with this status.
    #[error("The server answered {0}.")]
    Status(u16),
    /// Its answer is not MCP.
    #[error("The server's answer is not the expected JSON-RPC.")]
    Answer,
}

const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
const STATEFUL: &str = "2025-11-25";
const STATELESS: &str = "2026-07-28";

/// How many tools the server lists: the stateful revision first, then the stateless one.
pub(crate) async fn list_tools(client: &Client, url: &str, token: Option<&str>) -> Result<usize, Refusal> {
    match stateful(client, url, token).await {
        Err(Refusal::Status(400..=499) | Refusal::Answer) => {}
        other => return other,
    }
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": STATELESS,
        "io.modelcontextprotocol/clientCapabilities": capabilities(),
        "io.modelcontextprotocol/clientInfo": info(),
    });
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}});
    count(&call(client, url, token, STATELESS, None, &list).await?)
}

async fn stateful(client: &Client, url: &str, token: Option<&str>) -> Result<usize, Refusal> {
    let params = json!({"protocolVersion": STATEFUL, "capabilities": capabilities(), "clientInfo": info()});
    let hello =
        call(client, url, token, STATEFUL, None, &json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params}))
            .await?;
    result(&hello)?;
    let session = hello.headers.get(SESSION).cloned();
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    call(client, url, token, STATEFUL, session.clone(), &ready).await?;
    count(&call(client, url, token, STATEFUL, session, &json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})).await?)
}

fn capabilities() -> Value {
    json!({"extensions": {"io.modelcontextprotocol/enterprise-managed-authorization": {}}})
}

fn info() -> Value {
    json!({"name": "lanyard", "version": env!("CARGO_PKG_VERSION")})
}

async fn call(
    client: &Client,
    url: &str,
    token: Option<&str>,
    revision: &str,
    session: Option<HeaderValue>,
    message: &Value,
) -> Result<Reply, Refusal> {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
    let text = |value: &str| HeaderValue::from_str(value).map_err(|_| Refusal::Answer);
    headers.insert(HeaderName::from_static("mcp-protocol-version"), text(revision)?);
    headers.insert(HeaderName::from_static("mcp-method"), text(message["method"].as_str().unwrap_or_default())?);
    if let Some(session) = session {
        headers.insert(SESSION, session);
    }
    if let Some(token) = token {
        let mut bearer = text(&format!("Bearer {token}"))?;
        bearer.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, bearer);
    }
    let reply = client.post(url, headers, message.to_string().into_bytes(), &Reach::of([url])).await?;
    if (200..300).contains(&reply.status) { Ok(reply) } else { Err(Refusal::Status(reply.status)) }
}

fn count(reply: &Reply) -> Result<usize, Refusal> {
    result(reply)?["tools"].as_array().map(Vec::len).ok_or(Refusal::Answer)
}

/// The result of a JSON answer, or of the last event of a stream.
fn result(reply: &Reply) -> Result<Value, Refusal> {
    let text = std::str::from_utf8(&reply.body).map_err(|_| Refusal::Answer)?;
    let documents = text.lines().filter_map(|line| line.strip_prefix("data:").or(line.starts_with('{').then_some(line)));
    let answer = documents
        .filter_map(|document| serde_json::from_str::<Value>(document.trim()).ok())
        .rfind(|answer| !answer["result"].is_null());
    answer.map(|mut answer| answer["result"].take()).ok_or(Refusal::Answer)
}
