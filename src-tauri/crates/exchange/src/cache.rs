//! Cached tokens and standing refusals of one server: pure decisions, time in as an argument.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secret::Secret;

use crate::answer::Answers;
use crate::budget::Budget;
use crate::config::Server;
use crate::discovery::Target;
use crate::error::{ExchangeError, Kind};
use crate::flight::Flight;

/// What a caller asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// Scopes; none for the server's default.
    pub scopes: Option<Vec<String>>,
    /// The least remaining life.
    pub min_ttl: Option<Duration>,
}

/// A token as it is cached.
#[derive(Debug)]
pub struct Entry {
    /// The access token.
    pub token: Arc<Secret>,
    /// Its scopes, separated by spaces.
    pub scope: Arc<str>,
    /// The resource it is for.
    pub resource: Arc<str>,
    /// When it was minted.
    pub minted: Timestamp,
    /// When it ends; never later than `MaxTokenLifeSeconds` after it was minted.
    pub expires: Timestamp,
    /// The session's epoch that it belongs to.
    pub epoch: u64,
    /// A mark of the assertion behind it: 8 hex digits of the hash of its `jti`.
    pub assertion: Option<String>,
    /// The other side's id of the exchange.
    pub trace: Option<String>,
}

/// A token with less than this is not handed out unless somebody asked for even less.
const LEAST: SignedDuration = SignedDuration::from_secs(5);
/// Renewed ahead only while a client used the server within this.
pub(crate) const IN_USE: SignedDuration = SignedDuration::from_mins(15);

impl Entry {
    fn life(&self) -> SignedDuration {
        self.expires.duration_since(self.minted)
    }

    fn left(&self, now: Timestamp) -> SignedDuration {
        self.expires.duration_since(now)
    }

    /// Whether it has every scope asked for.
    pub(crate) fn covers(&self, scopes: Option<&[String]>) -> bool {
        scopes.is_none_or(|asked| asked.iter().all(|scope| self.scope.split(' ').any(|has| has == scope)))
    }

    /// When it should be renewed: the margin, at most a fifth of its life, before its end.
    pub(crate) fn renew_at(&self, margin: Duration) -> Timestamp {
        let margin = SignedDuration::try_from(margin).unwrap_or(SignedDuration::MAX).min(self.life() / 5);
        self.expires - margin
    }
}

/// What the cache answers.
#[derive(Clone, Debug)]
pub(crate) enum Lookup {
    /// Serve this.
    Fresh(Arc<Entry>),
    /// Serve this and fetch the next one meanwhile.
    Ageing(Arc<Entry>),
    /// The same refusal still stands.
    Refused(ExchangeError),
    /// Mint.
    Absent,
}

/// A refusal that stands for a while.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub(crate) error: ExchangeError,
    pub(crate) until: Timestamp,
    /// The sign-ins counted when it was given: another one clears it.
    pub(crate) sign_ins: u64,
}

/// Everything about one server that is in memory.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    pub(crate) server: Arc<Server>,
    pub(crate) target: Option<(Arc<Target>, Timestamp)>,
    pub(crate) entry: Option<Arc<Entry>>,
    pub(crate) standing: Option<Standing>,
    pub(crate) flight: Option<Flight>,
    pub(crate) budget: Budget,
    pub(crate) last_used: Option<Timestamp>,
    /// Failures in a row of the passing kind.
    pub(crate) passing: u32,
    /// The sign-ins counted when it was last asked for.
    pub(crate) sign_ins: u64,
    /// The sign-ins counted when a stronger one was last demanded.
    pub(crate) step_up_at: Option<u64>,
    /// What its server answered to tokens.
    pub(crate) answers: Answers,
    /// Rises when what policy says of it changes: a flight of before is not stored.
    pub(crate) generation: u64,
}

