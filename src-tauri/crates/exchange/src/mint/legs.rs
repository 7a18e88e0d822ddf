use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use net::{Answer, Reach};
use session::Subject;

use super::{Bench, Ledger, Next, Tried, unit};
use crate::assertion::{self, Assertion};
use crate::classify::{Leg, Who};
use crate::client_auth::client_auth;
use crate::config::Send;
use crate::discovery::Target;
use crate::error::{ExchangeError, Kind, Side};
use crate::redeem;
use crate::trail::StepName;

impl Bench {
    /// Leg 2; none when it is worth another round.
    pub(super) async fn exchange(
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
                    if tried.refresh_token_subject {
                        self.memory.learn(&subject.idp.issuer, |habits| habits.refresh_token_subject = true);
                    }
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
    pub(super) async fn redeem(
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
                    let token = redeem::Token { trace: reply.trace(), ..token };
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
