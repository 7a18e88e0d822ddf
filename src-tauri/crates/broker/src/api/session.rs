use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::request::Parts;
use hyper::body::Incoming;
use serde::de::IgnoredAny;
use serde_json::json;
use tokio::sync::Semaphore;
use wire::{Code, Problem, SignInRequest};

use super::{Answer, Fault, Visit, body, reply};

/// A browser is opened for a request at most this often.
const PAUSE: Duration = Duration::from_secs(30);

/// How many requests may wait for a person at once (LI-20).
const WAITING: usize = 8;

/// What limits sign-ins.
pub(crate) struct SignIns {
    waiting: Semaphore,
    opened: Mutex<Option<Instant>>,
}

impl Default for SignIns {
    fn default() -> Self {
        Self { waiting: Semaphore::new(WAITING), opened: Mutex::default() }
    }
}

impl SignIns {
    /// Takes the right to open a browser; what it was before, so that it can be given back.
    fn open(&self, now: Instant) -> Result<Option<Instant>, Fault> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        match seconds_to_wait(*opened, now) {
            0 => Ok(opened.replace(now)),
            wait => Err(Fault::Own(Code::Busy, "A browser was opened a moment ago.", Some(wait))),
        }
    }

    fn give_back(&self, before: Option<Instant>) {
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = before;
    }
}

fn seconds_to_wait(opened: Option<Instant>, now: Instant) -> u64 {
    let left = opened.map_or(Duration::ZERO, |opened| (opened + PAUSE).saturating_duration_since(now));
    left.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX)
}

impl Visit<'_> {
    /// `POST /v1/session/sign-in`.
    pub(super) async fn sign_in(&self, parts: &Parts, body: Incoming) -> Answer {
        let request: SignInRequest = body::read(parts, body, self.api.limits.body).await?;
        let sign_ins = &self.api.sign_ins;
        let _waiting = sign_ins.waiting.try_acquire().map_err(|_| Fault::from(Code::Busy))?;
        let before = match request.open_browser {
            true => Some(sign_ins.open(Instant::now())?),
            false => None,
        };
        let began = self.within(self.api.agent.sign_in(request)).await;
        if let (Err(_), Some(before)) = (&began, before) {
            // No browser was opened.
            sign_ins.give_back(before);
        }
        reply::json(&began?)
    }

    /// `POST /v1/session/sign-out`.
    pub(super) async fn sign_out(&self, parts: &Parts, body: Incoming) -> Answer {
        self.plain(parts, body).await?;
        if !self.rules.sign_out {
            self.refused("policy does not allow signing out");
            return Err(Fault::from(Problem {
                title: "Signing out not allowed".into(),
                detail: "Your organisation does not allow signing out of Lanyard.".into(),
                action: "Stay signed in, or ask for the sign-in to be ended where this is not your account.".into(),
                ..Code::ClientNotAllowed.problem(None)
            }));
        }
        reply::json(&self.within(self.api.agent.sign_out()).await?)
    }

    /// `POST /v1/pause` and `/v1/resume`.
    pub(super) async fn pause(&self, paused: bool, parts: &Parts, body: Incoming) -> Answer {
        self.plain(parts, body).await?;
        self.api.agent.pause(paused);
        self.api.audit.record(self.event(if paused { "paused" } else { "resumed" }));
        reply::json(&json!({ "paused": paused }))
    }

    /// Reads the body of a route that has no fields.
    pub(super) async fn plain(&self, parts: &Parts, body: Incoming) -> Result<(), Fault> {
        let _fields: std::collections::BTreeMap<String, IgnoredAny> = body::read(parts, body, self.api.limits.body).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_opens_once_in_thirty_seconds() {
        let start = Instant::now();
        assert_eq!(seconds_to_wait(None, start), 0);
        for (after, wait) in [(0, 30_000), (1, 29_999), (29_001, 999), (29_999, 1), (30_000, 0), (90_000, 0)] {
            let now = start + Duration::from_millis(after);
            assert_eq!(seconds_to_wait(Some(start), now), u64::div_ceil(wait, 1_000), "{after}");
        }
        let sign_ins = SignIns::default();
        let before = sign_ins.open(start).ok().unwrap();
        assert!(sign_ins.open(start).is_err());
        sign_ins.give_back(before);
        assert!(sign_ins.open(start).is_ok());
    }
}
