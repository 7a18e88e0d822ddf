//! The company's identity provider.

mod accounts;
mod admin;
mod authorize;
mod discovery;
mod exchange;
mod revoke;
mod token;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use jsonwebtoken::Algorithm;

pub use accounts::{Account, PASSWORD, STRONG};
pub(crate) use accounts::{Memory, Target};

use crate::audit::{Event, Log};
use crate::client::{Client, Proof, Used};
use crate::clock::Clock;
use crate::faults::Faults;
use crate::held::Held;
use crate::keys::{Key, KeyRing, random};
use crate::profile::{Manner, Profile};

/// The secret of `lanyard-basic` and `lanyard-post`: characters that only survive Basic when they are form-encoded.
pub const SECRET: &str = "s3cret:with %+&é";

/// A handle on the IdP: its administrator's verbs and its records.
#[derive(Clone)]
pub struct Idp(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) base: String,
    pub(crate) issuer: String,
    pub(crate) manner: Manner,
    pub(crate) clock: Clock,
    pub(crate) keys: Held<KeyRing>,
    pub(crate) clients: Vec<Client>,
    pub(crate) used: Used,
    pub(crate) memory: Held<Memory>,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
    admin_key: String,
    client_key: Key,
    cimd: Held<Vec<(String, serde_json::Value)>>,
    handed_out: Held<Vec<String>>,
}

impl Inner {
    /// Remembers what left in a token answer, so that a test can look for it where it does not belong.
    pub(crate) fn hand_out(&self, answer: &serde_json::Value) {
        let tokens = ["access_token", "id_token", "refresh_token"].map(|name| answer[name].as_str().map(str::to_owned));
        self.handed_out.lock().extend(tokens.into_iter().flatten());
    }
}

impl Idp {
    /// Every token that this IdP has handed out.
    pub fn secrets(&self) -> Vec<String> {
        self.0.handed_out.lock().clone()
    }

    pub(crate) fn new(base: &str, profile: Profile, faults: Faults) -> Self {
        let clock = Clock::default();
        let client_key = Key::generate(Algorithm::ES256);
        let public = jsonwebtoken::jwk::JwkSet { keys: vec![client_key.public.clone()] };
        let slash = if profile.issuer_slash { "/" } else { "" };
        let algorithm = if profile.rs256 { Algorithm::RS256 } else { Algorithm::ES256 };
        Self(Arc::new(Inner {
            base: base.into(),
            issuer: format!("{base}{slash}"),
            manner: Manner::new(profile),
            keys: Held::new(KeyRing::new(algorithm)),
            clients: vec![
                Client::new("lanyard", Proof::None),
                Client::new("lanyard-basic", Proof::Basic(SECRET.into())),
                Client::new("lanyard-post", Proof::Post(SECRET.into())),
                Client::new("lanyard-jwt", Proof::Key(public)),
            ],
            used: Used::default(),
            memory: Held::new(Memory::seeded()),
            faults,
            log: Log::new(clock.clone()),
            clock,
            admin_key: random(18),
            client_key,
            cimd: Held::default(),
            handed_out: Held::default(),
        }))
    }

    pub(crate) fn router(&self) -> Router {
        Router::new()
            .route("/.well-known/openid-configuration", get(discovery::metadata))
            .route("/jwks", get(discovery::jwks))
            .route("/authorize", get(authorize::start))
            .route("/sign-in", post(authorize::sign_in))
            .route("/confirm", post(authorize::confirm))
            .route("/token", post(token::serve))
            .route("/revoke", post(revoke::revoke))
            .route("/logout", get(revoke::end_session).post(revoke::end_session))
            .route("/clients/{name}", get(discovery::client_document))
            .route("/admin", get(admin::page).post(admin::act))
            .route("/admin/api", get(admin::state).post(admin::command))
            .with_state(self.clone())
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    pub(crate) fn add(&self, target: Target) {
        self.0.memory.lock().targets.push(target);
    }

    pub(crate) fn publish_client(&self, name: &str, document: serde_json::Value) {
        self.0.cimd.lock().push((name.into(), document));
    }

    /// The issuer, byte for byte.
    pub fn issuer(&self) -> String {
        self.0.issuer.clone()
    }

    /// The public client; `lanyard-basic`, `lanyard-post` (both with [`SECRET`]) and `lanyard-jwt` exist besides.
    pub fn client_id(&self) -> &'static str {
        "lanyard"
    }

    /// The private key of `lanyard-jwt`, PKCS#8 PEM.
    pub fn client_key_pem(&self) -> String {
        self.0.client_key.pem.clone()
    }

