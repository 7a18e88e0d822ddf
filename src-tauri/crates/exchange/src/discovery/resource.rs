use http::{HeaderMap, HeaderValue, header};
use net::{Client, DocumentError, Reach, fetch_json};
use url::Url;

use super::{Challenge, DiscoveryError, ResourceMetadata};
use crate::config::Server;

/// What the server says of itself.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) metadata: ResourceMetadata,
    pub(super) challenge: Challenge,
}

/// The two well-known addresses of a resource (RFC 9728 §3.1): with its path, then at the root.
/// Each with the resource identifier that its document must name.
pub fn well_known_resource(server_url: &str) -> Vec<(String, Vec<String>)> {
    let Ok(url) = Url::parse(server_url) else { return Vec::new() };
    let (origin, path) = (url.origin().ascii_serialization(), url.path().trim_end_matches('/').to_owned());
    let root = (
        format!("{origin}/.well-known/oauth-protected-resource"),
        vec![origin.clone(), format!("{origin}/"), server_url.to_owned()],
    );
    if path.is_empty() {
        return vec![root];
    }
    vec![(format!("{origin}/.well-known/oauth-protected-resource{path}"), vec![server_url.to_owned()]), root]
}

/// The metadata of a server: where its 401 points, then the well-known forms (MUST 4).
pub(super) async fn find(client: &Client, server: &Server, reach: &Reach) -> Result<Found, DiscoveryError> {
    let challenge = challenge(client, server, reach).await?;
    if let Some(url) = &challenge.resource_metadata {
        let metadata = fetch(client, url, reach).await.map_err(document)?;
        return judged(server, metadata, std::slice::from_ref(&server.url), challenge);
    }
    for (url, identifiers) in well_known_resource(&server.url) {
        match fetch(client, &url, reach).await {
            Ok(metadata) => return judged(server, metadata, &identifiers, challenge),
            Err(error) if error.is_absent() => {}
            Err(error) => return Err(document(error)),
        }
    }
    without_metadata(server, challenge)
}

fn without_metadata(server: &Server, challenge: Challenge) -> Result<Found, DiscoveryError> {
    let issuer = match (&server.authorization_server, server.legacy_discovery) {
        (Some(pin), _) => pin.clone(),
        (None, true) => net::origin_of(&server.url).ok_or(DiscoveryError::NoMetadata)?,
        (None, false) => return Err(DiscoveryError::NoMetadata),
    };
    let metadata = ResourceMetadata { resource: server.url.clone(), authorization_servers: vec![issuer], scopes_supported: None };
    Ok(Found { metadata, challenge })
}

/// The document must name the resource that was asked for; another one on the same origin only where policy pins it (MUST 5).
fn judged(
    server: &Server,
    metadata: ResourceMetadata,
    identifiers: &[String],
    challenge: Challenge,
) -> Result<Found, DiscoveryError> {
    let same_origin = net::origin_of(&metadata.resource).is_some_and(|origin| Some(origin) == net::origin_of(&server.url));
    let fits = match &server.resource {
        Some(pin) => *pin == metadata.resource && (same_origin || *pin == server.url),
        None => identifiers.contains(&metadata.resource),
    };
    if !fits {
        return Err(DiscoveryError::OtherResource { found: net::theirs(&metadata.resource, 200) });
    }
    Ok(Found { metadata, challenge })
}

async fn fetch(client: &Client, url: &str, reach: &Reach) -> Result<ResourceMetadata, DocumentError> {
    fetch_json(client, url, reach).await.map(|(metadata, _)| metadata)
}

fn document(source: DocumentError) -> DiscoveryError {
    DiscoveryError::Document { what: "the protected resource metadata", source }
}

/// Asks the server without a token: its 401 says where its metadata is. `ping` changes nothing on any revision.
async fn challenge(client: &Client, server: &Server, reach: &Reach) -> Result<Challenge, DiscoveryError> {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
    let body = br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#.to_vec();
    let reply = client.post(&server.url, headers, body, reach).await;
    let reply = match reply {
        Ok(reply) => reply,
        // A server that holds its answer open needs no token for it; what it publishes is still asked for.
        Err(net::NetError::TooLarge { .. }) => return Ok(Challenge::default()),
        Err(error) => return Err(DiscoveryError::Document { what: "an answer of the server", source: error.into() }),
    };
    if reply.status >= 500 {
        return Err(DiscoveryError::Document { what: "an answer of the server", source: DocumentError::Status(reply.status) });
    }
    let challenges = reply.headers.get_all(header::WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    Ok(match reply.status {
        401 | 403 => Challenge::read(&challenges.collect::<Vec<_>>().join(", ")),
        _ => Challenge::default(),
    })
}
