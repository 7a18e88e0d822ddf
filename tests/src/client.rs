//! Clients of the IdP and of the resource ASs, and how they prove themselves.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use jsonwebtoken::jwk::JwkSet;
use serde_json::Value;
use url::Url;

use crate::form::Form;
use crate::held::Held;
use crate::keys::{only, verify};
use crate::refusal::Refusal;

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How a client proves itself; only the registered way is accepted.
#[derive(Clone, Debug)]
pub(crate) enum Proof {
    None,
    Basic(String),
    Post(String),
    Key(JwkSet),
}

impl Proof {
    /// The method's name in metadata and policy.
    pub(crate) const fn method(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Basic(_) => "client_secret_basic",
            Self::Post(_) => "client_secret_post",
            Self::Key(_) => "private_key_jwt",
        }
    }
}

/// A registered client.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) proof: Proof,
    /// Redirect addresses; `None` admits `/callback` on any loopback host (RFC 8252 §7.3).
    pub(crate) redirects: Option<Vec<String>>,
}

impl Client {
    pub(crate) fn new(id: &str, proof: Proof) -> Self {
        Self { id: id.into(), proof, redirects: None }
    }

    /// Whether `uri` is registered: the port is free unless `ports` names the registered ones.
    pub(crate) fn admits(&self, uri: &str, ports: &[u16]) -> bool {
        let Ok(url) = Url::parse(uri) else { return false };
        let loopback = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        let port = url.port().is_some_and(|port| ports.is_empty() || ports.contains(&port));
        let plain = url.scheme() == "http" && url.query().is_none() && url.fragment().is_none();
        match &self.redirects {
            None => loopback && port && plain && url.path() == "/callback" && url.username().is_empty(),
            Some(list) => {
                list.iter().any(|known| known == uri || (loopback && port && plain && portless(known) == portless(uri)))
            }
        }
    }
}

fn portless(uri: &str) -> Option<String> {
    let mut url = Url::parse(uri).ok()?;
    url.set_port(None).ok()?;
    Some(url.into())
}

/// What a request shows of its client.
pub(crate) struct Shown {
    pub(crate) id: String,
    proof: ShownProof,
}

enum ShownProof {
    None,
    Basic(String),
    Post(String),
    Assertion(String),
}

impl Shown {
    /// Reads the client from the header or the form.
    ///
    /// # Errors
    /// `invalid_request` for two methods at once, `invalid_client` for none or an unreadable one.
    pub(crate) fn read(headers: &HeaderMap, form: &Form) -> Result<Self, Refusal> {
        let basic = headers.get("authorization").and_then(|value| value.to_str().ok());
        let (secret, assertion) = (form.value("client_secret"), form.value("client_assertion"));
        if usize::from(basic.is_some()) + usize::from(secret.is_some()) + usize::from(assertion.is_some()) > 1 {
            return Err(Refusal::request("The client authenticated in more than one way."));
        }
        let bad = || Refusal::new("invalid_client", "Client authentication failed.");
        let shown = if let Some(header) = basic {
            let text = header.strip_prefix("Basic ").and_then(|text| STANDARD.decode(text.trim()).ok());
            let text = text.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(bad)?;
            let (id, secret) = text.split_once(':').ok_or_else(bad)?;
            Self { id: plain(id), proof: ShownProof::Basic(plain(secret)) }
        } else if let Some(assertion) = assertion {
            if form.value("client_assertion_type") != Some(ASSERTION) {
                return Err(Refusal::request("The client_assertion_type is not supported."));
            }
            let claims = crate::keys::peek(assertion).ok_or_else(bad)?;
            let id = claims["sub"].as_str().ok_or_else(bad)?.to_owned();
            Self { id, proof: ShownProof::Assertion(assertion.to_owned()) }
        } else {
            let id = form.value("client_id").ok_or_else(bad)?.to_owned();
            let proof = secret.map_or(ShownProof::None, |secret| ShownProof::Post(secret.to_owned()));
            Self { id, proof }
        };
        match form.value("client_id") {
            Some(id) if id != shown.id => Err(Refusal::request("The client_id contradicts the authentication.")),
            _ => Ok(shown),
        }
    }

    /// Judges the proof against what is registered; `audiences` are what a client assertion may be addressed to.
    ///
    /// # Errors
    /// `invalid_client`, saying which part did not fit.
    pub(crate) fn prove(&self, client: &Client, audiences: &[String], now: i64, used: &Used) -> Result<(), Refusal> {
        let bad = |text: &str| Err(Refusal::new("invalid_client", text));
        match (&client.proof, &self.proof) {
            (Proof::None, ShownProof::None) => Ok(()),
            (Proof::Basic(want), ShownProof::Basic(have)) | (Proof::Post(want), ShownProof::Post(have)) => {
                if want == have {
                    Ok(())
                } else {
                    bad("The client secret supplied for a confidential client is invalid.")
                }
            }
            (Proof::Key(keys), ShownProof::Assertion(token)) => {
                let Some((_, claims)) = verify(token, keys) else {
                    return bad("The client_assertion signature is invalid.");
                };
                let exp = claims["exp"].as_i64().unwrap_or(0);
                if claims["iss"] != self.id.as_str() {
                    bad("The client_assertion 'iss' is not the client.")
                } else if !audiences.iter().any(|name| only(&claims["aud"], name)) {
                    bad("The audience claim for client_assertion must be the endpoint you invoked for the request.")
                } else if exp <= now - 60 || exp > now + 3660 {
                    bad("The client_assertion token is expired or lives too long.")
                } else if !used.first(&format!("{}:{}", self.id, claims["jti"]), exp, now) {
                    bad("The client_assertion token has already been used.")
                } else {
                    Ok(())
                }
            }
            (want, _) => bad(&format!("This client is registered for {}.", want.method())),
        }
    }
}

/// Basic credentials are form-encoded before they are joined (RFC 6749 §2.3.1).
fn plain(text: &str) -> String {
    url::form_urlencoded::parse(format!("x={text}").as_bytes()).next().map_or_else(String::new, |(_, value)| value.into_owned())
}

/// Ids that were seen, until they expire: single use of assertions.
#[derive(Debug, Default)]
pub(crate) struct Used(Held<HashSet<(String, i64)>>);

impl Used {
    /// Whether this is the first time; `exp` is when it may be forgotten.
    pub(crate) fn first(&self, id: &str, exp: i64, now: i64) -> bool {
        let mut seen = self.0.lock();
        seen.retain(|(_, until)| *until > now - 120);
        if seen.iter().any(|(known, _)| known == id) {
            return false;
        }
        seen.insert((id.to_owned(), exp))
    }
}

/// The client a claim or a document describes by `token_endpoint_auth_method`.
pub(crate) fn described(id: &str, document: &Value) -> Option<Client> {
    let proof = match document["token_endpoint_auth_method"].as_str() {
        None | Some("none") => Proof::None,
        Some("private_key_jwt") => Proof::Key(serde_json::from_value(document["jwks"].clone()).ok()?),
        Some(_) => return None,
    };
    let redirects = serde_json::from_value(document["redirect_uris"].clone()).unwrap_or_default();
    Some(Client { id: id.into(), proof, redirects: Some(redirects) })
}
