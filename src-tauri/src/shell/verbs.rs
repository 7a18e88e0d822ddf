use std::sync::mpsc::Sender;
use std::thread::Builder;

use agent::browser;
use agent::signals::{Signal, Signals};
use serde_json::{Value, json};
use wire::client::{Client, ClientError};
use wire::{Code, Diagnostics, SignIn, SignInRequest, SignOut, place};

use super::{Event, clipboard};
use crate::arguments::Page;
use crate::notices::{Failed, Why};
use crate::tray::Choice;

/// Does what was chosen, elsewhere: an answer may take its time.
pub(super) fn perform(choice: Choice, events: Sender<Event>) {
    let begun = Builder::new().name("verb".into()).spawn(move || {
        let page = match choice {
            Choice::CopyDiagnostics | Choice::Help(_) => Page::Help,
            _ => Page::Account,
        };
        let client = place::socket().map(Client::new).ok_or_else(|| refused(ClientError::NotRunning));
        let told = match client.and_then(|client| send(choice, &client)) {
            Ok(Some(event)) => event,
            Ok(None) => return,
            Err(why) => Event::Failed(Failed { page, why }),
        };
        drop(events.send(told));
    });
    if let Err(error) = begun {
        tracing::warn!(%error, "a verb could not be sent");
    }
}

/// Sends the verb; what is to be told of it.
fn send(choice: Choice, client: &Client) -> Result<Option<Event>, Why> {
    match choice {
        Choice::SignIn => {
            let request = SignInRequest { open_browser: true, ..SignInRequest::default() };
            client.post::<SignIn>("/v1/session/sign-in", &request).map_err(|error| match refused(error) {
                // The agent says so of a browser that does not open.
                Why::Problem(problem) if problem.code == Code::SignInRequired => Why::Browser,
                why => why,
            })?;
        }
        Choice::SignOut => {
            let ended: SignOut = client.post("/v1/session/sign-out", &json!({})).map_err(refused)?;
            // The session has ended, whether or not a browser can be told.
            if let Some(url) = ended.end_session_url
                && let Err(error) = browser::open_on_desktop(&url)
            {
                tracing::warn!(%error, "no browser could be opened");
            }
        }
        Choice::Pause(paused) => {
            client.post::<Value>(if paused { "/v1/pause" } else { "/v1/resume" }, &json!({})).map_err(refused)?;
        }
        Choice::CopyDiagnostics => {
            let bundle: Diagnostics = client.post("/v1/diagnostics", &json!({})).map_err(refused)?;
            clipboard::put(&clipboard::text(&bundle)).map_err(|error| local(&error, Why::Clipboard))?;
            return Ok(Some(Event::Copied));
        }
        Choice::Help(url) => browser::open_on_desktop(&url).map_err(|error| local(&error, Why::Browser))?,
        Choice::Open(_) | Choice::Quit => {}
    }
    Ok(None)
}

/// What the agent refused or did not answer.
fn refused(error: ClientError) -> Why {
    Why::Problem(match error {
        ClientError::Problem(problem) => problem,
        other => {
            tracing::warn!(error = %other, "a verb failed");
            Box::new(Code::Internal.problem(None))
        }
    })
}

/// What this computer did not do.
fn local(error: &std::io::Error, why: Why) -> Why {
    tracing::warn!(%error, "a verb failed");
    why
}

/// Tells of the system's wish that this process ends, also while no agent runs in it.
pub(super) fn heed_signals(events: Sender<Event>) {
    let heed = move || -> std::io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut signals = Signals::listen()?;
            while signals.next().await != Signal::Stop {}
            drop(events.send(Event::Stop));
            Ok(())
        })
    };
    let begun = Builder::new().name("signals".into()).spawn(move || {
        if let Err(error) = heed() {
            tracing::warn!(%error, "the system's signals cannot be heard");
        }
    });
    if let Err(error) = begun {
        tracing::warn!(%error, "the system's signals cannot be heard");
    }
}
