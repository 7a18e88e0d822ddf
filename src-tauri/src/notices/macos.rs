use std::sync::mpsc::Sender;
use std::thread::Builder;
use std::time::Duration;

use mac_usernotifications::{Action, Error, Notification, request_auth};

use super::Said;
use crate::shell::Event;
use crate::tray::Choice;
use crate::words::Words;

/// How long a click is awaited; later ones open nothing.
const AWAITED: Duration = Duration::from_secs(3600);

/// The button, which does what a click on the notice does.
const SHOW: &str = "show";

/// Shows notices in the notification centre, which takes them from a bundled program alone.
pub(crate) struct Poster(Sender<Event>);

impl Poster {
    /// Nothing is asked of the system before the first notice.
    pub(crate) fn new(events: Sender<Event>) -> Self {
        Self(events)
    }

    /// Shows one; a click on it opens the window at its page.
    pub(crate) fn show(&self, said: &Said, words: &'static Words) {
        let (events, said) = (self.0.clone(), said.clone());
        let begun = Builder::new().name("notice".into()).spawn(move || match clicked(&said, words.notice.show) {
            Ok(true) => drop(events.send(Event::Chosen(Choice::Open(said.page), None))),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "a notice could not be shown"),
        });
        if let Err(error) = begun {
            tracing::warn!(%error, "a notice could not be shown");
        }
    }
}

fn clicked(said: &Said, label: &str) -> Result<bool, Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let notice = Notification::new().title(&said.title).message(&said.text).action(Action::button(SHOW, label)).timeout(AWAITED);
    let answered = async {
        // The system asks the person once, and remembers.
        if !request_auth().await? {
            return Ok(false);
        }
        let answer = notice.send().await?.response().await?;
        Ok::<_, Error>(answer.is_default_action() || answer.action_identifier == SHOW)
    };
    Ok(runtime.block_on(answered)?)
}

/// Why a notice was not shown.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("no thread can wait for it")]
    Io(#[from] std::io::Error),
    #[error("the notification centre refused it")]
    Refused(#[from] Error),
}
