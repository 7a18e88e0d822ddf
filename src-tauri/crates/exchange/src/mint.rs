//! One token, from the session's proof to the entry in the cache: both legs, and the few repairs that a
//! refusal may be worth. Bounded in calls, in time, and by the server's budget.

use std::sync::Arc;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use net::Client;
use secret::Secret;
use session::{Report, Subject, SubjectKind};
use sha2::{Digest, Sha256};

use crate::assertion::Assertion;
use crate::cache::Entry;
use crate::classify::{Action, Leg};
use crate::config::Server;
use crate::discovery::{Target, discover};
use crate::error::ExchangeError;
use crate::memory::Memory;
use crate::mints::Mints;
use crate::redeem;
use crate::trail::{StepName, Trail};
use crate::upstream::SubjectTokens;

mod legs;
mod repair;
mod scopes;

pub(crate) use scopes::wanted;

/// What a mint works with.
pub(crate) struct Bench {
    pub(crate) client: Client,
    pub(crate) subjects: Arc<dyn SubjectTokens>,
    pub(crate) memory: Arc<Memory>,
    pub(crate) mints: Arc<Mints>,
    pub(crate) subject: SubjectKind,
    pub(crate) max_life: SignedDuration,
    pub(crate) server: Arc<Server>,
    pub(crate) trail: Trail,
}

/// What a mint may ask of the slot that it works for.
pub(crate) trait Ledger: std::marker::Send + Sync {
    /// Metadata that is still good.
    fn target(&self) -> Option<Arc<Target>>;
    /// New metadata, or none to forget it.
    fn keep_target(&self, target: Option<Arc<Target>>);
    /// A failed call; whether another one may follow.
    fn failed(&self, leg: Leg) -> bool;
    /// An assertion that policy lets us present again.
    fn kept_assertion(&self) -> Option<Arc<Assertion>>;
    /// Keeps one, or forgets it.
    fn keep_assertion(&self, assertion: Option<Arc<Assertion>>);
}

/// What was tried in this mint.
#[derive(Default)]
struct Tried {
    actions: Vec<Action>,
    fresh: bool,
    omit_scope: bool,
    omit_resource: bool,
    default_scopes: bool,
    older_token_type: bool,
    refresh_token_subject: bool,
    waits: u32,
}

/// What comes after a refusal or a failed call.
enum Next {
    Again,
    Stop(ExchangeError),
}

impl Bench {
    /// Mints one token for `asked` scopes beyond the server's default.
    pub(crate) async fn mint(&self, ledger: &dyn Ledger, asked: &[String]) -> Result<Entry, ExchangeError> {
        let mut tried = Tried::default();
        loop {
            let target = self.target(ledger).await?;
            let scopes = wanted(&self.server, &target, if tried.default_scopes { &[] } else { asked })?;
            let subject = self.subject(&tried).await?;
            let assertion = match ledger.kept_assertion() {
                Some(assertion) => assertion,
                None => match self.exchange(ledger, &subject, &target, scopes.as_deref(), &mut tried).await? {
                    Some(assertion) => Arc::new(assertion),
                    None => continue,
                },
            };
            match self.redeem(ledger, &subject, &target, &assertion, scopes.as_deref(), &mut tried).await? {
                Some(token) => {
                    self.subjects.report(subject.epoch, Report::Confirmed).await;
                    // Only one that gave a token is the server's: a passing lie must not become the pin.
                    let by_policy = self.server.authorization_server.is_some();
                    self.memory.saw(&self.server.id, &self.server.url, &target.issuer, by_policy);
                    return Ok(self.entry(&subject, &target, &assertion, scopes, token));
                }
                None => ledger.keep_assertion(None),
            }
        }
    }

    pub(crate) async fn target(&self, ledger: &dyn Ledger) -> Result<Arc<Target>, ExchangeError> {
        if let Some(target) = ledger.target() {
            return Ok(target);
        }
        let began = Instant::now();
        let first_seen = self.memory.first_seen(&self.server.id, &self.server.url);
        match discover(&self.client, &self.server, first_seen.as_deref()).await {
            Ok(target) => {
                self.trail.write(StepName::Discovery, began, |step| step.found_target(&target));
                let target = Arc::new(target);
                ledger.keep_target(Some(target.clone()));
                Ok(target)
            }
            Err(error) => {
                let error = ExchangeError::from(&error).sending(&[("url", self.server.url.clone())]);
                self.trail.write(StepName::Discovery, began, |step| step.error = Some(error.clone()));
                Err(error)
            }
        }
    }

    async fn subject(&self, tried: &Tried) -> Result<Subject, ExchangeError> {
        let began = Instant::now();
        let kind = if tried.refresh_token_subject { SubjectKind::RefreshToken } else { self.subject };
        let mut subject = self.subjects.subject(kind, tried.fresh).await;
        if kind == SubjectKind::Auto
            && subject
                .as_ref()
                .is_ok_and(|subject| !subject.is_refresh_token && self.memory.habits(&subject.idp.issuer).refresh_token_subject)
        {
            subject = self.subjects.subject(SubjectKind::RefreshToken, false).await;
        }
        let subject = subject.map_err(ExchangeError::from);
        self.trail.write(StepName::Subject, began, |step| match &subject {
            Ok(subject) => {
                step.found =
                    vec![("subject token", if subject.is_refresh_token { "refresh token" } else { "ID token" }.to_owned())];
            }
            Err(error) => step.error = Some(error.clone()),
        });
        subject
    }

    fn entry(
        &self,
        subject: &Subject,
        target: &Target,
        assertion: &Assertion,
        scopes: Option<Vec<String>>,
        token: redeem::Token,
    ) -> Entry {
        let scope =
            token.scope.or_else(|| assertion.scope.clone()).or_else(|| scopes.map(|scopes| scopes.join(" "))).unwrap_or_default();
        Entry {
            token: Arc::new(token.token),
            scope: scope.split_ascii_whitespace().collect::<Vec<_>>().join(" ").into(),
            resource: target.resource.as_str().into(),
            minted: Timestamp::now(),
            expires: token.expires,
            epoch: subject.epoch,
            assertion: assertion.seen.jti.as_deref().map(mark),
            trace: token.trace,
        }
    }
}

fn mark(jti: &str) -> String {
    Sha256::digest(jti)[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unit() -> f64 {
    secret::random_bytes::<4>().map_or(0.5, |bytes| f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
}

/// Whether a kept assertion may still be presented.
pub(crate) fn is_presentable(assertion: &Assertion, now: Timestamp) -> bool {
    assertion.seen.expires.is_some_and(|expires| expires > now.as_second() + 30) && !Secret::is_empty(&assertion.jwt)
}
