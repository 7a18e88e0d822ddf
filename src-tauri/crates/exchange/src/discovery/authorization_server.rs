use net::{Client, DocumentError, Reach, fetch_json};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{DiscoveryError, ID_JAG_PROFILE, JWT_BEARER, Target};
use crate::config::{Route, Server};

/// What Lanyard reads of an authorization server's metadata (RFC 8414 §2).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    issuer: String,
    token_endpoint: Option<String>,
    authorization_endpoint: Option<String>,
    grant_types_supported: Option<Vec<String>>,
    authorization_grant_profiles_supported: Vec<String>,
    token_endpoint_auth_methods_supported: Vec<String>,
    client_id_metadata_document_supported: bool,
    authorization_response_iss_parameter_supported: bool,
    /// The key of the older articles: a hint, never a trust decision (MUST 8).
    #[serde(rename = "io.modelcontextprotocol/enterprise-managed-authorization")]
    article: Option<Value>,
}

/// The addresses of an authorization server's metadata, in MCP's order.
pub fn well_known(issuer: &str) -> Vec<String> {
    let Ok(url) = Url::parse(issuer) else { return Vec::new() };
    let (origin, path) = (url.origin().ascii_serialization(), url.path().trim_end_matches('/').to_owned());
    let mut forms = vec![
        format!("{origin}/.well-known/oauth-authorization-server{path}"),
        format!("{origin}/.well-known/openid-configuration{path}"),
    ];
    if !path.is_empty() {
        forms.push(format!("{origin}{path}/.well-known/openid-configuration"));
    }
    forms
}

/// The first candidate that announces ID-JAG, else the only one, else one that takes JWT bearer grants at all.
pub(super) async fn choose(
    client: &Client,
    server: &Server,
    candidates: &[String],
    reach: &Reach,
) -> Result<Target, DiscoveryError> {
    let mut usable: Vec<Target> = Vec::new();
    let mut first_error = None;
    for issuer in candidates {
        // The authorization server that the resource names first is vouched for by the server itself.
        let reach = if usable.is_empty() { reach.and([issuer.as_str()]) } else { reach.clone() };
        match fetch(client, issuer, &reach).await.and_then(|metadata| target(issuer, metadata, server)) {
            Ok(target) if target.announces_id_jag || server.route == Route::Interactive => return Ok(target),
            Ok(target) => usable.push(target),
            Err(error) => {
                first_error.get_or_insert(error);
            }
        }
    }
    let several = usable.len() > 1;
    let chosen = usable.into_iter().find(|target| !several || !target.denies_jwt_bearer);
    chosen.ok_or(first_error.unwrap_or(DiscoveryError::NoServer))
}

fn target(issuer: &str, metadata: Metadata, server: &Server) -> Result<Target, DiscoveryError> {
    let pinned = server.token_endpoint.clone();
    let token_endpoint = pinned.or(metadata.token_endpoint).ok_or(DiscoveryError::Missing("token_endpoint"))?;
    let grants = metadata.grant_types_supported.unwrap_or_default();
    let takes_jwt_bearer = grants.iter().any(|grant| grant == JWT_BEARER);
    let profile = metadata.authorization_grant_profiles_supported.iter().any(|profile| profile == ID_JAG_PROFILE);
    Ok(Target {
        issuer: issuer.to_owned(),
        token_endpoint,
        authorization_endpoint: metadata.authorization_endpoint,
        methods: metadata.token_endpoint_auth_methods_supported,
        announces_id_jag: profile || metadata.article.is_some(),
        denies_jwt_bearer: !grants.is_empty() && !takes_jwt_bearer,
        takes_client_metadata: metadata.client_id_metadata_document_supported,
        sends_iss: metadata.authorization_response_iss_parameter_supported,
        ..Target::default()
    })
}

async fn fetch(client: &Client, issuer: &str, reach: &Reach) -> Result<Metadata, DiscoveryError> {
    let document = |source| DiscoveryError::Document { what: "the authorization server's metadata", source };
    let mut first = None;
    for url in well_known(issuer) {
        match fetch_json::<Metadata>(client, &url, reach).await {
            // Its endpoints are not tried: a document that claims a victim's issuer would harvest assertions (MUST 2).
            Ok((metadata, _)) if metadata.issuer != issuer => {
                return Err(DiscoveryError::OtherIssuer { found: net::theirs(&metadata.issuer, 200) });
            }
            Ok((metadata, _)) => return Ok(metadata),
            Err(error) if error.is_absent() => {
                first.get_or_insert(error);
            }
            Err(error) => return Err(document(error)),
        }
    }
    Err(document(first.unwrap_or(DocumentError::Malformed)))
}