    /// The address of the administrator's page, with its key.
    pub fn admin_url(&self) -> String {
        format!("{}/admin?key={}", self.0.base, self.0.admin_key)
    }

    /// The key that `X-Sandbox-Key` carries to the administrator's API.
    pub fn admin_key(&self) -> String {
        self.0.admin_key.clone()
    }

    /// Pushes the IdP's clock by `seconds`.
    pub fn shift_clock(&self, seconds: i64) {
        self.0.clock.shift(seconds);
    }

    /// Changes how the IdP behaves from now on.
    pub fn behave(&self, change: impl FnOnce(&mut Profile)) {
        self.0.manner.change(change);
    }

    /// An account by name.
    pub fn account(&self, user: &str) -> Option<Account> {
        self.0.memory.lock().accounts.get(user).cloned()
    }

    /// Refuses the user everything, sessions that exist included, until [`Idp::enable`].
    pub fn disable(&self, user: &str) {
        self.set_active(user, false);
    }

    /// Lets a disabled user back in; their sessions resume.
    pub fn enable(&self, user: &str) {
        self.set_active(user, true);
    }

    fn set_active(&self, user: &str, active: bool) {
        if let Some(account) = self.0.memory.lock().accounts.get_mut(user) {
            account.active = active;
        }
        self.note(user, "", if active { "enabled" } else { "disabled" });
    }

    /// Ends every session of the user; refresh tokens die with them.
    pub fn end_sessions(&self, user: &str) {
        let mut memory = self.0.memory.lock();
        let sids: Vec<String> =
            memory.sessions.values().filter(|session| session.user == user).map(|session| session.sid.clone()).collect();
        for sid in sids {
            memory.end(&sid);
        }
        drop(memory);
        self.note(user, "", "sessions ended");
    }

    /// Replaces the user's groups.
    pub fn set_groups<I: Into<String>>(&self, user: &str, groups: impl IntoIterator<Item = I>) {
        let groups: Vec<String> = groups.into_iter().map(Into::into).collect();
        self.note(user, "", &format!("groups: {}", groups.join(" ")));
        if let Some(account) = self.0.memory.lock().accounts.get_mut(user) {
            account.groups = groups;
        }
    }

    /// Sets which scopes a group has at a server; none takes the access away.
    pub fn set_access<I: Into<String>>(&self, group: &str, server: &str, scopes: impl IntoIterator<Item = I>) {
        let scopes: Vec<String> = scopes.into_iter().map(Into::into).collect();
        self.note("", server, &format!("group {group}: {}", scopes.join(" ")));
        self.0.memory.lock().access.insert((group.into(), server.into()), scopes);
    }

    /// Takes everybody's access to a server away.
    pub fn refuse(&self, server: &str) {
        self.0.memory.lock().access.retain(|(_, target), _| target != server);
        self.note("", server, "access refused to everybody");
    }

    /// Wants this `acr` (such as [`STRONG`]) and a sign-in no older than `max_age` seconds for a server.
    pub fn require_acr(&self, server: &str, acr: Option<&str>, max_age: Option<i64>) {
        self.change_target(server, |target| {
            target.acr = acr.map(str::to_owned);
            target.max_age = max_age;
        });
        self.note("", server, &format!("acr: {}", acr.unwrap_or("any")));
    }

    /// Sets the client id that assertions for a server name.
    pub fn set_resource_client(&self, server: &str, client: &str) {
        self.change_target(server, |target| target.client = client.to_owned());
    }

    fn change_target(&self, server: &str, change: impl Fn(&mut Target)) {
        self.0.memory.lock().targets.iter_mut().filter(|target| target.server == server).for_each(change);
    }

    /// Signs with a new key; the one before stays published.
    pub fn rotate_keys(&self) {
        self.0.keys.lock().rotate();
        self.note("", "", "keys rotated");
    }

    /// Publishes the current key only.
    pub fn forget_old_keys(&self) {
        self.0.keys.lock().forget_old();
        self.note("", "", "old keys forgotten");
    }

    /// Everything decided so far, oldest first.
    pub fn audit(&self) -> Vec<Event> {
        self.0.log.events()
    }

    /// Requests that arrived: `authorize`, `sign_in`, `token`, `refresh`, `token_exchange`, `revoke`, `end_session`,
    /// `metadata`, `jwks`.
    pub fn count(&self, kind: &str) -> usize {
        self.0.log.count(kind)
    }

    /// Requests of that kind that were granted.
    pub fn granted(&self, kind: &str) -> usize {
        self.0.log.granted(kind)
    }

    fn note(&self, user: &str, server: &str, detail: &str) {
        self.0.log.push(Event { user: user.into(), server: server.into(), detail: detail.into(), ..Event::new("admin") });
    }
}
