//! Keys, signatures and random names.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rsa::pkcs1::EncodeRsaPrivateKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::faults::Fault;

/// A signing key with its public half.
#[derive(Clone)]
pub(crate) struct Key {
    algorithm: Algorithm,
    secret: EncodingKey,
    pub(crate) public: Jwk,
    /// PKCS#8 PEM; empty for RSA, whose private half never leaves.
    pub(crate) pem: String,
}

impl Key {
    /// A new key, ES256 or RS256.
    pub(crate) fn generate(algorithm: Algorithm) -> Self {
        let (secret, pem) = match algorithm {
            Algorithm::RS256 => {
                let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).expect("2048 bits is a size that RSA takes");
                let der = key.to_pkcs1_der().expect("a fresh key encodes");
                (EncodingKey::from_rsa_der(der.as_bytes()), String::new())
            }
            _ => {
                let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("the system has random numbers");
                let pem = pair.serialize_pem();
                (EncodingKey::from_ec_pem(pem.as_bytes()).expect("rcgen writes PKCS#8"), pem)
            }
        };
        let mut public = Jwk::from_encoding_key(&secret, algorithm).expect("a fresh key has a public half");
        // RFC 7638: what a client that has only its PEM file computes too.
        public.common.key_id = public.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256).ok();
        public.common.public_key_use = Some(jsonwebtoken::jwk::PublicKeyUse::Signature);
        Self { algorithm, secret, public, pem }
    }

    /// A JWS of `claims`, spoiled as `twist` says.
    pub(crate) fn sign(&self, typ: &str, claims: &Value, twist: Option<&Fault>) -> String {
        let mut header = Header::new(self.algorithm);
        header.typ = Some(typ.into());
        header.kid.clone_from(&self.public.common.key_id);
        let mut secret = self.secret.clone();
        match twist {
            Some(Fault::Jwe) => return (0..5).map(|_| random(24)).collect::<Vec<_>>().join("."),
            Some(Fault::AlgNone) => {
                let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
                return format!("{}.{}.", part(&json!({"alg": "none", "typ": typ})), part(claims));
            }
            Some(Fault::Hs256) => {
                header.alg = Algorithm::HS256;
                secret = EncodingKey::from_secret(json!(self.public).to_string().as_bytes());
            }
            Some(Fault::UnknownKid) => header.kid = Some(random(8)),
            Some(Fault::WrongType) => header.typ = Some("JWT".into()),
            Some(Fault::BadSignature) => secret = Self::generate(Algorithm::ES256).secret,
            _ => {}
        }
        if matches!(twist, Some(Fault::BadSignature)) {
            header.alg = Algorithm::ES256;
        }
        jsonwebtoken::encode(&header, claims, &secret).expect("claims are plain JSON")
    }
}

/// The current key and those before it that are still published.
pub(crate) struct KeyRing {
    algorithm: Algorithm,
    keys: Vec<Key>,
}

impl KeyRing {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        Self { algorithm, keys: vec![Key::generate(algorithm)] }
    }

    pub(crate) fn current(&self) -> &Key {
        self.keys.first().expect("a ring is never empty")
    }

    /// Signs with a new key from now on and keeps the one before published.
    pub(crate) fn rotate(&mut self) {
        self.keys.insert(0, Key::generate(self.algorithm));
        self.keys.truncate(2);
    }

    pub(crate) fn forget_old(&mut self) {
        self.keys.truncate(1);
    }

    pub(crate) fn published(&self) -> JwkSet {
        JwkSet { keys: self.keys.iter().map(|key| key.public.clone()).collect() }
    }
}

/// The claims of `token` if one of `keys` signed it; times and names are the caller's to judge.
pub(crate) fn verify(token: &str, keys: &JwkSet) -> Option<(Header, Value)> {
    let header = jsonwebtoken::decode_header(token).ok()?;
    let key = match &header.kid {
        Some(kid) => keys.find(kid)?,
        None => keys.keys.first()?,
    };
    let allowed = matches!(header.alg, Algorithm::ES256 | Algorithm::RS256);
    let mut validation = Validation::new(header.alg);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let key = DecodingKey::from_jwk(key).ok().filter(|_| allowed)?;
    let data = jsonwebtoken::decode::<Value>(token, &key, &validation).ok()?;
    Some((header, data.claims))
}

/// The key id that `token` names.
pub(crate) fn kid(token: &str) -> Option<String> {
    jsonwebtoken::decode_header(token).ok()?.kid
}

/// The claims of `token`, unverified.
pub(crate) fn peek(token: &str) -> Option<Value> {
    jsonwebtoken::dangerous::insecure_decode_claims(token).ok()
}

/// `bytes` random bytes in base64url.
pub(crate) fn random(bytes: usize) -> String {
    let mut buffer = vec![0; bytes];
    getrandom::fill(&mut buffer).expect("the system has random numbers");
    URL_SAFE_NO_PAD.encode(buffer)
}

/// SHA-256 in base64url: the S256 of PKCE, and how secrets are named in tables.
pub(crate) fn digest(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

/// The left half of the SHA-256 of `token`, as `at_hash` wants it (OIDC Core §3.1.3.6).
pub(crate) fn half_hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(token.as_bytes())[..16])
}

/// Whether `claim` (a string or an array) is exactly `name`, an array of one included.
pub(crate) fn only(claim: &Value, name: &str) -> bool {
    claim.as_str() == Some(name) || claim.as_array().is_some_and(|list| list.len() == 1 && list[0] == name)
}
