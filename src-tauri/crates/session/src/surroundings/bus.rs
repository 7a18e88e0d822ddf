//! What the buses of Linux tell, followed again whenever one went away.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use zbus::connection::Builder;
use zbus::message::Type;
use zbus::{Connection, MatchRule, MessageStream};

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
            let began = Instant::now();
            if let Err(error) = self.follow(&heard).await {
                tracing::debug!(%error, bus = ?self, "sleep or the lock of the screen cannot be followed");
            }
            // It was followed for a while, and comes back soon.
            if began.elapsed() > ANSWER * 2 {
                wait = SHORTEST;
            }
            tokio::select! {
                () = sleep(wait) => wait = (wait * 2).min(LONGEST),
                () = heard.closed() => return,
            }
        }
    }

    async fn follow(self, heard: &mpsc::Sender<Heard>) -> zbus::Result<()> {
        match self {
            Self::System => logind::follow(&self.connect().await?, &self.connect().await?, heard).await,
            Self::Session => saver::follow(&self.connect().await?, heard).await,
        }
    }

    /// A connection on which no question is waited for without end.
    async fn connect(self) -> zbus::Result<Connection> {
        let builder = match self {
            Self::System => Builder::system()?,
            Self::Session => Builder::session()?,
        };
        let late = |_| zbus::Error::InputOutput(Arc::new(io::ErrorKind::TimedOut.into()));
        timeout(ANSWER, builder.method_timeout(ANSWER).build()).await.map_err(late)?
    }
}

/// Tells when whoever has `name` comes, goes or begins anew.
pub(super) async fn owner_changes(bus: &Connection, name: &'static str) -> zbus::Result<MessageStream> {
    let rule = MatchRule::builder().msg_type(Type::Signal).sender("org.freedesktop.DBus")?.member("NameOwnerChanged")?;
    MessageStream::for_match_rule(rule.add_arg(name)?.build(), bus, None).await
}
