use wire::Code;

use super::{IT, MAKER, Menu, Notice, OWNER, Reason, ServerState, State, Words};

/// English.
pub(crate) static ENGLISH: Words = Words {
    menu: Menu {
        open: "Open Lanyard…",
        sign_in: "Sign in…",
        sign_out: "Sign out",
        pause: "Pause",
        copy_diagnostics: "Copy diagnostics",
        help: "Help",
        quit: "Quit",
        more: "{} more in the window…",
        server: "{} – {}",
        ask: "For help: {}",
        managed: "Managed by {}",
    },
    state: State {
        offline: "Lanyard does not answer",
        cannot_start: "Lanyard cannot start",
        not_configured: "Not set up yet",
        not_configured_hint: "Your organisation has not set up Lanyard on this computer.",
        policy_fault: "The policy of this computer is faulty",
        signed_out: "Not signed in",
        signing_in: "Finish signing in in your browser",
        signed_in_as: "Signed in as {}",
        signed_in: "Signed in",
        waiting: "Waiting for your identity provider",
        needs_user: "Please confirm who you are",
        vault_opening: "Opening the keychain",
        vault_locked: "The keychain is locked",
        vault_away: "The keychain does not answer",
        vault_full: "The disk takes nothing: the sign-in lasts until Lanyard ends",
        paused: "Paused: no program gets access",
        screen_locked: "Screen locked: no program gets access",
    },
    reason: Reason {
        policy: "Your organisation changed who signs you in.",
        revoked: "Your organisation ended the sign-in; the account may be disabled.",
        expired: "The sign-in has run out.",
        account: "This account is not one that your organisation allows here.",
        vault_damaged: "What was kept of the sign-in could not be read.",
    },
    notice: Notice {
        sign_in: ("Sign-in needed", "Sign in to Lanyard so that your programs can work."),
        ended: ("You were signed out", "Your organisation ended the sign-in; the account may be disabled. For help: {}"),
        step_up: ("{} wants you to confirm who you are", "Sign in once more to go on using it."),
        step_up_many: ("{} want you to confirm who you are", "Sign in once more to go on using them."),
        step_up_session: ("Please confirm who you are", "Your identity provider wants you to sign in once more."),
        refused: ("No access to {}", "Your account may not use it. For help: {}"),
        refused_many: ("No access to {}", "Your account may not use them. For help: {}"),
        vault_closed: ("Your sign-in is locked away", "Unlock the keychain of this computer, or sign in to Lanyard again."),
        account_changed: (
            "You were signed out",
            "Your organisation's policy no longer allows this sign-in. Sign in with your work account.",
        ),
        signed_in: ("Signed in", "You are signed in as {}."),
        diagnostics_copied: ("Diagnostics copied", "Paste them into a message to {}."),
        helpers: [(IT, "your IT support"), (OWNER, "the owner of the server"), (MAKER, "the maker of the program that asked")],
        failed: ("That did not work", "Choose it once more in the window to see why."),
        no_browser: "No browser could be opened on this computer.",
        no_clipboard: "The clipboard could not be used. The page Help of the window saves the diagnostics as a file.",
        and_more: "{} and {} more",
        show: "Show",
    },
    server,
    fault,
};

fn server(state: ServerState) -> &'static str {
    match state {
        ServerState::Idle => "available",
        ServerState::Ready => "ready",
        ServerState::Renewing => "renewing",
        ServerState::Denied => "access refused",
        ServerState::Unreachable => "cannot be reached",
        ServerState::Misconfigured => "not set up right",
        ServerState::NeedsUser => "wants you to sign in",
    }
}

fn fault(code: Code) -> &'static str {
    match code {
        Code::NotConfigured => "Not set up yet",
        Code::PolicyFault => "The policy is faulty",
        Code::SignInRequired => "Sign-in needed",
        Code::StepUpRequired => "A stronger sign-in is needed",
        Code::SignInInProgress => "A sign-in is under way",
        Code::VaultLocked => "The keychain is locked",
        Code::VaultUnavailable => "The keychain does not answer",
        Code::IdpUnreachable => "Your identity provider cannot be reached",
        Code::ServerUnreachable => "The server cannot be reached",
        Code::IdpThrottled => "Your identity provider is busy",
        Code::Busy => "Lanyard is busy",
        Code::IdpRefused => "Access refused",
        Code::AccountNotAllowed => "This account is not allowed here",
        Code::ClientNotAllowed => "This program is not allowed",
        Code::ServerRefused => "The server refused your account",
        Code::ServerUnknown => "No such server in policy",
        Code::ServerMisconfigured => "Something is not set up right",
        Code::ServerNotSupported => "The server knows no enterprise sign-in",
        Code::ScopeNotAllowed => "More rights were asked for than allowed",
        Code::DoorClosed => "Paused, or closed by policy",
        Code::BadRequest => "The request was not understood",
        Code::VersionUnsupported => "The versions do not match",
        Code::Internal => "Something broke",
    }
}
