//! A resource authorization server, and what it knows of the servers behind it.

mod assertion;
mod authorize;
mod cimd;
mod metadata;
mod token;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use jsonwebtoken::Algorithm;

use self::assertion::Jwks;
use crate::audit::{Event, Log};
use crate::client::{Client, Used};
use crate::clock::Clock;
use crate::faults::Faults;
use crate::form::words;
use crate::held::Held;
use crate::keys::{KeyRing, digest};
use crate::profile::{Manner, Profile};

pub(crate) use metadata::describe;

/// A server that tokens of this AS are for.
#[derive(Clone, Debug)]
pub(crate) struct Protected {
    pub(crate) id: &'static str,
    pub(crate) resource: String,
}

/// What a live access token stands for.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) user: String,
    pub(crate) subject: String,
    pub(crate) client: String,
    pub(crate) resource: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) acr: String,
    pub(crate) jti: String,
    pub(crate) until: i64,
}

impl Grant {
    pub(crate) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|have| have == scope)
    }
}

#[derive(Default)]
pub(crate) struct Memory {
    /// Access tokens by digest.
    pub(crate) tokens: HashMap<String, Grant>,
    pub(crate) codes: HashMap<String, authorize::Code>,
    pub(crate) asked: HashMap<String, authorize::Asked>,
    /// E-mail addresses of people who never signed in here.
    pub(crate) strangers: HashSet<String>,
    /// What a group may have at most; a group that is absent may have everything.
    pub(crate) ceilings: BTreeMap<String, Vec<String>>,
}

/// How a resource AS is set up.
pub(crate) struct Setup {
    pub(crate) name: &'static str,
    pub(crate) base: String,
    pub(crate) issuer: String,
    /// Other names under which it answers: the origins of its servers, where the older articles look.
    pub(crate) aliases: Vec<String>,
    pub(crate) idp: String,
    pub(crate) clients: Vec<Client>,
    pub(crate) servers: Vec<Protected>,
    /// Tokens are JWTs with the resource as audience; else opaque.
    pub(crate) jwt: bool,
    pub(crate) token_seconds: i64,
    pub(crate) profile: Profile,
    pub(crate) faults: Faults,
    pub(crate) http: reqwest::Client,
}

/// A handle on a resource AS: its records and its administrator's verbs.
#[derive(Clone)]
pub struct Resource(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) setup: Setup,
    pub(crate) manner: Manner,
    pub(crate) clock: Clock,
    pub(crate) keys: Held<KeyRing>,
    pub(crate) used: Used,
    pub(crate) jwks: Jwks,
    pub(crate) memory: Held<Memory>,
    pub(crate) token_seconds: Held<i64>,
    pub(crate) log: Log,
}

impl Resource {
    pub(crate) fn new(setup: Setup) -> Self {
        let clock = Clock::default();
        let ceilings = [("finance", "read write"), ("contractors", "read")];
        Self(Arc::new(Inner {
            manner: Manner::new(setup.profile.clone()),
            keys: Held::new(KeyRing::new(Algorithm::ES256)),
            used: Used::default(),
            jwks: Jwks::new(setup.http.clone(), setup.idp.clone()),
            memory: Held::new(Memory {
                ceilings: ceilings.map(|(group, scopes)| (group.to_owned(), words(scopes))).into(),
                ..Memory::default()
            }),
            token_seconds: Held::new(setup.token_seconds),
            log: Log::new(clock.clone()),
            clock,
            setup,
        }))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    pub(crate) fn router(&self) -> Router {
        let path = self.0.setup.issuer.strip_prefix(&self.0.setup.base).unwrap_or_default().trim_matches('/').to_owned();
        let prefix = if path.is_empty() { String::new() } else { format!("/{path}") };
        let mut places = vec![
            (format!("/.well-known/oauth-authorization-server{prefix}"), false),
            (format!("/.well-known/openid-configuration{prefix}"), true),
        ];
        if !prefix.is_empty() {
            places.push((format!("{prefix}/.well-known/openid-configuration"), true));
        }
        let mut router = Router::new();
        for (place, oidc) in places {
            let handler = if oidc { get(metadata::oidc) } else { get(metadata::oauth) };
            router = router.route(&place, handler.clone());
            if prefix.is_empty() {
                router = router.route(&format!("{place}/"), handler);
            }
        }
        router
            .route(&format!("{prefix}/token"), post(token::serve))
            .route(&format!("{prefix}/revoke"), post(token::revoke))
            .route(&format!("{prefix}/jwks"), get(metadata::jwks))
            .route(&format!("{prefix}/authorize"), get(authorize::start))
            .route(&format!("{prefix}/allow"), post(authorize::allow))
            .with_state(self.clone())
    }

    /// Its name: `track` or `wiki`.
    pub fn name(&self) -> &'static str {
        self.0.setup.name
    }

    /// Its issuer, byte for byte.
    pub fn issuer(&self) -> String {
        self.0.setup.issuer.clone()
    }

    /// Makes every access token invalid at once.
    pub fn revoke_all_tokens(&self) {
        self.0.memory.lock().tokens.clear();
    }

    /// Forgets the person, as if they had never signed in here, until [`Resource::welcome`].
    pub fn forget(&self, user: &str) {
        self.0.memory.lock().strangers.insert(user.to_owned());
    }

    /// Knows the person again.
    pub fn welcome(&self, user: &str) {
        self.0.memory.lock().strangers.remove(user);
    }

    /// Limits what members of a group may have.
    pub fn set_ceiling<I: Into<String>>(&self, group: &str, scopes: impl IntoIterator<Item = I>) {
        let scopes = scopes.into_iter().map(Into::into).collect();
        self.0.memory.lock().ceilings.insert(group.to_owned(), scopes);
    }

    /// Life of the tokens issued from now on, seconds.
    pub fn set_token_seconds(&self, seconds: i64) {
        *self.0.token_seconds.lock() = seconds;
    }

    /// Pushes this party's clock by `seconds`.
    pub fn shift_clock(&self, seconds: i64) {
        self.0.clock.shift(seconds);
    }

    /// Changes how this AS behaves from now on.
    pub fn behave(&self, change: impl FnOnce(&mut Profile)) {
        self.0.manner.change(change);
    }

    /// Requests that arrived: `jwt_bearer`, `authorization_code`, `authorize`, `revoke`, `metadata`; and `jwks_fetch`,
    /// what it asked of the IdP itself.
    pub fn count(&self, kind: &str) -> usize {
        if kind == "jwks_fetch" { self.0.jwks.fetched() } else { self.0.log.count(kind) }
    }

    /// Requests of that kind that were granted.
    pub fn granted(&self, kind: &str) -> usize {
        self.0.log.granted(kind)
    }

    /// Everything decided so far, oldest first.
    pub fn audit(&self) -> Vec<Event> {
        self.0.log.events()
    }

    /// What a token stands for, while it lives.
    pub(crate) fn inspect(&self, token: &str) -> Option<Grant> {
        let memory = self.0.memory.lock();
        memory.tokens.get(&digest(token)).filter(|grant| grant.until > self.0.clock.now()).cloned()
    }
}
