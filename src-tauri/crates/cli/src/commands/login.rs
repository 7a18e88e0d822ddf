use std::io::BufRead;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use wire::{AccountStatus, Code, Problem, SessionStatus, SignIn, SignInRequest, Status};

use crate::call::{Call, Event};
use crate::failure::Failure;
use crate::output::plain;

/// An attempt lives five minutes; the agent's own limit comes first.
const LIMIT: Duration = Duration::from_secs(305);
/// How long an agent that has just started may look into its vault.
const OPENING: Duration = Duration::from_secs(10);
/// After this long in front of a browser something is likely wrong there, which the agent cannot see.
const HINT: Duration = Duration::from_secs(30);
const HINT_TEXT: &str = "Still waiting for the browser. If it shows an error page instead of a sign-in, the identity provider \
refused the request: ask for the redirect address (the redirect_uri of the address that was opened) to be registered for \
Lanyard's client. If the browser runs on another machine, use `lanyard login --paste`. `lanyard doctor` checks the rest.";
const ROUTE: &str = "/v1/session/sign-in";
/// The longest address a person may paste.
const PASTE_LIMIT: usize = 64 * 1024;

/// `lanyard login`.
pub(crate) fn run(print_url: bool, paste: bool, server: Option<String>, call: &Call) -> Result<u8, Failure> {
    if let Some(server) = server {
        return one_server(server, print_url, call);
    }
    let mut before: Status = call.started(false, |client| client.get("/v1/status"))?;
    if is_opening(&before.session) {
        let settled = call.follow::<Status>("/v1/events")?;
        while is_opening(&before.session) {
            before = settled.recv_timeout(OPENING).map_err(|_| Code::Busy.problem(None))??;
        }
    }
    if serves(&before.session) {
        return welcome(&before.session, call);
    }
    // Followed before the attempt begins, so that no change of it is missed.
    let changes = call.follow::<Status>("/v1/events")?;
    let begun: SignIn = call.client()?.post(ROUTE, &SignInRequest::default())?;
    show(&begun, print_url, call)?;
    if paste {
        pasted(call)?;
    }
    wait(&before.session, &changes, HINT, call)
}

/// Opens the browser, or prints the address.
fn show(begun: &SignIn, print_url: bool, call: &Call) -> Result<(), Failure> {
    let address = plain(&begun.authorization_url);
    match print_url {
        true => call.output.text(&address)?,
        false => match agent::browser::open(&begun.authorization_url) {
            Ok(()) => call.output.note("Sign in in the browser; this waits until it is done."),
            Err(_) => call.output.note(&format!("No browser could be opened. Open this address to sign in:\n{address}")),
        },
    }
    Ok(())
}

/// The browser sign-in of one server that policy marks `interactive`.
fn one_server(server: String, print_url: bool, call: &Call) -> Result<u8, Failure> {
    let changes = {
        let _running: Status = call.started(false, |client| client.get("/v1/status"))?;
        call.follow::<Status>("/v1/events")?
    };
    let request = SignInRequest { server: Some(server.clone()), ..SignInRequest::default() };
    let begun: SignIn = call.client()?.post(ROUTE, &request)?;
    show(&begun, print_url, call)?;
    let until = Instant::now() + LIMIT;
    while let Ok(event) = changes.recv_timeout(until.saturating_duration_since(Instant::now())) {
        let status = event?;
        let Some(now) = status.servers.iter().find(|entry| entry.id == server) else { break };
        if now.state == "ready" {
            call.output
                .answer(&json!({ "server": now.id, "state": now.state }), || format!("Signed in to {}.", plain(&now.title)))?;
            return Ok(0);
        }
    }
    Err(Code::SignInRequired.problem(None).because("The sign-in did not end.").into())
}

/// Takes redirected addresses from standard input for as long as the attempt lives.
fn pasted(call: &Call) -> Result<(), Failure> {
    let client = call.client()?;
    call.output.note("Paste the address that the browser ends at, and press Enter:");
    let complain = crate::output::Output::new(false);
    thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            let redirected = line.trim().to_owned();
            if redirected.is_empty() || redirected.len() > PASTE_LIMIT {
                continue;
            }
            let request = SignInRequest { redirected: Some(redirected), ..SignInRequest::default() };
            if let Err(error) = client.post::<serde_json::Value>(ROUTE, &request) {
                complain.note(&plain(&Failure::from(error).problem().sentences()));
            }
        }
    });
    Ok(())
}

