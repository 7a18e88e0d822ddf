use std::sync::mpsc::Sender;
use std::thread::Builder;
use std::time::Duration;

use mac_usernotifications::{Error, Notification};

use super::Said;
use crate::shell::Event;
use crate::tray::Choice;
use crate::words::Words;

/// How long a click is awaited; later ones open nothing.
const AWAITED: Duration = Duration::from_secs(3600);

/// Shows notices in the notification centre, which takes them from a bundled program alone.
pub(crate) struct Poster(Sender<Event>);

impl Poster {
    /// Nothing is asked of the system before the first notice.
    pub(crate) fn new(events: Sender<Event>) -> Self {
        Self(events)
    }

    /// Shows one; a click on it opens the window at its page.
    pub(crate) fn show(&self, said: &Said, _: &'static Words) {
        let (events, said) = (self.0.clone(), said.clone());
        let begun = Builder::new().name("notice".into()).spawn(move || match clicked(&said) {
            Ok(true) => drop(events.send(Event::Chosen(Choice::Open(said.page), None))),
            Ok(false) | Err(Error::ResponseTimeout) => {}
            Err(error) => tracing::warn!(%error, "a notice could not be shown"),
        });
        if let Err(error) = begun {
            tracing::warn!(%error, "a notice could not be shown");
        }
    }
}

fn clicked(said: &Said) -> Result<bool, Error> {
    let notice = Notification::new().title(&said.title).message(&said.text).timeout(AWAITED);
    Ok(notice.send_blocking()?.response_blocking()?.is_default_action())
}
