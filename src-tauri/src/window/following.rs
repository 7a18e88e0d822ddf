//! Tells the page each Status as the agent sends it, and why there is none.

use std::time::Duration;
use std::{io, thread};

use tauri::{AppHandle, Emitter};
use wire::client::ClientError;
use wire::{Problem, Status};

use crate::commands::{Asking, why_away};

/// How soon an agent that went away is looked for again.
const AGAIN: Duration = Duration::from_secs(1);

/// Follows on a thread of its own, for as long as the window lives.
pub(super) fn begin(app: AppHandle, agent: Asking) -> io::Result<()> {
    let follow = move || {
        // What was told last, while no agent answered.
        let mut told: Option<Option<Problem>> = None;
        loop {
            let ended = until_it_ends(&app, &agent, &mut told).err();
            let why = ended.as_ref().and_then(why_away);
            if told.as_ref() != Some(&why) {
                if app.emit("away", &why).is_err() {
                    return;
                }
                told = Some(why);
            }
            thread::sleep(AGAIN);
        }
    };
    thread::Builder::new().name("following".into()).spawn(follow).map(drop)
}

fn until_it_ends(app: &AppHandle, agent: &Asking, told: &mut Option<Option<Problem>>) -> Result<(), ClientError> {
    for data in agent.client()?.events("/v1/events")? {
        let status: Status = serde_json::from_str(&data?).map_err(|_| ClientError::Answer)?;
        *told = None;
        // A window that closes is no reason: the process ends with it.
        let _gone = app.emit("status", status);
    }
    Ok(())
}
