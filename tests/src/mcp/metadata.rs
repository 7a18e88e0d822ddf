//! RFC 9728 metadata of a server, and the older place on its own origin.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

use super::Server;
use crate::faults::{Fault, Leg};
use crate::resource::describe;

pub(super) async fn protected_resource(State(server): State<Server>) -> Response {
    let inner = server.inner();
    inner.log.saw("metadata");
    let profile = inner.manner.now();
    let Some(guard) = inner.guard.as_ref().filter(|_| !profile.no_resource_metadata) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let server = &server;
    inner
        .faults
        .around(&[Leg::Prm(inner.id)], |twist| async move {
            let mut document = json!({
                "resource": server.url(),
                "authorization_servers": [guard.issuer()],
                "scopes_supported": ["read", "write"],
                "bearer_methods_supported": ["header"],
                "resource_name": server.title(),
            });
            if profile.article_keys {
                document["mcp_server_info"] = json!({"name": server.id(), "version": "1.0.0"});
            }
            match twist {
                Some(Fault::WrongIssuer) => document["authorization_servers"] = json!([server.inner().other]),
                Some(Fault::WrongResource) => document["resource"] = json!(format!("{}/other", server.inner().base)),
                Some(Fault::CrossOrigin) => document["resource"] = json!("https://evil.example/mcp"),
                _ => {}
            }
            Json(document).into_response()
        })
        .await
}

/// AS metadata on the server's own origin, where revision 2025-03-26 and the older articles look.
pub(super) async fn own_origin(State(server): State<Server>) -> Response {
    let inner = server.inner();
    match inner.guard.as_ref().filter(|_| inner.manner.now().no_resource_metadata) {
        Some(guard) => describe(guard, &inner.base).await,
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
