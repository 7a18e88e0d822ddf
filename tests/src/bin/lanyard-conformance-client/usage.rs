//! What the official client does with a server: everything it offers, once.

use rmcp::model::{
    CallToolRequestParams, ErrorCode, GetPromptRequestParams, JsonObject, ProtocolVersion, ReadResourceRequestParams, Tool,
};
use rmcp::service::{ClientLifecycleMode, serve_client_with_lifecycle};
use rmcp::transport::IntoTransport;
use rmcp::{RoleClient, ServiceError};
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Initialises or discovers, lists what there is, and uses each of it. `context` may say how the tools are to be called.
pub(super) async fn all<T, E, A>(transport: T, context: &Value) -> Result<(), Failure>
where
    T: IntoTransport<RoleClient, E, A>,
    E: std::error::Error + Send + Sync + 'static,
{
    let lifecycle = match super::variable("MCP_CONFORMANCE_PROTOCOL_VERSION").as_str() {
        "2026-07-28" => ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] },
        _ => ClientLifecycleMode::Initialize,
    };
    let client = serve_client_with_lifecycle((), transport, lifecycle).await?;
    let offers = client.peer_info().map(|info| info.capabilities.clone()).unwrap_or_default();
    let tools = client.list_all_tools().await?;
    for tool in &tools {
        for arguments in arguments(tool, &tools, context) {
            match client.call_tool(CallToolRequestParams::new(tool.name.clone()).with_arguments(arguments)).await {
                // A server of the suite that only lists.
                Err(ServiceError::McpError(error)) if error.code == ErrorCode::METHOD_NOT_FOUND => {}
                called => drop(called?),
            }
        }
    }
    if offers.resources.is_some() {
        for resource in client.list_all_resources().await? {
            client.read_resource(ReadResourceRequestParams::new(resource.uri.clone())).await?;
        }
    }
    if offers.prompts.is_some() {
        for prompt in client.list_all_prompts().await? {
            client.get_prompt(GetPromptRequestParams::new(prompt.name.clone())).await?;
        }
    }
    client.cancel().await?;
    Ok(())
}

/// How a tool is to be called: as the suite says, else once with a value for each of its parameters.
fn arguments(tool: &Tool, tools: &[Tool], context: &Value) -> Vec<JsonObject> {
    if let Some(calls) = context["toolCalls"].as_array() {
        let own = calls.iter().filter(|call| call["name"] == tool.name.as_ref());
        return own.filter_map(|call| call["arguments"].as_object().cloned()).collect();
    }
    let properties = tool.input_schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let value = |schema: &Value| match schema["type"].as_str() {
        Some("number" | "integer") => json!(7),
        Some("boolean") => json!(true),
        // A tool that is told what another one's schema came to.
        Some("object") => {
            tools.iter().find(|other| other.name != tool.name).map(|other| json!(other.input_schema)).unwrap_or_default()
        }
        _ => json!("seven"),
    };
    vec![properties.iter().map(|(name, schema)| (name.clone(), value(schema))).collect()]
}
