//! What the pages may ask, and no more. Each command asks the agent as every other program of this user would, or the
//! `lanyard` beside this program, and answers with a [`Shown`]: no token and no key is one.

mod asking;
mod checks;
mod documents;
mod problem;
mod sibling;
#[cfg(test)]
mod tests;

use std::io;

use serde::de::IgnoredAny;
use serde_json::json;
use tauri::ipc::Channel;
use tauri::{State, WebviewWindow};
use wire::client::ClientError;
use wire::{
    AuditEvent, AuditPage, Clients, Code, DoctorStep, FoundClient, KeyRemoved, PolicyReport, Program, Programs, Saved, SetUp,
    SignIn, SignInRequest, SignOut, Status,
};

use crate::arguments::Opening;
pub(crate) use asking::Asking;
use asking::{Answer, server_path};
pub(crate) use checks::Checks;
pub(crate) use documents::Opened;
use documents::{Bundle, Versions};
pub(crate) use problem::why_away;

/// A check step by step asks others one after the other, each with its own limit.
const EVENTS: &str = "/v1/doctor";

#[tauri::command]
pub(crate) fn opening(opening: State<'_, Opening>) -> Opened {
    Opened::from(*opening)
}

/// As the button of its frame does.
#[tauri::command]
pub(crate) fn close(window: WebviewWindow) {
    let _gone = window.close();
}

#[tauri::command]
pub(crate) async fn status(agent: State<'_, Asking>) -> Answer<Status> {
    agent.ask(|client| client.get("/v1/status")).await
}

#[tauri::command]
pub(crate) async fn retry(agent: State<'_, Asking>, server: String) -> Answer<()> {
    let path = server_path("/v1/servers", &server, "/retry")?;
    agent.ask(move |client| client.post(&path, &json!({})).map(|IgnoredAny| ())).await
}

/// The agent opens the browser; the address stays there.
#[tauri::command]
pub(crate) async fn sign_in(agent: State<'_, Asking>, server: Option<String>) -> Answer<()> {
    let request = SignInRequest { open_browser: true, server, redirected: None };
    agent.ask(move |client| client.post("/v1/session/sign-in", &request).map(|SignIn { .. }| ())).await
}

/// A browser that cannot be opened to end the identity provider's own session is no fault: here it has ended.
#[tauri::command]
pub(crate) async fn sign_out(agent: State<'_, Asking>) -> Answer<()> {
    let ended = |client: &wire::client::Client| {
        let ended: Option<SignOut> = client.post("/v1/session/sign-out", &json!({}))?;
        if let Some(address) = ended.and_then(|ended| ended.end_session_url) {
            let _not_opened = agent::browser::open(&address);
        }
        Ok(())
    };
    agent.ask(ended).await
}

#[tauri::command]
pub(crate) async fn pause(agent: State<'_, Asking>) -> Answer<()> {
    agent.ask(|client| client.post("/v1/pause", &json!({})).map(|IgnoredAny| ())).await
}

#[tauri::command]
pub(crate) async fn resume(agent: State<'_, Asking>) -> Answer<()> {
    agent.ask(|client| client.post("/v1/resume", &json!({})).map(|IgnoredAny| ())).await
}

#[tauri::command]
pub(crate) async fn audit(agent: State<'_, Asking>, after: u64) -> Answer<Vec<AuditEvent>> {
    agent.ask(move |client| client.get(&format!("/v1/audit?after={after}")).map(|AuditPage { events, .. }| events)).await
}

#[tauri::command]
pub(crate) async fn programs(agent: State<'_, Asking>) -> Answer<Vec<Program>> {
    agent.ask(|client| client.get("/v1/programs").map(|Programs { programs }| programs)).await
}

#[tauri::command]
pub(crate) async fn clients() -> Answer<Vec<FoundClient>> {
    sibling::ask(vec!["setup".into()]).await.map(|Clients { clients }| clients)
}

#[tauri::command]
pub(crate) async fn set_up(client: String) -> Answer<SetUp> {
    sibling::ask(vec!["setup".into(), sibling::client(&client)?]).await
}

#[tauri::command]
pub(crate) async fn remove(client: String) -> Answer<SetUp> {
    sibling::ask(vec!["setup".into(), sibling::client(&client)?, "--remove".into()]).await
}

#[tauri::command]
pub(crate) async fn remove_key(agent: State<'_, Asking>, name: String) -> Answer<()> {
    let removed = move |client: &wire::client::Client| {
        let body = serde_json::to_vec(&json!({ "name": name })).map_err(|_| ClientError::Answer)?;
        match client.answer("DELETE", "/v1/programs", &body)?.json()? {
            KeyRemoved { removed: true } => Ok(()),
            KeyRemoved { removed: false } => {
                let problem = Code::BadRequest.problem(None).because("There is no key of this name.");
                Err(ClientError::Problem(Box::new(problem)))
            }
        }
    };
    agent.ask(removed).await
}

#[tauri::command]
pub(crate) async fn policy(agent: State<'_, Asking>) -> Answer<PolicyReport> {
    agent.ask(|client| client.get("/v1/policy")).await
}

/// Each step goes to the page as it comes. A page that is gone ends the check, by the end of the connection. One that was stopped
/// fails: it has not looked at everything.
#[tauri::command]
pub(crate) async fn doctor(
    agent: State<'_, Asking>,
    checks: State<'_, Checks>,
    check: String,
    server: Option<String>,
    steps: Channel<DoctorStep>,
) -> Answer<()> {
    let path = server.map_or_else(|| Ok(EVENTS.to_owned()), |server| server_path(EVENTS, &server, ""))?;
    let stopped = checks.inner().clone();
    let follow = move |client: &wire::client::Client| {
        for data in client.events(&path)? {
            let step = serde_json::from_str(&data?).map_err(|_| ClientError::Answer)?;
            if stopped.holds(&check) || steps.send(step).is_err() {
                return Err(io::Error::from(io::ErrorKind::Interrupted).into());
            }
        }
        Ok(())
    };
    agent.ask(follow).await
}

/// Nobody looks at the check any more: the agent asks nobody else once its step is done.
#[tauri::command]
pub(crate) fn stop_doctor(checks: State<'_, Checks>, check: String) {
    checks.stop(check);
}

/// What the bundle would hold, without a word of it.
#[tauri::command]
pub(crate) async fn diagnostics(agent: State<'_, Asking>) -> Answer<Bundle> {
    agent.ask(|client| client.post("/v1/diagnostics", &json!({})).map(|bundle: wire::Diagnostics| Bundle::of(&bundle))).await
}

/// `lanyard` writes it, where people look for what they saved.
#[tauri::command]
pub(crate) async fn save_diagnostics(app: tauri::AppHandle) -> Answer<Saved> {
    let file = sibling::bundle(&app)?;
    sibling::ask(vec!["diagnostics".into(), file]).await
}

/// Only the address of policy is ever opened; the page names none.
#[tauri::command]
pub(crate) async fn open_support(agent: State<'_, Asking>) -> Answer<()> {
    let open = |client: &wire::client::Client| {
        let policy: PolicyReport = client.get("/v1/policy")?;
        let address = policy.text("SupportUrl").unwrap_or_default();
        agent::browser::open(address).map_err(ClientError::Io)
    };
    agent.ask(open).await
}

#[tauri::command]
pub(crate) fn versions() -> Versions {
    Versions::current()
}
