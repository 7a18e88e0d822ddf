//! The session as a pure machine: `step(machine, event, now)` is total, and no other code decides.
//!
//! A refresh in flight and a browser attempt beside a living session are facts of their own, so that the
//! two never multiply the states. The label that faces show is derived: [`Machine::label`].

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

/// How long one browser attempt lives.
pub const ATTEMPT_LIMIT: Duration = Duration::from_secs(300);
/// How often a closed vault is looked at again without a person.
const VAULT_RETRY: Duration = Duration::from_secs(45);

/// Why there is no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Nobody has signed in yet.
    Never,
    /// The person signed out.
    User,
    /// Policy names another identity provider or client.
    Policy,
    /// The IdP ended the session or disabled the user.
    Revoked,
    /// The session ran out.
    Expired,
    /// The account is not allowed, or changed.
    Account,
    /// What was sealed could not be opened.
    VaultDamaged,
}

/// Why the vault gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Closed {
    /// Being opened.
    Opening,
    /// The keychain is locked.
    Locked,
    /// The keychain is away.
    Unavailable,
    /// The file could not be opened; the folder cannot be used.
    Damaged,
}

/// What the IdP wants of the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Demand {
    /// A stronger or fresher sign-in (RFC 9470).
    StepUp {
        /// The contexts one of which is wanted.
        acr_values: Option<String>,
        /// The oldest authentication allowed, seconds.
        max_age: Option<u64>,
    },
    /// Something only the IdP's own pages can settle.
    Interaction,
}

/// Where the session is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Policy names no usable identity.
    Unconfigured,
    /// No session.
    SignedOut(Reason),
    /// The browser is open; before it was signed out for this reason.
    SigningIn(Reason),
    /// A session whose identity is fresh.
    Active {
        /// The next renewal.
        renew_at: Timestamp,
    },
    /// The network or the IdP is away; the refresh token is believed good.
    Waiting {
        /// Failures in a row.
        attempt: u32,
        /// The next try.
        retry_at: Timestamp,
    },
    /// The IdP wants the person.
    NeedsUser(Demand, Timestamp),
    /// The vault gives nothing.
    VaultClosed(Closed, Timestamp),
}

/// A browser attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Which one; late answers of another are ignored.
    pub id: u64,
    /// When it is given up.
    pub until: Timestamp,
    /// Whether it must end as the same person: a step-up.
    pub same_person: bool,
}

/// State, browser attempt and refresh in flight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Where the session is.
    pub state: State,
    /// The browser attempt, at most one.
    pub attempt: Option<Attempt>,
    /// The refresh in flight, at most one: its number.
    pub flight: Option<u64>,
    /// The last number given to an attempt or flight.
    pub last_id: u64,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Policy has a usable identity; `changed` when it is another than the session's.
    IdentityUsable {
        /// Whether issuer or client differ.
        changed: bool,
    },
    /// Policy's identity is absent or faulty.
    IdentityClosed,
    /// The vault held a session.
    VaultHeldSession,
    /// The vault held none.
    VaultHeldNone,
    /// The vault held the session of another identity, now removed.
    VaultHeldOther,
    /// The vault gave nothing.
    VaultRefused(Closed),
    /// A person (or `AutoSignIn`) wants to sign in.
    SignInRequested,
    /// The attempt brought a session, already sealed.
    SignedIn {
        /// Which attempt.
        attempt: u64,
        /// When to renew.
        renew_at: Timestamp,
    },
    /// The attempt failed.
    SignInFailed {
        /// Which attempt.
        attempt: u64,
        /// Whether the account was refused.
        account: bool,
    },
    /// The person gave up.
    SignInCancelled,
    /// A clock reached [`Machine::wake_at`].
    TimeCame,
    /// The session was confirmed in another way, or nobody uses it: the next renewal can wait.
    CheckPostponed {
        /// Until when.
        renew_at: Timestamp,
    },
    /// A fresh identity is needed now: a caller, a session check.
    RenewalRequested,
    /// The refresh worked and its token is sealed.
    Renewed {
        /// Which flight.
        flight: u64,
        /// When to renew next.
        renew_at: Timestamp,
    },
    /// The refresh did not get through.
    RenewalDelayed {
        /// Which flight.
        flight: u64,
        /// How long to wait.
        wait: Duration,
    },
    /// The IdP wants the person before it renews.
    RenewalDemanded {
        /// Which flight.
        flight: u64,
        /// What it wants.
        demand: Demand,
    },
    /// `invalid_grant` on the refresh grant: the session is over.
    RenewalEnded {
        /// Which flight.
        flight: u64,
        /// Expired or revoked.
        reason: Reason,
    },
    /// An exchange learnt that the IdP wants a stronger sign-in.
    StepUpDemanded(Demand),
    /// An exchange learnt that the user or the session is gone.
    SessionGone,
    /// Policy's rules changed and the account is not admitted any more.
    AccountRefused,
    /// A session without a refresh token reached the end of its ID token.
    IdentityExpired,
    /// The person signs out.
    SignOutRequested,
    /// Resume from sleep, a new network, an unlocked screen.
    SurroundingsChanged,
}

/// What the driver must do, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Look into the vault.
    OpenVault,
    /// Begin the browser attempt with this number.
    BeginAttempt(u64),
    /// Close the listener and forget the attempt.
    EndAttempt,
    /// Send one refresh request with this number.
    Refresh(u64),
    /// No token minted before may be served from now on.
    DropTokens,
    /// Remove what is sealed and every key.
    WipeVault,
    /// Revoke at the IdP and end its session, best effort.
    RevokeAtIdp,
}

impl Machine {
    /// Before the first policy.
    pub fn new() -> Self {
        Self { state: State::Unconfigured, attempt: None, flight: None, last_id: 0 }
    }

    /// Whether tokens minted earlier may be served.
    pub fn serves(&self) -> bool {
        matches!(self.state, State::Active { .. } | State::Waiting { .. } | State::NeedsUser(..))
    }

    /// The state's name in Status.
    pub fn label(&self) -> &'static str {
        match &self.state {
            State::Unconfigured => "unconfigured",
            State::SignedOut(_) => "signed-out",
            State::SigningIn(_) => "signing-in",
            State::Active { .. } if self.flight.is_some() => "renewing",
            State::Active { .. } => "active",
            State::Waiting { .. } => "waiting",
            State::NeedsUser(..) => "needs-user",
            State::VaultClosed(..) => "vault-closed",
        }
    }

    /// When [`Event::TimeCame`] is due.
    pub fn wake_at(&self) -> Option<Timestamp> {
        let of_state = match &self.state {
            State::Active { renew_at } if self.flight.is_none() => Some(*renew_at),
            State::Waiting { retry_at, .. } if self.flight.is_none() => Some(*retry_at),
            State::NeedsUser(_, check_at) if self.flight.is_none() => Some(*check_at),
            State::VaultClosed(Closed::Locked | Closed::Unavailable, look_at) => Some(*look_at),
            _ => None,
        };
        let of_attempt = self.attempt.map(|attempt| attempt.until);
        [of_state, of_attempt].into_iter().flatten().min()
    }

    fn lives(&self) -> bool {
        self.serves()
    }
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

/// The next machine and what to do for it.
pub fn step(mut machine: Machine, event: Event, now: Timestamp) -> (Machine, Vec<Effect>) {
    let effects = machine.take(event, now);
    (machine, effects)
}

mod take;

#[cfg(test)]
mod tests;
