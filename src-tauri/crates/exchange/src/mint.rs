//! One token, from the session's proof to the entry in the cache: both legs, and the few repairs that a
//! refusal may be worth. Bounded in calls, in time, and by the server's budget.

use std::sync::Arc;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use net::{Answer, Client, Reach, Refusal};
use secret::Secret;
use session::state::Demand;
use session::{AssertionAudience, Report, Subject, SubjectKind};
use sha2::{Digest, Sha256};

use crate::assertion::{self, Assertion};
use crate::cache::Entry;
use crate::classify::{Action, Leg, Who, classify};
use crate::client_auth::client_auth;
use crate::config::{Send, Server};
use crate::discovery::{Target, discover};
use crate::error::{ExchangeError, Kind, Side};
use crate::memory::Memory;
use crate::mints::Mints;
use crate::redeem;
use crate::trail::{StepName, Trail};
use crate::upstream::SubjectTokens;

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
            let subject = self.subject(tried.fresh).await?;
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
                    return Ok(self.entry(&subject, &target, &assertion, scopes, token));
                }
                None => ledger.keep_assertion(None),
            }
        }
    }

    async fn target(&self, ledger: &dyn Ledger) -> Result<Arc<Target>, ExchangeError> {
        if let Some(target) = ledger.target() {
            return Ok(target);
        }
        let began = Instant::now();
        let first_seen = self.memory.first_seen(&self.server.id, &self.server.url);
        match discover(&self.client, &self.server, first_seen.as_deref()).await {
            Ok(target) => {
                self.trail.write(StepName::Discovery, began, |step| step.found_target(&target));
                self.memory.saw(&self.server.id, &self.server.url, &target.issuer, self.server.authorization_server.is_some());
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

    async fn subject(&self, fresh: bool) -> Result<Subject, ExchangeError> {
        let began = Instant::now();
        let subject = self.subjects.subject(self.subject, fresh).await.map_err(ExchangeError::from);
        self.trail.write(StepName::Subject, began, |step| match &subject {
            Ok(subject) => {
                step.found =
                    vec![("subject token", if subject.is_refresh_token { "refresh token" } else { "ID token" }.to_owned())];
            }
            Err(error) => step.error = Some(error.clone()),
        });
        subject
    }

    /// Leg 2; none when it is worth another round.
    async fn exchange(
        &self,
        ledger: &dyn Ledger,
        subject: &Subject,
        target: &Target,
        scopes: Option<&[String]>,
        tried: &mut Tried,
    ) -> Result<Option<Assertion>, ExchangeError> {
        let scope = scopes.map(|scopes| scopes.join(" "));
        let habits = self.memory.habits(&subject.idp.issuer);
        let request = assertion::Request {
            audience: &target.issuer,
            resource: &target.resource,
            scope: scope.as_deref(),
            client_id: self.server.client_id.as_deref(),
            older_token_type: habits.older_token_type || tried.older_token_type,
        };
        let began = Instant::now();
        let sent = request.sent(subject);
        let answer = request.send(&self.client, subject).await;
        let next = match answer {
            Ok(Answer::Granted(reply)) => match assertion::read(&reply.body, &request, &subject.idp.issuer) {
                Ok(assertion) => {
                    self.mints.add(&self.server.id, Timestamp::now());
                    if tried.older_token_type {
                        self.memory.learn(&subject.idp.issuer, |habits| habits.older_token_type = true);
                    }
                    if assertion.seen.life.is_some_and(|life| life > 300) {
                        tracing::warn!(
                            server = self.server.id,
                            "the identity provider's assertions live longer than 300 seconds"
                        );
                    }
                    self.trail.write(StepName::Assertion, began, |step| {
                        step.sent = sent;
                        step.found = seen(&assertion);
                    });
                    return Ok(Some(assertion));
                }
                Err(error) => Next::Stop(ExchangeError::new(Kind::Misconfigured, sentence(&error.to_string())).by(Who::Idp)),
            },
            Ok(Answer::Refused(refusal)) => self.after_refusal(ledger, Leg::Exchange, subject, target, &refusal, tried).await,
            Ok(Answer::Throttled { retry_after }) => throttled(Kind::IdpThrottled, retry_after),
            Ok(Answer::Unavailable { status, trace }) => {
                let error = ExchangeError { trace, ..ExchangeError::away(Side::Idp) };
                let hint = format!("The identity provider answered {status}.");
                self.after_outage(ledger, Leg::Exchange, ExchangeError { hint, ..error }, tried).await
            }
            Ok(Answer::Interference) => Next::Stop(ExchangeError::interference(Side::Idp)),
            Err(error) if error.is_passing() => {
                self.after_outage(ledger, Leg::Exchange, ExchangeError::from_net(&error, Side::Idp), tried).await
            }
            Err(error) => Next::Stop(ExchangeError::from_net(&error, Side::Idp)),
        };
        self.conclude(StepName::Assertion, began, next, &sent).map(|()| None)
    }

    /// Leg 3; none when it is worth another round, which begins with a new assertion: a lost answer may have used this one.
    async fn redeem(
        &self,
        ledger: &dyn Ledger,
        subject: &Subject,
        target: &Target,
        assertion: &Arc<Assertion>,
        scopes: Option<&[String]>,
        tried: &mut Tried,
    ) -> Result<Option<redeem::Token>, ExchangeError> {
        let habits = self.memory.habits(&target.issuer);
        let auth = client_auth(&self.server, target, assertion.seen.client_id.as_deref(), habits.endpoint_is_audience).ok_or_else(|| {
            let hint = "Lanyard has no client id, or not the means for the client authentication, at this server's authorization server.";
            ExchangeError::new(Kind::Misconfigured, hint).by(Who::Policy)
        })?;
        let granted = assertion.scope.clone().or_else(|| scopes.map(|scopes| scopes.join(" ")));
        let sends_scope = sends(self.server.send_scope, habits.omit_scope || tried.omit_scope);
        let sends_resource = sends(self.server.send_resource, habits.omit_resource || tried.omit_resource);
        let request = redeem::Request {
            endpoint: &target.token_endpoint,
            auth: &auth,
            scope: granted.as_deref().filter(|scope| sends_scope && !scope.is_empty()),
            resource: Some(target.resource.as_str()).filter(|_| sends_resource),
        };
        let began = Instant::now();
        let sent = request.sent();
        let reach =
            Reach::of([self.server.url.as_str(), &target.issuer].into_iter().chain(self.server.token_endpoint.as_deref()));
        if self.server.reuse_assertion {
            ledger.keep_assertion(Some(assertion.clone()));
        }
        let next = match request.send(&self.client, &reach, &assertion.jwt).await {
            Ok(Answer::Granted(reply)) => match redeem::read(&reply.body, &target.resource, self.max_life, Timestamp::now()) {
                Ok(token) => {
                    self.learnt(target, tried);
                    self.trail.write(StepName::Token, began, |step| {
                        step.sent = sent;
                        let life = token.expires.as_second() - Timestamp::now().as_second();
                        step.found =
                            vec![("expires in", format!("{life} s")), ("scope", token.scope.clone().unwrap_or_default())];
                    });
                    return Ok(Some(token));
                }
                Err(error) => Next::Stop(ExchangeError::new(Kind::Misconfigured, sentence(&error.to_string())).by(Who::App)),
            },
            Ok(Answer::Refused(refusal)) => self.after_refusal(ledger, Leg::Redeem, subject, target, &refusal, tried).await,
            Ok(Answer::Throttled { retry_after }) => throttled(Kind::Busy, retry_after),
            Ok(Answer::Unavailable { status, trace }) => {
                let hint = format!("The server's authorization server answered {status}.");
                let error = ExchangeError { trace, hint, ..ExchangeError::away(Side::Server) };
                self.after_outage(ledger, Leg::Redeem, error, tried).await
            }
            Ok(Answer::Interference) => Next::Stop(ExchangeError::interference(Side::Server)),
            Err(error) if error.is_passing() => {
                self.after_outage(ledger, Leg::Redeem, ExchangeError::from_net(&error, Side::Server), tried).await
            }
            Err(error) => Next::Stop(ExchangeError::from_net(&error, Side::Server)),
        };
        self.conclude(StepName::Token, began, next, &sent).map(|()| None)
    }

    /// Writes the step and stops, or goes on.
    fn conclude(&self, name: StepName, began: Instant, next: Next, sent: &[(&'static str, String)]) -> Result<(), ExchangeError> {
        match next {
            Next::Again => Ok(()),
            Next::Stop(error) => {
                let error = error.sending(sent);
                self.trail.write(name, began, |step| {
                    step.sent = sent.to_vec();
                    step.error = Some(error.clone());
                });
                Err(error)
            }
        }
    }

    async fn after_refusal(
        &self,
        ledger: &dyn Ledger,
        leg: Leg,
        subject: &Subject,
        target: &Target,
        refusal: &Refusal,
        tried: &mut Tried,
    ) -> Next {
        let row = classify(leg, refusal);
        let may_go_on = ledger.failed(leg);
        tracing::info!(server = self.server.id, ?leg, code = refusal.code, "refused");
        let first = !tried.actions.contains(&row.first) && may_go_on;
        if first && self.repair(ledger, row.first, leg, subject, target, tried) {
            tried.actions.push(row.first);
            return Next::Again;
        }
        let last = if matches!(row.first, Action::Gone | Action::StepUp | Action::Stop) { row.first } else { row.then };
        self.report(subject, last, refusal).await;
        Next::Stop(ExchangeError::refused(row, refusal))
    }

    /// Prepares one more round; false when this repair is not possible here.
    fn repair(
        &self,
        ledger: &dyn Ledger,
        action: Action,
        leg: Leg,
        subject: &Subject,
        target: &Target,
        tried: &mut Tried,
    ) -> bool {
        match action {
            Action::Remint => true,
            Action::Refresh => {
                tried.fresh = true;
                true
            }
            Action::OmitScope => {
                tried.omit_scope = true;
                self.server.send_scope == Send::Auto && !self.memory.habits(&target.issuer).omit_scope
            }
            Action::OmitResource => {
                tried.omit_resource = true;
                self.server.send_resource == Send::Auto && !self.memory.habits(&target.issuer).omit_resource
            }
            Action::DefaultScopes => !std::mem::replace(&mut tried.default_scopes, true) && self.server.scopes.is_some(),
            Action::OlderTokenType => {
                tried.older_token_type = true;
                !self.memory.habits(&subject.idp.issuer).older_token_type
            }
            Action::OtherAudience if leg == Leg::Exchange => subject.idp.try_other_audience(),
            Action::OtherAudience => {
                self.server.client_key.is_some()
                    && self.server.assertion_audience == AssertionAudience::Auto
                    && self.memory.learn(&target.issuer, |habits| habits.endpoint_is_audience = true)
            }
            Action::Rediscover => {
                ledger.keep_target(None);
                true
            }
            Action::Gone | Action::StepUp | Action::Stop => false,
        }
    }

    async fn report(&self, subject: &Subject, action: Action, refusal: &Refusal) {
        let report = match action {
            Action::Gone => Report::Gone,
            Action::StepUp => Report::StepUp(Demand::StepUp { acr_values: refusal.acr_values.clone(), max_age: refusal.max_age }),
            _ => return,
        };
        self.subjects.report(subject.epoch, report).await;
    }

    /// A call that did not get through is worth two more, after 1 s and 4 s.
    async fn after_outage(&self, ledger: &dyn Ledger, leg: Leg, error: ExchangeError, tried: &mut Tried) -> Next {
        if !ledger.failed(leg) || tried.waits >= 2 {
            return Next::Stop(error);
        }
        tokio::time::sleep(net::retry_delay(tried.waits, unit())).await;
        tried.waits += 1;
        Next::Again
    }

    /// What worked in the end is remembered for this issuer, where policy leaves it open.
    fn learnt(&self, target: &Target, tried: &Tried) {
        let by_request = |action| tried.actions.contains(&action);
        if by_request(Action::OmitScope) || by_request(Action::OmitResource) {
            self.memory.learn(&target.issuer, |habits| {
                habits.omit_scope |= tried.omit_scope;
                habits.omit_resource |= tried.omit_resource;
            });
        }
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
            trace: None,
        }
    }
}

const IDENTITY_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// The scopes of leg 2: policy's, else the challenge's, else the metadata's, with those asked for, never beyond
/// the ceiling, and never the IdP's own (MUST 21). None leaves the parameter out.
pub(crate) fn wanted(server: &Server, target: &Target, asked: &[String]) -> Result<Option<Vec<String>>, ExchangeError> {
    let base = server.scopes.as_ref().or(target.challenged_scopes.as_ref()).or(target.resource_scopes.as_ref());
    let ceiling = server.ceiling().or(base.map(Vec::as_slice)).unwrap_or_default();
    if asked.iter().any(|scope| !ceiling.contains(scope)) {
        let hint = "The policy of this server does not allow every scope that was asked for.";
        return Err(ExchangeError::new(Kind::Scope, hint).by(Who::Policy));
    }
    let mut scopes: Vec<String> = Vec::new();
    for scope in base.into_iter().flatten().chain(asked) {
        if !IDENTITY_SCOPES.contains(&scope.as_str()) && !scopes.contains(scope) {
            scopes.push(scope.clone());
        }
    }
    Ok(Some(scopes).filter(|scopes| !scopes.is_empty()))
}

fn sends(setting: Send, learnt_not_to: bool) -> bool {
    match setting {
        Send::Always => true,
        Send::Never => false,
        Send::Auto => !learnt_not_to,
    }
}

fn throttled(kind: Kind, retry_after: Option<u64>) -> Next {
    let wait = net::throttle_delay(0, retry_after, unit()).as_secs();
    Next::Stop(ExchangeError::new(kind, "").after(wait))
}

fn seen(assertion: &Assertion) -> Vec<(&'static str, String)> {
    let mut seen = Vec::new();
    seen.extend(assertion.seen.client_id.clone().map(|id| ("client_id at the server", id)));
    seen.extend(assertion.scope.clone().map(|scope| ("scope granted", scope)));
    seen.extend(assertion.seen.life.map(|life| ("assertion life", format!("{life} s"))));
    seen
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(scopes: &[&str]) -> Vec<String> {
        scopes.iter().map(|scope| (*scope).to_owned()).collect()
    }

    fn found(scopes: Option<&[&str]>, max: Option<&[&str]>, challenged: Option<&[&str]>, asked: &[&str]) -> Option<String> {
        let server = Server { scopes: scopes.map(texts), max_scopes: max.map(texts), ..Server::default() };
        let target =
            Target { challenged_scopes: challenged.map(texts), resource_scopes: Some(texts(&["meta"])), ..Target::default() };
        wanted(&server, &target, &texts(asked)).ok().map(|scopes| scopes.map_or("none".into(), |scopes| scopes.join(" ")))
    }

    #[test]
    fn scopes_come_from_policy_then_challenge_then_metadata_and_stay_under_the_ceiling() {
        assert_eq!(found(Some(&["read"]), None, Some(&["all"]), &[]).as_deref(), Some("read"));
        assert_eq!(found(Some(&["read"]), Some(&["read", "write"]), None, &["write"]).as_deref(), Some("read write"));
        assert_eq!(found(Some(&["read"]), None, None, &["write"]), None);
        assert_eq!(found(None, None, Some(&["all", "openid"]), &[]).as_deref(), Some("all"));
        assert_eq!(found(None, None, None, &[]).as_deref(), Some("meta"));
        assert_eq!(found(None, None, None, &["meta"]).as_deref(), Some("meta"));
        assert_eq!(found(None, None, None, &["more"]), None, "no step-up where policy names no scopes");
        assert_eq!(found(Some(&[]), None, None, &[]).as_deref(), Some("none"));
    }
}
