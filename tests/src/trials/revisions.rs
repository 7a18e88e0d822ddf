//! Both revisions of MCP, by the official client and by hand.

use rmcp::model::{CallToolRequestParams, ProtocolVersion};
use rmcp::service::ServiceExt;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};

use super::{Employee, call, result, world};

#[tokio::test]
async fn the_official_client_initialises_and_calls_tools() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    let token = ada.access("linear", "read").await;
    let config = StreamableHttpClientTransportConfig::with_uri(world.server("linear").url()).auth_header(token);
    let client = ().serve(StreamableHttpClientTransport::from_config(config)).await.unwrap();
    let tools = client.list_all_tools().await.unwrap();
    let mut names: Vec<_> = tools.iter().map(|tool| tool.name.to_string()).collect();
    names.sort();
    assert_eq!(names, ["administer", "count", "read", "whoami", "write"]);
    for tool in &tools {
        let hint = tool.annotations.as_ref().and_then(|hints| hints.read_only_hint);
        assert_eq!(hint, Some(!matches!(tool.name.as_ref(), "administer" | "write")), "{}", tool.name);
    }
    let reply = client.call_tool(CallToolRequestParams::new("read")).await.unwrap();
    assert_ne!(reply.is_error, Some(true));
    client.cancel().await.unwrap();
}

#[tokio::test]
async fn revision_2025_11_25_has_a_session() {
    let world = world().await;
    let http = crate::world::http(None, false);
    let url = world.server("open").url();
    let send = |message: Value, session: Option<String>| {
        let mut request = http.post(&url).header("accept", "application/json, text/event-stream").json(&message);
        if let Some(session) = session {
            request = request.header("mcp-session-id", session).header("mcp-protocol-version", "2025-11-25");
        }
        async move { request.send().await.unwrap() }
    };
    let hello = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {"extensions": {"io.modelcontextprotocol/enterprise-managed-authorization": {}}},
        "clientInfo": {"name": "trial", "version": "1"}}});
    let response = send(hello, None).await;
    let session = response.headers()["mcp-session-id"].to_str().unwrap().to_owned();
    assert_eq!(result(response).await["protocolVersion"], ProtocolVersion::V_2025_11_25.as_str());
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    assert_eq!(send(ready, Some(session.clone())).await.status(), 202);
    let count = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {
        "name": "count", "arguments": {"to": 3}, "_meta": {"progressToken": "p"}}});
    let text = send(count, Some(session)).await.text().await.unwrap();
    assert_eq!(text.matches("notifications/progress").count(), 3, "{text}");
    assert!(world.server("open").audit()[0].detail.ends_with("ema"));
}

#[tokio::test]
async fn revision_2026_07_28_has_none_and_is_discovered() {
    let world = world().await;
    let http = crate::world::http(None, false);
    let meta = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "trial", "version": "1"}});
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": meta}});
    let response = http
        .post(world.server("open").url())
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "server/discover")
        .json(&message)
        .send()
        .await
        .unwrap();
    assert!(response.headers().get("mcp-session-id").is_none());
    let found = result(response).await;
    let versions = found["supportedVersions"].as_array().unwrap();
    assert!(versions.contains(&json!("2026-07-28")) && versions.contains(&json!("2025-11-25")), "{found}");
    let reply = result(call(&world, "open", None, "whoami", json!({})).await).await;
    assert!(reply["structuredContent"]["user"].is_null(), "{reply}");
}
