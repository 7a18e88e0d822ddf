//! What the session's troubles mean to people.

use session::state::{Closed, Reason};
use session::{Fault, FaultKind, Snapshot};
use wire::{Code, Problem};

/// What stands against the session, if anything does.
pub(crate) fn of_session(snapshot: &Snapshot, contact: Option<&str>) -> Option<Problem> {
    let code = match snapshot.label {
        "active" | "renewing" => {
            return snapshot.fault.as_ref().filter(|fault| fault.kind == FaultKind::VaultStorage).map(|_| vault(contact));
        }
        "unconfigured" => return None,
        "needs-user" => Code::StepUpRequired,
        "vault-closed" => match snapshot.closed {
            Some(Closed::Opening) => return None,
            Some(Closed::Locked) => Code::VaultLocked,
            _ => Code::VaultUnavailable,
        },
        "signed-out" if snapshot.fault.is_none() => return because_of(snapshot.reason, contact),
        _ => return snapshot.fault.as_ref().map(|fault| of_fault(fault, contact)),
    };
    Some(code.problem(contact))
}

fn because_of(reason: Option<Reason>, contact: Option<&str>) -> Option<Problem> {
    match reason? {
        Reason::Never | Reason::User => None,
        Reason::Account => Some(Code::AccountNotAllowed.problem(contact)),
        reason => Some(Code::SignInRequired.problem(contact).because(why(reason))),
    }
}

/// Why a session ended, as a sentence; empty where nobody asks.
pub(crate) fn why(reason: Reason) -> &'static str {
    match reason {
        Reason::Never | Reason::User => "",
        Reason::Policy => "Your organisation's policy names another identity provider or client than before.",
        Reason::Revoked => "Your identity provider ended the sign-in: the account may be disabled, or the session was revoked.",
        Reason::Expired => "The sign-in has run out.",
        Reason::Account => "The account is not one that your organisation allows here.",
        Reason::VaultDamaged => "What was kept of the sign-in could not be read and was set aside.",
    }
}

fn vault(contact: Option<&str>) -> Problem {
    Problem {
        title: "Sign-in not kept".into(),
        detail: "The disk took nothing, so the sign-in is kept in memory and lost when Lanyard stops.".into(),
        action: "Make room on the disk; Lanyard keeps the sign-in when it renews it next.".into(),
        ..Code::VaultUnavailable.problem(contact)
    }
}

/// One fault of the session's room; the IdP's words stay out of it.
pub(crate) fn of_fault(fault: &Fault, contact: Option<&str>) -> Problem {
    let (code, more) = match fault.kind {
        FaultKind::Unreachable => (Code::IdpUnreachable, ""),
        FaultKind::Interference => {
            (Code::IdpUnreachable, "A web page came instead of an answer; the network may want you to sign in to it first.")
        }
        FaultKind::Throttled => (Code::IdpThrottled, ""),
        FaultKind::Untrusted => {
            (Code::ServerMisconfigured, "This computer does not trust the certificate of the identity provider.")
        }
        FaultKind::Refused => (Code::SignInRequired, "The identity provider refused the sign-in."),
        FaultKind::Misconfigured => {
            (Code::ServerMisconfigured, "The identity provider or Lanyard's client there is not set up right.")
        }
        FaultKind::Unbelievable => (
            Code::ServerMisconfigured,
            "The identity provider's answer could not be verified; the clock of this computer may be wrong.",
        ),
        FaultKind::AccountNotAllowed => (Code::AccountNotAllowed, ""),
        FaultKind::OtherPerson => (Code::SignInRequired, "Another person signed in than the one whose session this is."),
        FaultKind::NoPort => (Code::ServerMisconfigured, "Every port that policy allows for the sign-in is taken."),
        FaultKind::TimedOut => (Code::SignInRequired, "Nobody finished the sign-in in the browser in time."),
        FaultKind::VaultStorage => return vault(contact),
        FaultKind::Internal => (Code::Internal, ""),
    };
    code.problem(contact).because(more).after(None)
}
