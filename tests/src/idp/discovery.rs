//! What the IdP says of itself.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::Idp;
use crate::faults::{Fault, Leg};

/// OIDC Discovery §3.
pub(super) async fn metadata(State(idp): State<Idp>) -> Response {
    let inner = idp.inner();
    inner.log.saw("metadata");
    let idp = &idp;
    inner
        .faults
        .around(&[Leg::IdpMetadata], |twist| async move {
            let mut document = describe(idp);
            if twist == Some(Fault::WrongIssuer) {
                document["issuer"] = json!("https://evil.example");
            }
            Json(document).into_response()
        })
        .await
}

fn describe(idp: &Idp) -> Value {
    let (inner, profile) = (idp.inner(), idp.inner().manner.now());
    let base = &inner.base;
    let algorithm = if profile.rs256 { "RS256" } else { "ES256" };
    let mut document = json!({
        "issuer": inner.issuer,
        "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{base}/jwks"),
        "revocation_endpoint": format!("{base}/revoke"),
        "end_session_endpoint": format!("{base}/logout"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "code_challenge_methods_supported": ["S256"],
        "id_token_signing_alg_values_supported": [algorithm],
        "token_endpoint_auth_methods_supported":
            ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "RS256"],
        "acr_values_supported": ["pwd", super::STRONG],
        "claims_supported": ["sub", "email", "email_verified", "name", "groups", "tid", "hd", "auth_time", "acr", "amr", "sid"],
        "authorization_response_iss_parameter_supported": true,
    });
    if profile.markers {
        document["grant_types_supported"] = json!(["authorization_code", "refresh_token", super::exchange::GRANT]);
        document["identity_chaining_requested_token_types_supported"] = json!([super::exchange::ID_JAG]);
    }
    document
}

pub(super) async fn jwks(State(idp): State<Idp>) -> Response {
    let inner = idp.inner();
    inner.log.saw("jwks");
    let keys = inner.keys.lock().published();
    inner.faults.around(&[Leg::IdpJwks], |_| async move { Json(keys).into_response() }).await
}

/// A client ID metadata document, hosted here for want of a company website.
pub(super) async fn client_document(State(idp): State<Idp>, Path(name): Path<String>) -> Response {
    let documents = idp.inner().cimd.lock();
    match documents.iter().find(|(known, _)| *known == name) {
        Some((_, document)) => Json(document.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
