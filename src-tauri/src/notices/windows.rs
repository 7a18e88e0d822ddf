use std::sync::mpsc::Sender;

use tauri_winrt_notification::Toast;

use super::Said;
use crate::shell::Event;
use crate::tray::Choice;
use crate::words::Words;

/// As the shortcut of the start menu names the program; Windows shows toasts of no other.
const PROGRAM: &str = "dev.lanyard.agent";

/// Shows notices as toasts.
pub(crate) struct Poster(Sender<Event>);

impl Poster {
    /// Nothing is asked of the system before the first notice.
    pub(crate) fn new(events: Sender<Event>) -> Self {
        Self(events)
    }

    /// Shows one; a click on it opens the window at its page.
    pub(crate) fn show(&self, said: &Said, words: &'static Words) {
        let (events, page) = (self.0.clone(), said.page);
        let toast = Toast::new(PROGRAM).title(&said.title).text1(&said.text).add_button(words.notice.show, "show");
        let shown = toast
            .on_activated(move |_| {
                drop(events.send(Event::Chosen(Choice::Open(page), None)));
                Ok(())
            })
            .show();
        if let Err(error) = shown {
            tracing::warn!(%error, "a notice could not be shown");
        }
    }
}
