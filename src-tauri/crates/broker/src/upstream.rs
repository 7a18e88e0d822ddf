//! The one door to the exchange, and what its stops mean at a door.

use std::sync::Arc;

use exchange::{Closed, Exchange, ExchangeError, Hold, Kind, Reason, Refusal, SessionError};
use wire::{Code, Problem};

use crate::tokens::{Ask, Doing, Minted, Served, ServerTokens};

impl ServerTokens for Exchange {
    fn cached(&self, server: &str, ask: &Ask) -> Option<Served> {
        Exchange::cached(self, server, &asked(ask)).map(|entry| served(&entry, false))
    }

    fn answered<'a>(&'a self, server: &'a str, served: &'a Served, refusal: Refusal<'a>) -> Doing<'a, Result<Ask, Problem>> {
        Box::pin(async move {
            let next = Exchange::answered(self, server, &served.token, served.epoch, refusal).await;
            next.map(|ask| Ask { scopes: ask.scopes, min_ttl: ask.min_ttl }).map_err(|error| problem(&error))
        })
    }

    fn serves(&self, epoch: u64) -> bool {
        Exchange::serves(self, epoch)
    }

    fn ended(&self) -> Doing<'_, Problem> {
        Box::pin(async { problem(&Exchange::ended(self).await) })
    }

    fn hold(&self) -> Hold {
        Exchange::hold(self)
    }

    fn token<'a>(&'a self, server: &'a str, ask: &'a Ask) -> Doing<'a, Result<Served, Problem>> {
        Box::pin(async move {
            let ask = asked(ask);
            let (entry, minted) = Exchange::token(self, server, &ask).await.map_err(|error| problem(&error))?;
            Ok(served(&entry, minted))
        })
    }
}

fn asked(ask: &Ask) -> exchange::Ask {
    exchange::Ask { scopes: ask.scopes.clone(), min_ttl: ask.min_ttl }
}

fn served(entry: &exchange::Entry, minted: bool) -> Served {
    Served {
        token: Arc::clone(&entry.token),
        expires_at: entry.expires,
        scope: entry.scope.clone(),
        resource: entry.resource.clone(),
        epoch: entry.epoch,
        minted: minted.then(|| Minted { assertion: entry.assertion.clone(), trace: entry.trace.clone() }),
    }
}

/// A stop of the exchange as a fault. The other side's words stay out of it: faults may reach a model (design §6).
pub fn problem(error: &ExchangeError) -> Problem {
    let code = match &error.kind {
        Kind::Session(error) => return session_problem(error),
        Kind::IdpUnreachable => Code::IdpUnreachable,
        Kind::ServerUnreachable => Code::ServerUnreachable,
        Kind::IdpThrottled => Code::IdpThrottled,
        Kind::Busy => Code::Busy,
        Kind::IdpRefused => Code::IdpRefused,
        Kind::ServerRefused => Code::ServerRefused,
        // Admission found it in policy: what the exchange does not know was left out, because its key cannot be used.
        Kind::Misconfigured | Kind::Unknown => Code::ServerMisconfigured,
        Kind::NotSupported => Code::ServerNotSupported,
        Kind::Scope => Code::ScopeNotAllowed,
        Kind::StepUp => Code::StepUpRequired,
        Kind::Interactive => Code::SignInRequired,
        Kind::NoTokenNeeded | Kind::TooShort => Code::BadRequest,
    };
    code.problem(None).because(&error.hint).after(error.retry_after)
}

/// Why the session gives nothing, as a fault.
pub fn session_problem(error: &SessionError) -> Problem {
    match error {
        SessionError::NotConfigured => Code::NotConfigured.problem(None),
        SessionError::SignedOut(reason) => signed_out(*reason),
        SessionError::SigningIn => Code::SignInInProgress.problem(None).after(Some(10)),
        SessionError::NeedsUser(_) => Code::StepUpRequired.problem(None),
        SessionError::VaultClosed(Closed::Locked) => Code::VaultLocked.problem(None),
        SessionError::VaultClosed(_) => Code::VaultUnavailable.problem(None),
        SessionError::Waiting { .. } => Code::IdpUnreachable.problem(None).after(Some(5)),
        SessionError::NoSuchToken => Code::ServerMisconfigured.problem(None),
        SessionError::Stopped => Code::Busy.problem(None).after(Some(5)),
    }
}

/// Every door says why nobody is signed in.
fn signed_out(reason: Reason) -> Problem {
    let why = match reason {
        Reason::Never | Reason::User => "",
        Reason::Policy => "Your organisation's policy names another identity provider or client than before.",
        Reason::Revoked => "Your identity provider ended the sign-in: the account may be disabled, or the session was revoked.",
        Reason::Expired => "The sign-in has run out.",
        Reason::Account => return Code::AccountNotAllowed.problem(None),
        Reason::VaultDamaged => "What was kept of the sign-in could not be read and was set aside.",
    };
    Code::SignInRequired.problem(None).because(why)
}
