//! Tells the page each Status as the agent sends it.

use std::time::Duration;
use std::{io, thread};

use tauri::{AppHandle, Emitter};
use wire::Status;
use wire::client::ClientError;

use crate::commands::Asking;

/// How soon an agent that went away is looked for again.
const AGAIN: Duration = Duration::from_secs(1);

/// Follows on a thread of its own, for as long as the window lives.
pub(super) fn begin(app: AppHandle, agent: Asking) -> io::Result<()> {
    let follow = move || {
        loop {
            // Why it ended is told by the next look: an agent that is away has no Status.
            let _ended = until_it_ends(&app, &agent);
            if app.emit("status", None::<Status>).is_err() {
                return;
            }
            thread::sleep(AGAIN);
        }
    };
    thread::Builder::new().name("following".into()).spawn(follow).map(drop)
}

fn until_it_ends(app: &AppHandle, agent: &Asking) -> Result<(), ClientError> {
    for data in agent.client()?.events("/v1/events")? {
        let status: Status = serde_json::from_str(&data?).map_err(|_| ClientError::Answer)?;
        // A window that closes is no reason: the process ends with it.
        let _gone = app.emit("status", Some(status));
    }
    Ok(())
}
