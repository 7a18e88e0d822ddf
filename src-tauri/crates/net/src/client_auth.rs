use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secret::Secret;
use serde::Serialize;

/// How Lanyard proves its client at one authorization server. Credentials belong to one issuer and are
/// never used at another (MUST 28).
#[derive(Clone, Debug)]
pub enum ClientAuth {
    /// A public client: `client_id` in the body.
    None {
        /// The client id at this server.
        client_id: String,
    },
    /// `client_secret_basic`, id and secret form-encoded first (RFC 6749 §2.3.1, MUST 29).
    Basic {
        /// The client id at this server.
        client_id: String,
        /// Its secret.
        secret: Arc<Secret>,
    },
    /// `client_secret_post`.
    Post {
        /// The client id at this server.
        client_id: String,
        /// Its secret.
        secret: Arc<Secret>,
    },
    /// `private_key_jwt` (RFC 7523 §2.2).
    PrivateKeyJwt {
        /// The client id at this server.
        client_id: String,
        /// The signing key.
        key: Arc<AssertionKey>,
        /// The assertion's single audience: the server's issuer, or its token endpoint where it insists.
        audience: String,
    },
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The characters that `application/x-www-form-urlencoded` leaves alone, without `+` for a space, which some servers do not undo.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

impl ClientAuth {
    /// The client id it speaks for.
    pub fn client_id(&self) -> &str {
        match self {
            Self::None { client_id }
            | Self::Basic { client_id, .. }
            | Self::Post { client_id, .. }
            | Self::PrivateKeyJwt { client_id, .. } => client_id,
        }
    }

    /// Adds the proof to one request; every HTTP attempt needs its own call, for a fresh `jti`.
    pub(crate) fn prove(
        &self,
        form: &mut Vec<(&'static str, Secret)>,
        headers: &mut HeaderMap,
        now: Timestamp,
    ) -> Result<(), KeyUnusable> {
        match self {
            Self::None { client_id } => form.push(("client_id", Secret::from(client_id.as_str()))),
            Self::Basic { client_id, secret } => {
                headers.insert(header::AUTHORIZATION, basic(client_id, secret)?);
            }
            Self::Post { client_id, secret } => {
                form.push(("client_id", Secret::from(client_id.as_str())));
                form.push(("client_secret", Secret::from(secret.expose())));
            }
            Self::PrivateKeyJwt { client_id, key, audience } => {
                form.push(("client_id", Secret::from(client_id.as_str())));
                form.push(("client_assertion_type", Secret::from(ASSERTION_TYPE)));
                form.push(("client_assertion", key.assertion(client_id, audience, now)?));
            }
        }
        Ok(())
    }
}

fn basic(client_id: &str, secret: &Secret) -> Result<HeaderValue, KeyUnusable> {
    let pair = Secret::new(format!("{}:{}", utf8_percent_encode(client_id, FORM), utf8_percent_encode(secret.expose(), FORM)));
    let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair.expose()))).map_err(|_| KeyUnusable)?;
    value.set_sensitive(true);
    Ok(value)
}

/// A private key that cannot be read or cannot sign.
#[derive(Debug, thiserror::Error)]
#[error("the client key is unusable")]
pub struct KeyUnusable;

/// The private key behind `private_key_jwt`; its key id is the RFC 7638 thumbprint.
pub struct AssertionKey {
    key: EncodingKey,
    algorithm: Algorithm,
    kid: String,
}

impl fmt::Debug for AssertionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AssertionKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// Two keys of one thumbprint are one key.
impl PartialEq for AssertionKey {
    fn eq(&self, other: &Self) -> bool {
        self.kid == other.kid && self.algorithm == other.algorithm
    }
}

#[derive(Serialize)]
struct AssertionClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: i64,
    exp: i64,
}

impl AssertionKey {
    /// Reads a PEM private key: RSA (RS256), EC P-256 (ES256) or Ed25519 (EdDSA).
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyUnusable> {
        let candidates = [
            (EncodingKey::from_ec_pem(pem), Algorithm::ES256),
            (EncodingKey::from_rsa_pem(pem), Algorithm::RS256),
            (EncodingKey::from_ed_pem(pem), Algorithm::EdDSA),
        ];
        for (key, algorithm) in candidates {
            let Ok(key) = key else { continue };
            let Ok(kid) = Jwk::from_encoding_key(&key, algorithm).and_then(|jwk| jwk.thumbprint(ThumbprintHash::SHA256)) else {
                continue;
            };
            return Ok(Self { key, algorithm, kid });
        }
        Err(KeyUnusable)
    }

    /// The key id that the authorization server must know this key by.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    fn assertion(&self, client_id: &str, audience: &str, now: Timestamp) -> Result<Secret, KeyUnusable> {
        let jti = secret::random_text().map_err(|_| KeyUnusable)?;
        let iat = now.as_second();
        let claims = AssertionClaims { iss: client_id, sub: client_id, aud: audience, jti: jti.expose(), iat, exp: iat + 60 };
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, &claims, &self.key).map(Secret::new).map_err(|_| KeyUnusable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EC: &str = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2\nOF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r\n1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G\n-----END PRIVATE KEY-----\n";

    #[test]
    fn basic_percent_encodes_id_and_secret_before_base64() {
        let value = basic("a:b", &Secret::from("s+ /%ü")).unwrap();
        let decoded = STANDARD.decode(value.to_str().unwrap().strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(String::from_utf8(decoded).unwrap(), "a%3Ab:s%2B%20%2F%25%C3%BC");
        assert!(value.is_sensitive());
    }

    #[test]
    fn every_attempt_carries_a_fresh_assertion_for_one_audience() {
        let auth = ClientAuth::PrivateKeyJwt {
            client_id: "lanyard".into(),
            key: Arc::new(AssertionKey::from_pem(EC.as_bytes()).unwrap()),
            audience: "https://as.example".into(),
        };
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let claims: Vec<serde_json::Value> = (0..2)
            .map(|_| {
                let (mut form, mut headers) = (Vec::new(), HeaderMap::new());
                auth.prove(&mut form, &mut headers, now).unwrap();
                let assertion = form.iter().find(|(name, _)| *name == "client_assertion").unwrap();
                assert!(jsonwebtoken::decode_header(assertion.1.expose()).unwrap().kid.is_some());
                jsonwebtoken::dangerous::insecure_decode::<serde_json::Value>(assertion.1.expose()).unwrap().claims
            })
            .collect();
        assert_ne!(claims[0]["jti"], claims[1]["jti"]);
        assert_eq!(claims[0]["aud"], "https://as.example");
        assert_eq!(claims[0]["exp"].as_i64().unwrap() - claims[0]["iat"].as_i64().unwrap(), 60);
    }

    #[test]
    fn an_unusable_key_is_an_error() {
        assert!(AssertionKey::from_pem(b"").is_err());
        assert!(AssertionKey::from_pem(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----").is_err());
    }
}
