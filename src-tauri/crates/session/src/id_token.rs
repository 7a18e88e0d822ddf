//! ID token validation (OIDC Core §3.1.3.7 and §12.2), all of it: here Lanyard is the relying party.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256, Sha384, Sha512};

/// How far clocks may disagree, seconds (MUST 64).
pub const SKEW: i64 = 60;
/// How old a token may be when first received, seconds.
const OLDEST: i64 = 600;

/// The claims that Lanyard reads; the rest is ignored (MUST 59).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Claims {
    /// Issuer.
    pub iss: String,
    /// Subject: the key of the account.
    pub sub: String,
    /// Audience; a single text is a list of one.
    #[serde(deserialize_with = "one_or_many")]
    pub aud: Vec<String>,
    /// Authorised party.
    pub azp: Option<String>,
    /// Expiry, Unix seconds.
    pub exp: i64,
    /// Issued at, Unix seconds.
    pub iat: i64,
    /// The nonce of the attempt.
    pub nonce: Option<String>,
    /// Hash of the access token.
    pub at_hash: Option<String>,
    /// When the person authenticated, Unix seconds.
    pub auth_time: Option<i64>,
    /// Authentication context class.
    pub acr: Option<String>,
    /// Session id at the IdP.
    pub sid: Option<String>,
    /// Display name.
    pub name: Option<String>,
    /// User name.
    pub preferred_username: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Whether the IdP vouches for the address; Some IdPs send text.
    #[serde(deserialize_with = "truth")]
    pub email_verified: bool,
    /// Entra's tenant.
    pub tid: Option<String>,
    /// Google's hosted domain.
    pub hd: Option<String>,
    /// Groups, where the IdP sends them.
    #[serde(deserialize_with = "texts")]
    pub groups: Vec<String>,
}

/// What the token must say.
#[derive(Clone, Debug, Default)]
pub struct Expected<'a> {
    /// Policy's issuer, byte for byte.
    pub issuer: &'a str,
    /// Lanyard's client id.
    pub client_id: &'a str,
    /// The nonce, at sign-in.
    pub nonce: Option<&'a str>,
    /// The access token that came with it, for `at_hash`.
    pub access_token: Option<&'a str>,
    /// The subject that must not change, at refresh.
    pub subject: Option<&'a str>,
    /// The oldest authentication allowed, seconds, where a `max_age` was asked.
    pub max_age: Option<i64>,
    /// The contexts one of which was demanded.
    pub acr_values: Option<&'a str>,
    /// The algorithms that metadata names; empty when it names none.
    pub algorithms: &'a [String],
    /// Whether it is fresh from a sign-in or refresh, so that `iat` must be recent.
    pub just_issued: bool,
}

/// What is wrong with an ID token. Nothing of it is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenError {
    /// Not a signed JWT, an algorithm that is not allowed, or a critical header.
    #[error("it is not signed in an allowed way")]
    Form,
    /// No key of the issuer fits; the keys may have rotated (MUST 13).
    #[error("no key of the issuer fits")]
    UnknownKey,
    /// The signature is wrong.
    #[error("its signature is wrong")]
    Signature,
    /// Another issuer.
    #[error("it names another issuer")]
    Issuer,
    /// Not for this client, or for others too.
    #[error("it is not for this client")]
    Audience,
    /// Expired, not yet valid, or too old.
    #[error("its times are wrong; the clock of this machine may be too")]
    Time,
    /// Not of this attempt.
    #[error("it does not belong to this attempt")]
    Nonce,
    /// Not of the access token beside it.
    #[error("it does not belong to the tokens beside it")]
    AccessTokenHash,
    /// Another person, or none.
    #[error("it names another person")]
    Subject,
    /// The authentication is older or weaker than asked.
    #[error("the authentication is not what was asked for")]
    Authentication,
}

/// Verifies `token`. `keys` is none only where the IdP has no key document (endpoints pinned by policy):
/// then TLS to the token endpoint vouches for it (OIDC Core §3.1.3.7, item 6).
pub fn verify(token: &str, keys: Option<&JwkSet>, expected: &Expected<'_>, now: i64) -> Result<Claims, IdTokenError> {
    let algorithm = allowed_algorithm(token, expected.algorithms)?;
    let claims = match keys {
        Some(keys) => signed_claims(token, keys, algorithm)?,
        None => jsonwebtoken::dangerous::insecure_decode_claims(token).map_err(|_| IdTokenError::Form)?,
    };
    judge(&claims, expected, algorithm, now)?;
    Ok(claims)
}

