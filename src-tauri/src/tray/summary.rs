use wire::{AccountStatus, Code, Problem, SessionStatus, Status};

use super::is_not_set_up;
use crate::words::{Words, contact, filled, theirs};

/// The longest name of an account.
const NAME: usize = 48;
/// The longest sentence about whom to ask.
const CONTACT: usize = 72;
/// The longest sentence about what happened.
const DETAIL: usize = 160;

/// How things are: at first in a few words, then why, then who helps.
pub(super) fn lines(status: Option<&Status>, refused: Option<&Problem>, words: &Words) -> Vec<String> {
    let state = &words.state;
    let Some(status) = status.filter(|status| status.agent.running) else {
        let why = refused.map(|problem| [state.cannot_start.to_owned(), theirs(&problem.detail, DETAIL)]);
        return why.map_or_else(|| vec![state.offline.to_owned()], Vec::from);
    };
    let session = &status.session;
    let mut lines = match session.state.as_str() {
        "unconfigured" if is_not_set_up(status) => {
            vec![state.not_configured.to_owned(), state.not_configured_hint.to_owned()]
        }
        "unconfigured" => vec![state.policy_fault.to_owned()],
        "signing-in" => vec![state.signing_in.to_owned()],
        "active" | "renewing" => vec![signed_in(session, words)],
        "waiting" => vec![signed_in(session, words), state.waiting.to_owned()],
        "needs-user" => vec![state.needs_user.to_owned()],
        "vault-closed" => vec![vault(session, words).to_owned()],
        _ => std::iter::once(state.signed_out).chain(why(session, words)).map(str::to_owned).collect(),
    };
    if let Some(fault) = session.fault.as_ref() {
        let kept = !matches!(session.state.as_str(), "active" | "renewing") || fault.code != Code::VaultUnavailable;
        let few = if kept { (words.fault)(fault.code) } else { state.vault_full };
        // What a reason or the state has said already is not said twice.
        let said = lines.len() > 1 || matches!(fault.code, Code::SignInRequired | Code::StepUpRequired) || lines[0] == few;
        if session.state != "waiting" && !said || session.state == "waiting" && fault.code != Code::IdpUnreachable {
            lines.push(few.to_owned());
        }
        if asks(fault.code) {
            lines.push(filled(words.menu.ask, &[&contact(&fault.contact, words, CONTACT)]));
        }
    }
    if status.agent.paused {
        lines.push(state.paused.to_owned());
    } else if status.agent.screen_locked {
        lines.push(state.screen_locked.to_owned());
    }
    lines
}

/// Whether somebody else must help: what passes by itself, or what the person can do, needs nobody.
fn asks(code: Code) -> bool {
    !matches!(
        code,
        Code::StepUpRequired
            | Code::SignInInProgress
            | Code::VaultLocked
            | Code::IdpUnreachable
            | Code::ServerUnreachable
            | Code::IdpThrottled
            | Code::Busy
            | Code::DoorClosed
    )
}

/// The name of an account, as people know it.
pub(crate) fn account(account: &AccountStatus) -> String {
    let name = [account.email.as_deref(), account.name.as_deref()].into_iter().flatten().find(|name| !name.trim().is_empty());
    theirs(name.unwrap_or(&account.subject), NAME)
}

fn signed_in(session: &SessionStatus, words: &Words) -> String {
    match &session.account {
        Some(known) => filled(words.state.signed_in_as, &[&account(known)]),
        None => words.state.signed_in.to_owned(),
    }
}

fn why(session: &SessionStatus, words: &Words) -> Option<&'static str> {
    match session.reason.as_deref()? {
        "policy" => Some(words.reason.policy),
        "revoked" => Some(words.reason.revoked),
        "expired" => Some(words.reason.expired),
        "account" => Some(words.reason.account),
        "vault-damaged" => Some(words.reason.vault_damaged),
        _ => None,
    }
}

fn vault(session: &SessionStatus, words: &Words) -> &'static str {
    match session.reason.as_deref() {
        Some("opening") => words.state.vault_opening,
        Some("locked") => words.state.vault_locked,
        _ => words.state.vault_away,
    }
}
