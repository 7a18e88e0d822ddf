pub(super) mod text;

use std::sync::mpsc::Receiver;

use wire::client::ClientError;
use wire::place::Environment;
use wire::{AgentStatus, DoorStatus, SCHEMA, STATUS_SCHEMA, SessionStatus, Status, VaultStatus, refused};

use crate::call::{Call, Event};
use crate::failure::Failure;

/// `lanyard status`: exits by health.
pub(crate) fn run(watch: bool, call: &Call) -> Result<u8, Failure> {
    if watch {
        return follow(call, text::whole, |status| call.output.line(status));
    }
    let status = match call.client().and_then(|client| client.get("/v1/status")) {
        Ok(status) => status,
        Err(ClientError::NotRunning) => absent(),
        Err(error) => return Err(error.into()),
    };
    call.output.answer(&status, || text::whole(&status, jiff::Timestamp::now()))?;
    Ok(status.exit())
}

/// `lanyard status --schema`: what a fleet tool may expect of the document, whether an agent runs or not.
pub(crate) fn schema(call: &Call) -> Result<u8, Failure> {
    call.output.bytes(STATUS_SCHEMA.trim_end().as_bytes())?;
    Ok(0)
}

/// Shows every Status until the agent goes away.
pub(crate) fn follow(
    call: &Call,
    text: impl Fn(&Status, jiff::Timestamp) -> String,
    document: impl Fn(&Status) -> Result<(), Failure>,
) -> Result<u8, Failure> {
    let changes: Receiver<Event<Status>> = call.follow("/v1/events")?;
    for event in changes {
        let status = event?;
        match call.output.is_json() {
            true => document(&status)?,
            false => call.output.frame(&text(&status, jiff::Timestamp::now()))?,
        }
    }
    Err(ClientError::NotRunning.into())
}

/// What is so while no agent runs: only policy can be told.
fn absent() -> Status {
    let policy = policy::Reader::new(policy::Roots::system(), None).read();
    let state = if policy.identity.is_ok() { "signed-out" } else { "unconfigured" };
    Status {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION").into(),
        agent: AgentStatus { running: false, pid: None, since: None, paused: false, screen_locked: false },
        policy: policy.status(),
        session: SessionStatus { state: state.into(), reason: None, account: None, since: None, renews_at: None, fault: None },
        servers: Vec::new(),
        doors: DoorStatus::default(),
        vault: VaultStatus { kind: "keychain".into(), state: "absent".into() },
        warnings: Environment::current()
            .state_folder()
            .and_then(|state| refused::read(&state))
            .map(|why| why.detail)
            .into_iter()
            .collect(),
    }
}
