//! What the buses of Linux tell, followed again whenever one went away.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use zbus::Connection;

use super::screen::{Screen, Word};
use super::{Change, logind, saver};

/// How long a bus may take to answer.
const ANSWER: Duration = Duration::from_secs(10);
/// How soon a bus that is away is looked for again; twice as long each time, to the longest.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// What was heard.
#[derive(Debug)]
pub(super) enum Heard {
    /// Of the screen.
    Screen(Word),
    /// Of anything else.
    Other(Change),
}

/// Tells of every change until nobody listens.
pub(super) fn follow(changes: mpsc::Sender<Change>) {
    let (heard, mut words) = mpsc::channel(16);
    for bus in [Bus::System, Bus::Session] {
        tokio::spawn(bus.keep(heard.clone()));
    }
    drop(heard);
    tokio::spawn(async move {
        let mut screen = Screen::default();
        while let Some(heard) = words.recv().await {
            let change = match heard {
                Heard::Screen(word) => screen.hear(word),
                Heard::Other(change) => Some(change),
            };
            if let Some(change) = change
                && changes.send(change).await.is_err()
            {
                return;
            }
        }
    });
}

/// A bus that tells something.
#[derive(Clone, Copy, Debug)]
enum Bus {
    System,
    Session,
}

impl Bus {
    /// Follows it once more each time it ended, for as long as anybody listens.
    async fn keep(self, heard: mpsc::Sender<Heard>) {
        let mut wait = SHORTEST;
        loop {
            match self.follow(&heard).await {
                Ok(()) => wait = SHORTEST,
                Err(error) => tracing::debug!(%error, bus = ?self, "sleep or the lock of the screen cannot be followed"),
            }
            tokio::select! {
                () = sleep(wait) => wait = (wait * 2).min(LONGEST),
                () = heard.closed() => return,
            }
        }
    }

    async fn follow(self, heard: &mpsc::Sender<Heard>) -> zbus::Result<()> {
        let late = |_| zbus::Error::InputOutput(Arc::new(io::ErrorKind::TimedOut.into()));
        match self {
            Self::System => logind::follow(&timeout(ANSWER, Connection::system()).await.map_err(late)??, heard).await,
            Self::Session => saver::follow(&timeout(ANSWER, Connection::session()).await.map_err(late)??, heard).await,
        }
    }
}
