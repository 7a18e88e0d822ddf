//! What stands before a server's tools: the token, its resource, the scope of each tool.

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::Server;
use super::tools::Caller;
use crate::audit::Event;
use crate::faults::{Fault, Leg};
use crate::keys::digest;
use crate::resource::Grant;

const LIMIT: usize = 16 << 20;
const EXTENSION: &str = "io.modelcontextprotocol/enterprise-managed-authorization";

/// The scope that a tool needs; those that are not listed need a token only.
const SCOPES: [(&str, &str); 3] = [("read", "read"), ("write", "write"), ("administer", "write")];

pub(super) async fn check(State(server): State<Server>, request: Request, next: Next) -> Response {
    let leg = Leg::Mcp(server.inner().id);
    let faults = server.inner().faults.clone();
    faults.around(&[leg], |twist| pass(server, request, next, twist)).await
}

async fn pass(server: Server, request: Request, next: Next, twist: Option<Fault>) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let message: Value = serde_json::from_slice(&body).unwrap_or_default();
    let kind = match (&parts.method, message["method"].as_str()) {
        (&Method::POST, Some(method)) => method.to_owned(),
        (&Method::POST, None) => "response".to_owned(),
        (method, _) => method.to_string(),
    };
    let log = &server.inner().log;
    log.saw(&kind);
    let token = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.and_then(|text| text.strip_prefix("Bearer ")).map(str::to_owned);
    let grant = match &server.inner().guard {
        None => None,
        Some(resource) => {
            let known = token.as_deref().and_then(|token| resource.inspect(token));
            match known.filter(|grant| grant.resource == server.url()) {
                Some(grant) => match objection(&server, &grant, &message, twist.as_ref()) {
                    None => Some(grant),
                    Some(response) => return response,
                },
                None => return unauthorized(&server, token.is_some(), twist.as_ref()),
            }
        }
    };
    let version = parts.headers.get("mcp-protocol-version").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let ema = if body.windows(EXTENSION.len()).any(|part| part == EXTENSION.as_bytes()) { " ema" } else { "" };
    let mut event = Event { server: server.id().into(), detail: format!("{version}{ema}"), ..Event::new(&kind) };
    event.program.push_str(message["params"]["clientInfo"]["name"].as_str().unwrap_or_default());
    if let Some(grant) = &grant {
        event.user.clone_from(&grant.user);
        event.client.clone_from(&grant.client);
        event.scopes = grant.scopes.join(" ");
        event.jti.clone_from(&grant.jti);
    }
    log.push(event);
    parts.extensions.insert(Caller { grant, token: token.map(|token| digest(&token)[..8].to_owned()) });
    next.run(Request::from_parts(parts, Body::from(body))).await
}

fn objection(server: &Server, grant: &Grant, message: &Value, twist: Option<&Fault>) -> Option<Response> {
    match twist {
        Some(Fault::Unauthorized | Fault::ForeignMetadata) => return Some(unauthorized(server, true, twist)),
        Some(Fault::StepUp(acr)) if grant.acr != *acr => {
            server.inner().log.saw("unauthorized");
            let header = format!(
                "Bearer error=\"insufficient_user_authentication\", error_description=\"A stronger sign-in is needed\", \
                 acr_values=\"{acr}\", {}",
                pointer(server)
            );
            return Some(challenge(StatusCode::UNAUTHORIZED, &header, message));
        }
        Some(Fault::MoreScope(scope)) if !grant.has(scope) => return Some(forbidden(server, scope, message)),
        _ => {}
    }
    let tool = message["params"]["name"].as_str().filter(|_| message["method"] == "tools/call")?;
    let (_, scope) = SCOPES.iter().find(|(name, _)| *name == tool)?;
    (!grant.has(scope)).then(|| forbidden(server, scope, message))
}

fn unauthorized(server: &Server, with_token: bool, twist: Option<&Fault>) -> Response {
    server.inner().log.saw("unauthorized");
    let mut header = String::from("Bearer ");
    if with_token {
        header += "error=\"invalid_token\", error_description=\"The access token is invalid or expired\", ";
    }
    header += &match twist {
        Some(Fault::ForeignMetadata) => {
            "resource_metadata=\"https://evil.example/.well-known/oauth-protected-resource/mcp\"".to_owned()
        }
        _ => pointer(server),
    };
    challenge(StatusCode::UNAUTHORIZED, &header, &Value::Null)
}

/// RFC 6750 §3.1: 403 that names the scope which would do.
fn forbidden(server: &Server, scope: &str, message: &Value) -> Response {
    server.inner().log.saw("forbidden");
    let header = format!(
        "Bearer error=\"insufficient_scope\", error_description=\"The tool needs the scope {scope}\", scope=\"{scope}\", \
         {}",
        pointer(server).replace(", scope=\"read\"", "")
    );
    challenge(StatusCode::FORBIDDEN, &header, message)
}

fn pointer(server: &Server) -> String {
    let inner = server.inner();
    if inner.manner.now().no_resource_metadata {
        return "realm=\"mcp\"".into();
    }
    let metadata = format!("{}/.well-known/oauth-protected-resource/mcp", inner.base);
    format!("resource_metadata=\"{metadata}\", scope=\"read\"")
}

fn challenge(status: StatusCode, header: &str, message: &Value) -> Response {
    let body = json!({
        "jsonrpc": "2.0",
        "id": message["id"],
        "error": {"code": -32001, "message": status.canonical_reason().unwrap_or_default()},
    });
    (status, [(WWW_AUTHENTICATE, header.to_owned())], Json(body)).into_response()
}
