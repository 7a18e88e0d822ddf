//! The IdP's metadata: OIDC Discovery §4 and RFC 8414 §3, in the field's order of well-known forms.

use jsonwebtoken::jwk::JwkSet;
use net::{Client, DocumentError, Reach, fetch_json};
use serde::Deserialize;
use url::Url;

use crate::Config;

/// What Lanyard reads of the metadata; members it does not know are ignored (MUST 59).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// Must equal policy's issuer, byte for byte (MUST 2).
    pub issuer: String,
    /// Where people sign in.
    pub authorization_endpoint: Option<String>,
    /// Where grants are redeemed.
    pub token_endpoint: Option<String>,
    /// The signing keys.
    pub jwks_uri: Option<String>,
    /// RFC 7009.
    pub revocation_endpoint: Option<String>,
    /// OIDC RP-Initiated Logout.
    pub end_session_endpoint: Option<String>,
    /// PKCE methods; an IdP that names some must name S256.
    pub code_challenge_methods_supported: Option<Vec<String>>,
    /// Scopes; decides about `offline_access`.
    pub scopes_supported: Option<Vec<String>>,
    /// RFC 9207.
    pub authorization_response_iss_parameter_supported: bool,
    /// Signature algorithms of ID tokens.
    pub id_token_signing_alg_values_supported: Vec<String>,
}

/// Why the IdP cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    /// The document was not received.
    #[error("the metadata of the identity provider was not received")]
    Document(#[from] DocumentError),
    /// The document names another issuer.
    #[error("the metadata names another issuer")]
    Issuer {
        /// What it names, as theirs.
        found: String,
    },
    /// A member that is needed is missing.
    #[error("the metadata lacks {0}")]
    Missing(&'static str),
    /// PKCE methods are named and S256 is not among them.
    #[error("the identity provider does not offer PKCE with S256")]
    NoS256,
}

impl DiscoveryError {
    /// Whether waiting may help.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Document(error) if error.is_passing())
    }
}

/// The addresses to try, in order (protocol order of OIDC Discovery §4.1, RFC 8414 §3.1).
pub fn well_known(issuer: &str) -> Vec<String> {
    let trimmed = issuer.strip_suffix('/').unwrap_or(issuer);
    let mut forms = vec![format!("{trimmed}/.well-known/openid-configuration")];
    if let Ok(url) = Url::parse(issuer) {
        let (origin, path) = (url.origin().ascii_serialization(), url.path().trim_end_matches('/'));
        forms.push(format!("{origin}/.well-known/oauth-authorization-server{path}"));
        if !path.is_empty() {
            forms.push(format!("{origin}/.well-known/openid-configuration{path}"));
        }
    }
    forms
}

/// Fetches and checks the metadata; policy's pins win over what it says. Returns how long it may be kept, seconds.
pub(crate) async fn discover(client: &Client, config: &Config) -> Result<(Metadata, u64), DiscoveryError> {
    let found = fetch(client, &config.issuer, &config.reach()).await;
    let (mut metadata, keep) = match found {
        Ok(found) => found,
        // Policy may describe an IdP that has no discovery document at all.
        Err(DiscoveryError::Document(error))
            if error.is_absent() && config.authorization_endpoint.is_some() && config.token_endpoint.is_some() =>
        {
            (Metadata { issuer: config.issuer.clone(), ..Metadata::default() }, DAY)
        }
        Err(error) => return Err(error),
    };
    metadata.authorization_endpoint = config.authorization_endpoint.clone().or(metadata.authorization_endpoint);
    metadata.token_endpoint = config.token_endpoint.clone().or(metadata.token_endpoint);
    if metadata.token_endpoint.is_none() {
        return Err(DiscoveryError::Missing("token_endpoint"));
    }
    if metadata.code_challenge_methods_supported.as_ref().is_some_and(|methods| !methods.iter().any(|method| method == "S256")) {
        return Err(DiscoveryError::NoS256);
    }
    Ok((metadata, keep))
}

/// Fetches and checks the metadata afresh, for `lanyard doctor`.
///
/// # Errors
/// What a sign-in would meet.
pub async fn probe(client: &Client, config: &Config) -> Result<Metadata, crate::Fault> {
    discover(client, config).await.map(|(metadata, _)| metadata).map_err(|error| crate::Fault::from(&error))
}

const DAY: u64 = 86_400;

async fn fetch(client: &Client, issuer: &str, reach: &Reach) -> Result<(Metadata, u64), DiscoveryError> {
    let mut last = None;
    for url in well_known(issuer) {
        match fetch_json::<Metadata>(client, &url, reach).await {
            Ok((metadata, reply)) => {
                if metadata.issuer != issuer {
                    return Err(DiscoveryError::Issuer { found: net::theirs(&metadata.issuer, 200) });
                }
                return Ok((metadata, reply.max_age().unwrap_or(DAY).clamp(300, DAY)));
            }
            // Another form is tried only where this one does not exist; a 5xx says nothing about that.
            Err(error) if error.is_absent() => {
                last.get_or_insert(error);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(last.unwrap_or(DocumentError::Malformed).into())
}

/// The signing keys with the seconds they may be kept: 1 to 24 hours.
pub(crate) async fn fetch_keys(client: &Client, jwks_uri: &str, reach: &Reach) -> Result<(JwkSet, u64), DocumentError> {
    #[derive(Deserialize)]
    struct Lenient {
        keys: Vec<serde_json::Value>,
    }
    let (document, reply) = fetch_json::<Lenient>(client, jwks_uri, reach).await?;
    // One key of a kind unknown here must not hide the others.
    let keys = document.keys.into_iter().take(100).filter_map(|key| serde_json::from_value(key).ok()).collect();
    Ok((JwkSet { keys }, reply.max_age().unwrap_or(DAY).clamp(3_600, DAY)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_forms_come_in_the_fields_order() {
        let table = [
            (
                "https://idp.example",
                vec![
                    "https://idp.example/.well-known/openid-configuration",
                    "https://idp.example/.well-known/oauth-authorization-server",
                ],
            ),
            (
                "https://t.auth0.com/",
                vec![
                    "https://t.auth0.com/.well-known/openid-configuration",
                    "https://t.auth0.com/.well-known/oauth-authorization-server",
                ],
            ),
            (
                "https://idp.example/realms/a",
                vec![
                    "https://idp.example/realms/a/.well-known/openid-configuration",
                    "https://idp.example/.well-known/oauth-authorization-server/realms/a",
                    "https://idp.example/.well-known/openid-configuration/realms/a",
                ],
            ),
        ];
        for (issuer, expected) in table {
            assert_eq!(well_known(issuer), expected);
        }
    }

    #[test]
    fn unknown_members_are_ignored_and_missing_ones_absent() {
        let metadata: Metadata = serde_json::from_str(r#"{"issuer":"x","something":{"else":1}}"#).unwrap();
        assert_eq!(metadata, Metadata { issuer: "x".into(), ..Metadata::default() });
    }
}
