//! From a server's URL to its resource identifier and authorization server (RFC 9728, RFC 8414, MCP authorization).

mod authorization_server;
mod challenge;
mod resource;

use net::{Client, DocumentError, Reach};
use serde::{Deserialize, Serialize};

pub use authorization_server::well_known;
pub use challenge::Challenge;
pub use resource::well_known_resource;

use crate::config::{Route, Server};

/// The grant profile that a resource AS names when it takes ID-JAGs.
pub(crate) const ID_JAG_PROFILE: &str = "urn:ietf:params:oauth:grant-profile:id-jag";
/// The grant of leg 3.
pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Where tokens for a server come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Target {
    /// The resource identifier, byte for byte as it is sent.
    pub resource: String,
    /// The authorization server's issuer, byte for byte.
    pub issuer: String,
    /// Its token endpoint.
    pub token_endpoint: String,
    /// Where a browser goes, for `route: interactive`.
    pub authorization_endpoint: Option<String>,
    /// The client authentication methods it names; empty when it names none.
    pub methods: Vec<String>,
    /// Whether it says that it takes ID-JAGs; absence proves nothing.
    pub announces_id_jag: bool,
    /// Whether it names grants and the JWT bearer grant is not among them.
    pub denies_jwt_bearer: bool,
    /// Whether client ID metadata documents are taken.
    pub takes_client_metadata: bool,
    /// Scopes of the 401's challenge.
    pub challenged_scopes: Option<Vec<String>>,
    /// Scopes of the resource metadata.
    pub resource_scopes: Option<Vec<String>>,
    /// RFC 9207.
    pub sends_iss: bool,
}

/// Why a server cannot be used, before any token is asked for.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    /// A document was not received.
    #[error("{what} was not received")]
    Document {
        /// Which one.
        what: &'static str,
        /// Why.
        #[source]
        source: DocumentError,
    },
    /// The server has no resource metadata, and policy pins none.
    #[error("the server publishes no protected resource metadata")]
    NoMetadata,
    /// The metadata names another resource than the server's URL.
    #[error("the resource metadata names “{found}”; pin it with the key resource if that is right")]
    OtherResource {
        /// What it names, as theirs.
        found: String,
    },
    /// It names no authorization server, or several and none that takes ID-JAGs, or not the pinned one.
    #[error("the resource metadata names no authorization server that can be used")]
    NoServer,
    /// The authorization server's metadata names another issuer (an attack, or a slip).
    #[error("the authorization server's metadata names “{found}”")]
    OtherIssuer {
        /// What it names, as theirs.
        found: String,
    },
    /// The server named another authorization server when it was first used.
    #[error("the server changed its authorization server from “{first}” to “{now}”; name the new one in policy if that is right")]
    Moved {
        /// The one first seen.
        first: String,
        /// The one it names now, as theirs.
        now: String,
    },
    /// A member that is needed is missing.
    #[error("the authorization server's metadata lacks {0}")]
    Missing(&'static str),
}

impl DiscoveryError {
    /// Whether waiting may help.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Document { source, .. } if source.is_passing())
    }
}

/// The resource metadata as Lanyard reads it; unknown members are ignored.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ResourceMetadata {
    pub(crate) resource: String,
    pub(crate) authorization_servers: Vec<String>,
    pub(crate) scopes_supported: Option<Vec<String>>,
}

/// Finds the target of `server`. `first_seen` is the authorization server that it named when it was first used.
pub(crate) async fn discover(client: &Client, server: &Server, first_seen: Option<&str>) -> Result<Target, DiscoveryError> {
    let pins = [&server.authorization_server, &server.token_endpoint, &server.resource];
    let reach =
        Reach::of(std::iter::once(server.url.as_str()).chain(pins.into_iter().flatten().map(String::as_str)).chain(first_seen));
    if let (Some(resource), Some(issuer), Some(token_endpoint), Route::IdJag) =
        (&server.resource, &server.authorization_server, &server.token_endpoint, server.route)
    {
        // Everything is pinned: nothing is asked of the network.
        return Ok(Target {
            resource: resource.clone(),
            issuer: issuer.clone(),
            token_endpoint: token_endpoint.clone(),
            ..Target::default()
        });
    }
    let found = resource::find(client, server, &reach).await?;
    let candidates = candidates(server, &found)?;
    let mut target = authorization_server::choose(client, server, &candidates, &reach).await?;
    if let Some(first) = first_seen
        && server.authorization_server.is_none()
        && first != target.issuer
    {
        return Err(DiscoveryError::Moved { first: first.to_owned(), now: net::theirs(&target.issuer, 200) });
    }
    target.resource = server.resource.clone().unwrap_or(found.metadata.resource);
    target.challenged_scopes = found.challenge.scopes;
    target.resource_scopes = found.metadata.scopes_supported;
    if let Some(pinned) = &server.token_endpoint {
        target.token_endpoint = pinned.clone();
    }
    Ok(target)
}

/// The authorization servers worth asking: the pinned one alone, where there is a pin.
fn candidates(server: &Server, found: &resource::Found) -> Result<Vec<String>, DiscoveryError> {
    let named = &found.metadata.authorization_servers;
    match &server.authorization_server {
        Some(pin) if named.is_empty() || named.contains(pin) => Ok(vec![pin.clone()]),
        Some(_) => Err(DiscoveryError::NoServer),
        None if named.is_empty() => Err(DiscoveryError::NoServer),
        None => Ok(named.iter().take(5).cloned().collect()),
    }
}

#[cfg(test)]
mod tests;
