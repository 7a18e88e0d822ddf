//! Judging an assertion (ID-JAG §4.4): who signed it, for whom, and that it was not seen before.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jsonwebtoken::jwk::JwkSet;
use serde_json::Value;

use super::{Protected, Resource};
use crate::client::Client;
use crate::faults::Fault;
use crate::held::Held;
use crate::keys::{kid, only, verify};
use crate::refusal::Refusal;

/// The IdP's keys, fetched when first needed and again when a key id is unknown.
pub(crate) struct Jwks {
    http: reqwest::Client,
    issuer: String,
    keys: Held<Option<JwkSet>>,
    fetched: AtomicUsize,
}

impl Jwks {
    pub(super) fn new(http: reqwest::Client, issuer: String) -> Self {
        Self { http, issuer, keys: Held::new(None), fetched: AtomicUsize::new(0) }
    }

    pub(super) fn fetched(&self) -> usize {
        self.fetched.load(Ordering::Relaxed)
    }

    async fn covering(&self, kid: &str) -> Option<JwkSet> {
        let known = self.keys.lock().clone().filter(|keys| keys.find(kid).is_some());
        if known.is_some() {
            return known;
        }
        let fresh = self.fetch().await?;
        *self.keys.lock() = Some(fresh.clone());
        Some(fresh)
    }

    async fn fetch(&self) -> Option<JwkSet> {
        self.fetched.fetch_add(1, Ordering::Relaxed);
        let place = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let metadata: Value = self.json(&place).await?;
        if metadata["issuer"] != self.issuer.as_str() {
            return None;
        }
        self.json(metadata["jwks_uri"].as_str()?).await
    }

    async fn json<T: serde::de::DeserializeOwned>(&self, place: &str) -> Option<T> {
        self.http.get(place).timeout(Duration::from_secs(5)).send().await.ok()?.json().await.ok()
    }
}

/// What a good assertion says.
#[derive(Debug)]
pub(super) struct Vouched {
    pub(super) server: Protected,
    pub(super) subject: String,
    pub(super) user: String,
    pub(super) scopes: Vec<String>,
    pub(super) groups: Vec<String>,
    pub(super) acr: String,
    pub(super) jti: String,
}

/// # Errors
/// `invalid_grant` with the reason; `invalid_target` for a resource of somebody else.
pub(super) async fn judge(resource: &Resource, client: &Client, token: &str, twist: Option<&Fault>) -> Result<Vouched, Refusal> {
    let (inner, bad) = (resource.inner(), |text: &str| Refusal::grant(text));
    let profile = inner.manner.now();
    let now = inner.clock.now() + Fault::shift(twist);
    let kid = kid(token).ok_or_else(|| bad("The assertion is not a signed JWT with a key id."))?;
    let keys = inner.jwks.covering(&kid).await.ok_or_else(|| bad("The issuer's keys could not be fetched."))?;
    let (header, claims) = verify(token, &keys).ok_or_else(|| bad("The assertion signature could not be verified."))?;
    if header.typ.as_deref() != Some("oauth-id-jag+jwt") {
        return Err(bad("The assertion 'typ' is not oauth-id-jag+jwt."));
    }
    if claims["iss"] != inner.setup.idp.as_str() {
        return Err(bad("The assertion issuer is not trusted."));
    }
    let names = || std::iter::once(&inner.setup.issuer).chain(&inner.setup.aliases);
    if !names().any(|name| only(&claims["aud"], name)) {
        return Err(bad("The assertion audience is not this authorization server alone."));
    }
    if claims["client_id"] != client.id.as_str() {
        return Err(bad("The assertion 'client_id' does not match the authenticated client."));
    }
    let (iat, exp) = (claims["iat"].as_i64().unwrap_or(i64::MAX), claims["exp"].as_i64().unwrap_or(0));
    if exp <= now - 30 || twist == Some(&Fault::Expired) {
        return Err(bad("The assertion has expired."));
    }
    if iat > now + 60 {
        return Err(bad("The assertion was issued in the future."));
    }
    if exp - iat > 300 {
        return Err(bad("The assertion lifetime exceeds 5 minutes."));
    }
    let text = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
    let server = inner.setup.servers.iter().find(|server| server.resource == text("resource"));
    let server = server.ok_or_else(|| Refusal::new("invalid_target", "The resource is unknown here."))?;
    let (jti, subject) = (text("jti"), text("sub"));
    if jti.is_empty() || subject.is_empty() {
        return Err(bad("The assertion lacks 'jti' or 'sub'."));
    }
    let first = inner.used.first(&jti, exp, now) || profile.reusable_assertions;
    if !first || twist == Some(&Fault::Replayed) {
        return Err(bad("The assertion was already used."));
    }
    let user = text("email").split('@').next().unwrap_or_default().to_owned();
    if user.is_empty() || inner.memory.lock().strangers.contains(&user) {
        return Err(bad("The assertion's user was not found; sign in here with SSO once."));
    }
    let scopes = crate::form::words(&text("scope"));
    if scopes.is_empty() {
        return Err(bad("The assertion must carry at least one scope."));
    }
    let groups = serde_json::from_value(claims["groups"].clone()).unwrap_or_default();
    Ok(Vouched { server: server.clone(), subject, user, scopes, groups, acr: text("acr"), jti })
}
