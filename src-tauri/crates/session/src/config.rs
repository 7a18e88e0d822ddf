use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use net::{AssertionKey, ClientAuth, Pace, Reach};
use secret::Secret;

use crate::AccountRule;
use crate::vault::Fallback;

/// What the session needs of policy. Another issuer or client is another identity; all else applies live.
#[derive(Clone, Debug)]
pub struct Config {
    /// `Issuer`, byte for byte.
    pub issuer: String,
    /// `ClientId`.
    pub client_id: String,
    /// `ClientAuthentication` with its secret or key.
    pub proof: Proof,
    /// `ClientAssertionAudience`.
    pub assertion_audience: AssertionAudience,
    /// `AuthorizationEndpoint`.
    pub authorization_endpoint: Option<String>,
    /// `TokenEndpoint`.
    pub token_endpoint: Option<String>,
    /// `Scopes`.
    pub scopes: Vec<String>,
    /// `AcrValues`.
    pub acr_values: Option<String>,
    /// `MaxAgeSeconds`.
    pub max_age: Option<u64>,
    /// `Prompt`.
    pub prompt: Option<String>,
    /// `AccountHint`, expanded.
    pub login_hint: Option<String>,
    /// `AllowedAccounts`.
    pub allowed_accounts: Vec<AccountRule>,
    /// `RedirectHost` is `localhost`.
    pub redirect_localhost: bool,
    /// `RedirectPorts`; empty for any.
    pub redirect_ports: Vec<u16>,
    /// `SignOutRevokes`.
    pub sign_out_revokes: bool,
    /// `SessionCheckSeconds`.
    pub check_every: Duration,
    /// `VaultFallback`.
    pub vault_fallback: Fallback,
}

/// How the client proves itself at the IdP.
#[derive(Clone, Debug)]
pub enum Proof {
    /// A public client.
    None,
    /// `client_secret_basic`.
    Basic(Arc<Secret>),
    /// `client_secret_post`.
    Post(Arc<Secret>),
    /// `private_key_jwt`.
    PrivateKeyJwt(Arc<AssertionKey>),
}

/// The audience of client assertions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AssertionAudience {
    /// The issuer, and the token endpoint after one `invalid_client`.
    #[default]
    Auto,
    /// Always the issuer.
    Issuer,
    /// Always the token endpoint.
    TokenEndpoint,
}

impl Config {
    /// The hosts of this identity provider.
    pub fn reach(&self) -> Reach {
        let pins = [&self.authorization_endpoint, &self.token_endpoint];
        Reach::of(std::iter::once(self.issuer.as_str()).chain(pins.into_iter().flatten().map(String::as_str)))
    }

    /// Whether `other` is the same identity provider and client.
    pub fn is_same_identity(&self, other: &Self) -> bool {
        self.issuer == other.issuer && self.client_id == other.client_id
    }
}

/// The IdP as legs after the sign-in meet it: endpoint, proof, pace.
#[derive(Debug)]
pub struct Idp {
    /// The issuer.
    pub issuer: String,
    /// Lanyard's client id there.
    pub client_id: String,
    /// The token endpoint, from validated metadata or policy.
    pub token_endpoint: String,
    /// The hosts that policy vouches for.
    pub reach: Reach,
    /// The turns of requests to the token endpoint.
    pub pace: Arc<Pace>,
    pub(crate) proof: Proof,
    pub(crate) audience: AssertionAudience,
    /// Set once the IdP has refused the issuer as audience.
    pub(crate) endpoint_is_audience: Arc<AtomicBool>,
}

impl Idp {
    /// The proof for the next attempt: the same strength as at sign-in (MUST 22).
    pub fn auth(&self) -> ClientAuth {
        let client_id = self.client_id.clone();
        match &self.proof {
            Proof::None => ClientAuth::None { client_id },
            Proof::Basic(secret) => ClientAuth::Basic { client_id, secret: secret.clone() },
            Proof::Post(secret) => ClientAuth::Post { client_id, secret: secret.clone() },
            Proof::PrivateKeyJwt(key) => {
                ClientAuth::PrivateKeyJwt { client_id, key: key.clone(), audience: self.assertion_audience() }
            }
        }
    }

    /// The method of the proof, with the key id that the IdP must know it by; never a secret.
    pub fn proof(&self) -> String {
        match &self.proof {
            Proof::None => "none".to_owned(),
            Proof::Basic(_) => "client_secret_basic".to_owned(),
            Proof::Post(_) => "client_secret_post".to_owned(),
            Proof::PrivateKeyJwt(key) => format!("private_key_jwt, kid {}", key.kid()),
        }
    }

    /// After `invalid_client`: whether another audience is worth one more attempt. Remembered.
    pub fn try_other_audience(&self) -> bool {
        matches!(self.proof, Proof::PrivateKeyJwt(_))
            && self.audience == AssertionAudience::Auto
            && !self.endpoint_is_audience.swap(true, Ordering::Relaxed)
    }

    fn assertion_audience(&self) -> String {
        let endpoint = match self.audience {
            AssertionAudience::Issuer => false,
            AssertionAudience::TokenEndpoint => true,
            AssertionAudience::Auto => self.endpoint_is_audience.load(Ordering::Relaxed),
        };
        if endpoint { self.token_endpoint.clone() } else { self.issuer.clone() }
    }
}