fn allowed_algorithm(token: &str, named: &[String]) -> Result<Algorithm, IdTokenError> {
    #[derive(Deserialize)]
    struct Head {
        alg: String,
        crit: Option<serde_json::Value>,
    }
    let head = token.split('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok()).ok_or(IdTokenError::Form)?;
    let head: Head = serde_json::from_slice(&head).map_err(|_| IdTokenError::Form)?;
    if head.crit.is_some() || token.split('.').count() != 3 || !(named.is_empty() || named.contains(&head.alg)) {
        return Err(IdTokenError::Form);
    }
    match head.alg.as_str() {
        "RS256" => Ok(Algorithm::RS256),
        "PS256" => Ok(Algorithm::PS256),
        "ES256" => Ok(Algorithm::ES256),
        "EdDSA" => Ok(Algorithm::EdDSA),
        _ => Err(IdTokenError::Form),
    }
}

fn signed_claims(token: &str, keys: &JwkSet, algorithm: Algorithm) -> Result<Claims, IdTokenError> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| IdTokenError::Form)?;
    let mut validation = Validation::new(algorithm);
    // The claims are judged here, with the rules of the field and not of a library.
    (validation.validate_exp, validation.validate_aud, validation.validate_nbf) = (false, false, false);
    validation.required_spec_claims.clear();
    let candidates: Vec<&Jwk> = match header.kid.as_deref() {
        Some(kid) => keys.keys.iter().filter(|key| key.common.key_id.as_deref() == Some(kid)).collect(),
        None => keys.keys.iter().collect(),
    };
    let mut tried = false;
    for key in candidates.into_iter().filter(|key| verifies(key, algorithm) && is_whole(key)) {
        let Ok(key) = DecodingKey::from_jwk(key) else { continue };
        if key.family() != algorithm.family() {
            continue;
        }
        tried = true;
        if let Ok(data) = jsonwebtoken::decode::<Claims>(token, &key, &validation) {
            return Ok(data.claims);
        }
    }
    Err(if tried { IdTokenError::Signature } else { IdTokenError::UnknownKey })
}

/// Whether the key is one for signatures, and for this algorithm where it says for which (RFC 7517 §4.2, §4.4).
fn verifies(key: &Jwk, algorithm: Algorithm) -> bool {
    let for_signatures = key.common.public_key_use.as_ref().is_none_or(|purpose| *purpose == PublicKeyUse::Signature);
    let named = key.common.key_algorithm.as_ref().is_none_or(|named| named.to_string() == format!("{algorithm:?}"));
    for_signatures && named
}

/// `jsonwebtoken` cuts the first 32 bytes out of an Ed25519 key without looking how many there are.
fn is_whole(key: &Jwk) -> bool {
    match &key.algorithm {
        AlgorithmParameters::OctetKeyPair(pair) => URL_SAFE_NO_PAD.decode(&pair.x).is_ok_and(|x| x.len() == 32),
        _ => true,
    }
}

fn judge(claims: &Claims, expected: &Expected<'_>, algorithm: Algorithm, now: i64) -> Result<(), IdTokenError> {
    if claims.iss != expected.issuer {
        return Err(IdTokenError::Issuer);
    }
    let others = claims.aud.iter().any(|audience| audience != expected.client_id);
    let party_is_other = claims.azp.as_deref().is_some_and(|party| party != expected.client_id);
    if claims.aud.is_empty() || others || party_is_other {
        return Err(IdTokenError::Audience);
    }
    let too_old = expected.just_issued && claims.iat < now - OLDEST - SKEW;
    if claims.exp <= now - SKEW || claims.iat > now + SKEW || too_old {
        return Err(IdTokenError::Time);
    }
    if claims.sub.is_empty() || claims.sub.len() > 255 || expected.subject.is_some_and(|subject| subject != claims.sub) {
        return Err(IdTokenError::Subject);
    }
    match (expected.nonce, claims.nonce.as_deref()) {
        (Some(wanted), Some(found)) if wanted == found => {}
        (Some(_), _) => return Err(IdTokenError::Nonce),
        (None, _) => {}
    }
    if let (Some(hash), Some(access_token)) = (&claims.at_hash, expected.access_token)
        && *hash != at_hash(access_token, algorithm)
    {
        return Err(IdTokenError::AccessTokenHash);
    }
    let stale = expected.max_age.is_some_and(|age| claims.auth_time.is_none_or(|at| at < now - age - SKEW));
    let weak = expected.acr_values.is_some_and(|wanted| !wanted.split(' ').any(|one| claims.acr.as_deref() == Some(one)));
    if stale || weak {
        return Err(IdTokenError::Authentication);
    }
    Ok(())
}

/// The left half of the hash that goes with the signature algorithm (OIDC Core §3.1.3.6).
fn at_hash(access_token: &str, algorithm: Algorithm) -> String {
    let bytes = access_token.as_bytes();
    let full: Vec<u8> = match algorithm {
        Algorithm::EdDSA => Sha512::digest(bytes).to_vec(),
        Algorithm::ES384 | Algorithm::RS384 | Algorithm::PS384 => Sha384::digest(bytes).to_vec(),
        _ => Sha256::digest(bytes).to_vec(),
    };
    URL_SAFE_NO_PAD.encode(&full[..full.len() / 2])
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Either::deserialize(deserializer)? {
        Either::One(one) => vec![one],
        Either::Many(many) => many,
    })
}

fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(value == true || value == "true")
}

fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(value.as_array().into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect())
}

#[cfg(test)]
mod tests;