impl Slot {
    /// What to do for `ask`, now.
    pub(crate) fn lookup(&self, ask: &Ask, margin: Duration, now: Timestamp, epoch: u64, sign_ins: u64) -> Lookup {
        let held = self.entry.as_ref().filter(|entry| entry.epoch == epoch && entry.covers(ask.scopes.as_deref()));
        if let Some(entry) = held {
            let asked = ask.min_ttl.and_then(|ttl| SignedDuration::try_from(ttl).ok());
            let least = asked.unwrap_or_else(|| LEAST.min(entry.life() / 10));
            if entry.left(now) > SignedDuration::ZERO && entry.left(now) >= least {
                let fresh = now < entry.renew_at(margin);
                // An ageing token is fetched anew only where that is not known to fail.
                let quiet = self.stands(now, sign_ins).is_some();
                return if fresh || quiet { Lookup::Fresh(entry.clone()) } else { Lookup::Ageing(entry.clone()) };
            }
        }
        match self.stands(now, sign_ins) {
            Some(error) => Lookup::Refused(error),
            None => Lookup::Absent,
        }
    }

    fn stands(&self, now: Timestamp, sign_ins: u64) -> Option<ExchangeError> {
        let standing = self.standing.as_ref().filter(|standing| now < standing.until && standing.sign_ins == sign_ins)?;
        let left = standing.until.as_second() - now.as_second();
        let mut error = standing.error.clone();
        if matches!(error.kind, Kind::IdpThrottled | Kind::Busy | Kind::IdpUnreachable | Kind::ServerUnreachable) {
            error.retry_after = Some(u64::try_from(left).unwrap_or(0).max(1));
        }
        Some(error)
    }

    /// A new sign-in is a new try: what failed for the one before says nothing of it.
    pub(crate) fn begin(&mut self, sign_ins: u64) {
        if std::mem::replace(&mut self.sign_ins, sign_ins) != sign_ins {
            self.budget.reset();
            self.passing = 0;
        }
    }

    /// Forgets what was refused: a person's retry, a new policy.
    pub(crate) fn forgive(&mut self) {
        self.standing = None;
        self.budget.reset();
        self.passing = 0;
        self.step_up_at = None;
    }
}

/// A server's state in Status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerState {
    /// Nothing was asked of it yet, or its token ran out.
    Idle,
    /// A token is cached.
    Ready,
    /// One is being fetched.
    Renewing,
    /// Somebody said no.
    Denied,
    /// It is away.
    Unreachable,
    /// It is set up so that it cannot work.
    Misconfigured,
    /// A person must do something.
    NeedsUser,
}

/// What Status shows of a server.
#[derive(Clone, Debug)]
pub struct Health {
    /// Its state.
    pub state: ServerState,
    /// When the cached token ends.
    pub expires: Option<Timestamp>,
    /// Its scopes.
    pub scope: Option<String>,
    /// When a client last used it.
    pub last_used: Option<Timestamp>,
    /// Assertions this month.
    pub mints: u64,
    /// What stands against it.
    pub error: Option<ExchangeError>,
}

impl Slot {
    pub(crate) fn health(&self, now: Timestamp, epoch: u64, sign_ins: u64, serves: bool, mints: u64) -> Health {
        let entry = self.entry.as_ref().filter(|entry| serves && entry.epoch == epoch && entry.expires > now);
        let error = self.stands(now, sign_ins);
        let state = match (&error, entry, &self.flight) {
            (_, _, Some(flight)) if flight.is_alive() => ServerState::Renewing,
            (None, Some(_), _) => ServerState::Ready,
            (None, None, _) => ServerState::Idle,
            (Some(error), entry, _) => match error.kind {
                Kind::IdpRefused | Kind::ServerRefused | Kind::Scope => ServerState::Denied,
                Kind::StepUp | Kind::Interactive | Kind::Session(_) => ServerState::NeedsUser,
                Kind::Misconfigured | Kind::NotSupported => ServerState::Misconfigured,
                _ if entry.is_some() => ServerState::Ready,
                _ => ServerState::Unreachable,
            },
        };
        Health {
            state,
            expires: entry.map(|entry| entry.expires),
            scope: entry.map(|entry| entry.scope.to_string()),
            last_used: self.last_used,
            mints,
            error,
        }
    }

    /// When its health changes next by time alone: its token ends, or what was refused.
    pub(crate) fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let ends = self.entry.as_ref().map(|entry| entry.expires);
        let forgiven = self.standing.as_ref().map(|standing| standing.until);
        [ends, forgiven].into_iter().flatten().filter(|at| *at > now).min()
    }
}

/// A mutex whose holder panicked is used all the same: nothing here is left half-changed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
