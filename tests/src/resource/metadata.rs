//! RFC 8414 metadata of a resource AS, in the standard places and in the articles' form.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::Resource;
use crate::faults::{Fault, Leg};

const PROFILE: &str = "urn:ietf:params:oauth:grant-profile:id-jag";
const EXTENSION: &str = "io.modelcontextprotocol/enterprise-managed-authorization";

pub(super) async fn oauth(State(resource): State<Resource>) -> Response {
    if resource.inner().manner.now().oidc_metadata {
        return StatusCode::NOT_FOUND.into_response();
    }
    oidc(State(resource)).await
}

pub(super) async fn oidc(State(resource): State<Resource>) -> Response {
    let issuer = resource.issuer();
    describe(&resource, &issuer).await
}

/// Metadata under `issuer`, which is an alias where a server's own origin answers.
pub(crate) async fn describe(resource: &Resource, issuer: &str) -> Response {
    let inner = resource.inner();
    inner.log.saw("metadata");
    inner
        .setup
        .faults
        .around(&[Leg::AsMetadata(inner.setup.name)], |twist| async move {
            let issuer = if twist == Some(Fault::WrongIssuer) { "https://evil.example" } else { issuer };
            Json(document(resource, issuer)).into_response()
        })
        .await
}

fn document(resource: &Resource, issuer: &str) -> Value {
    let (inner, profile) = (resource.inner(), resource.inner().manner.now());
    let root = inner.setup.issuer.trim_end_matches('/');
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{root}/authorize"),
        "token_endpoint": format!("{root}/token"),
        "revocation_endpoint": format!("{root}/revoke"),
        "jwks_uri": format!("{root}/jwks"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", super::token::JWT_BEARER],
        "authorization_grant_profiles_supported": [PROFILE],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["read", "write"],
        "client_id_metadata_document_supported": true,
        "authorization_response_iss_parameter_supported": true,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    });
    if !profile.as_markers {
        document["grant_types_supported"] = json!(["authorization_code"]);
        document.as_object_mut().map(|all| all.remove("authorization_grant_profiles_supported"));
    }
    if profile.article_keys {
        document[EXTENSION] = json!({"supported_idp_issuers": [inner.setup.idp]});
    }
    document
}

pub(super) async fn jwks(State(resource): State<Resource>) -> Response {
    Json(resource.inner().keys.lock().published()).into_response()
}
