//! The tools that every server of the sandbox has.

use std::time::Duration;

use http::request::Parts;
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::tool::Extension;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{
    CallToolResult, ContentBlock, Implementation, ProgressNotificationParam, RequestMetaObject, ServerCapabilities, ServerConfig,
};
use rmcp::{ErrorData, Peer, RoleServer, ServerHandler, schemars, tool, tool_handler, tool_router};
use serde::Deserialize;
use serde_json::json;

use crate::resource::Grant;

/// Who calls, as the guard found out.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) grant: Option<Grant>,
    /// The first letters of the token's digest, to tell tokens apart.
    pub(super) token: Option<String>,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct Note {
    /// What to write down.
    text: String,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct Count {
    /// How far.
    to: u32,
    /// Pause between two numbers, milliseconds.
    #[serde(default)]
    pause: u64,
}

#[derive(Clone)]
pub(super) struct Tools {
    tool_router: ToolRouter<Self>,
}

#[tool_router]
impl Tools {
    pub(super) fn new() -> Self {
        Self { tool_router: Self::tool_router() }
    }

    #[tool(description = "Says who calls, with which scopes and which headers", annotations(read_only_hint = true))]
    async fn whoami(&self, Extension(parts): Extension<Parts>) -> CallToolResult {
        let caller = parts.extensions.get::<Caller>();
        let grant = caller.and_then(|caller| caller.grant.as_ref());
        let headers: Vec<&str> = parts.headers.keys().map(http::HeaderName::as_str).collect();
        CallToolResult::structured(json!({
            "sub": grant.map(|grant| &grant.subject),
            "user": grant.map(|grant| &grant.user),
            "email": grant.map(|grant| format!("{}@acme.example", grant.user)),
            "client_id": grant.map(|grant| &grant.client),
            "scope": grant.map(|grant| grant.scopes.join(" ")),
            "groups": grant.map(|grant| &grant.groups),
            "acr": grant.map(|grant| &grant.acr),
            "jti": grant.map(|grant| &grant.jti),
            "token": caller.and_then(|caller| caller.token.as_ref()),
            "headers": headers,
            "http": format!("{:?}", parts.version),
        }))
    }

    #[tool(description = "Reads the notice board (scope read)", annotations(read_only_hint = true))]
    async fn read(&self) -> CallToolResult {
        CallToolResult::success(vec![ContentBlock::text("The canteen serves curry today.")])
    }

    #[tool(
        description = "Writes to the notice board (scope write)",
        annotations(read_only_hint = false, destructive_hint = false)
    )]
    async fn write(&self, Parameters(note): Parameters<Note>) -> CallToolResult {
        CallToolResult::success(vec![ContentBlock::text(format!("Written: {}", note.text))])
    }

    #[tool(
        description = "Clears the notice board (scope write, members of engineering only)",
        annotations(read_only_hint = false, destructive_hint = true)
    )]
    async fn administer(&self, Extension(parts): Extension<Parts>) -> CallToolResult {
        let caller = parts.extensions.get::<Caller>().and_then(|caller| caller.grant.as_ref());
        if caller.is_none_or(|grant| !grant.groups.iter().any(|group| group == "engineering")) {
            return CallToolResult::error(vec![ContentBlock::text("Only members of engineering may do this.")]);
        }
        CallToolResult::success(vec![ContentBlock::text("Cleared.")])
    }

    #[tool(description = "Counts aloud, one progress notification a number", annotations(read_only_hint = true))]
    async fn count(
        &self,
        Parameters(count): Parameters<Count>,
        meta: RequestMetaObject,
        peer: Peer<RoleServer>,
    ) -> Result<CallToolResult, ErrorData> {
        let to = count.to.min(1000);
        for number in 1..=to {
            if let Some(token) = meta.get_progress_token() {
                let progress = ProgressNotificationParam::new(token, f64::from(number))
                    .with_total(f64::from(to))
                    .with_message(number.to_string());
                let _ = peer.notify_progress(progress).await;
            }
            tokio::time::sleep(Duration::from_millis(count.pause.min(10_000))).await;
        }
        Ok(CallToolResult::success(vec![ContentBlock::text(format!("Counted to {to}."))]))
    }
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("lanyard-sandbox", env!("CARGO_PKG_VERSION")))
    }
}