fn wait(before: &SessionStatus, changes: &Receiver<Event<Status>>, hint: Duration, call: &Call) -> Result<u8, Failure> {
    let until = Instant::now() + LIMIT;
    let mut hint = Some(Instant::now() + hint);
    let mut begun = false;
    loop {
        let event = match changes.recv_timeout(hint.unwrap_or(until).saturating_duration_since(Instant::now())) {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout) if hint.take().is_some() => {
                call.output.note(HINT_TEXT);
                continue;
            }
            Err(_) => break,
        };
        let session = event?.session;
        begun |= session.state == "signing-in";
        match judge(before, begun, &session) {
            Some(Ok(())) => return welcome(&session, call),
            Some(Err(problem)) => return Err((*problem).into()),
            None => {}
        }
    }
    // The agent went away, or the attempt outlived its limit.
    Err(Code::SignInRequired.problem(None).because("The sign-in did not end.").into())
}

/// How the attempt ended, when it has.
fn judge(before: &SessionStatus, begun: bool, now: &SessionStatus) -> Option<Result<(), Box<Problem>>> {
    let failed = || Box::new(now.fault.clone().unwrap_or_else(|| Code::SignInRequired.problem(None)));
    match now.state.as_str() {
        _ if serves(now) => Some(Ok(())),
        "signing-in" => None,
        _ if begun => Some(Err(failed())),
        // A step-up keeps the session's state; only a new fault, or another state, tells that it ended.
        state if state != before.state || (now.fault.is_some() && now.fault != before.fault) => Some(Err(failed())),
        _ => None,
    }
}

/// The agent has just started and does not know yet whether somebody is signed in.
fn is_opening(session: &SessionStatus) -> bool {
    session.state == "vault-closed" && session.reason.as_deref() == Some("opening")
}

fn serves(session: &SessionStatus) -> bool {
    matches!(session.state.as_str(), "active" | "renewing")
}

fn welcome(session: &SessionStatus, call: &Call) -> Result<u8, Failure> {
    let document = json!({ "state": session.state, "account": session.account });
    call.output.answer(&document, || match session.account.as_ref().map(name) {
        Some(name) => format!("Signed in as {}.", plain(name)),
        None => "Signed in.".to_owned(),
    })?;
    Ok(0)
}

/// What a person calls the account.
pub(crate) fn name(account: &AccountStatus) -> &str {
    account.name.as_deref().or(account.email.as_deref()).unwrap_or(&account.subject)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(state: &str, fault: Option<Code>) -> SessionStatus {
        SessionStatus {
            state: state.into(),
            reason: None,
            account: None,
            since: None,
            renews_at: None,
            fault: fault.map(|code| code.problem(None)),
        }
    }

    #[test]
    fn an_attempt_ends_by_what_the_session_became() {
        let out = || session("signed-out", None);
        let step_up = || session("needs-user", Some(Code::StepUpRequired));
        let refused = || session("signed-out", Some(Code::AccountNotAllowed));
        type End = Option<Result<(), Code>>;
        let table: [(SessionStatus, bool, SessionStatus, End); 10] = [
            (out(), false, out(), None),
            (out(), true, session("signing-in", None), None),
            (out(), true, session("active", None), Some(Ok(()))),
            (out(), false, session("renewing", None), Some(Ok(()))),
            (out(), true, out(), Some(Err(Code::SignInRequired))),
            (out(), false, refused(), Some(Err(Code::AccountNotAllowed))),
            (refused(), true, refused(), Some(Err(Code::AccountNotAllowed))),
            (step_up(), false, step_up(), None),
            (step_up(), false, session("needs-user", Some(Code::AccountNotAllowed)), Some(Err(Code::AccountNotAllowed))),
            (out(), true, session("vault-closed", Some(Code::VaultLocked)), Some(Err(Code::VaultLocked))),
        ];
        for (before, begun, now, expected) in table {
            let end = judge(&before, begun, &now).map(|end| end.map_err(|problem| problem.code));
            assert_eq!(end, expected, "{} -> {}", before.state, now.state);
        }
    }
}
