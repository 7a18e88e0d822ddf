use std::sync::mpsc::{SendError, Sender};
use std::thread::{Builder, sleep};
use std::time::Duration;

use wire::Status;
use wire::client::{Client, Events};
use wire::place;

use super::Event;
use crate::tray::{Report, Rules};

/// How long to wait before the agent is looked for again; twice as long each time, to the longest.
const SHORTEST: Duration = Duration::from_millis(40);
const LONGEST: Duration = Duration::from_secs(60);

/// Follows whatever agent serves this user, and tells `nudge` when none answers.
pub(super) fn start(events: Sender<Event>, nudge: Sender<()>) {
    let begun = Builder::new().name("status".into()).spawn(move || {
        let _ended = Follower { events, nudge, known: String::new(), away: false }.follow();
    });
    if let Err(error) = begun {
        tracing::error!(%error, "the agent cannot be followed");
    }
}

/// Nobody listens any more.
type Ended = SendError<Event>;

struct Follower {
    events: Sender<Event>,
    nudge: Sender<()>,
    /// The hash of the policy whose rules were told.
    known: String,
    /// Whether it was told that no agent answers.
    away: bool,
}

impl Follower {
    fn follow(mut self) -> Result<(), Ended> {
        let mut wait = SHORTEST;
        loop {
            if let Some(client) = place::socket().map(Client::new)
                && let Ok(stream) = client.events("/v1/events")
                && self.heard(&client, stream)?
            {
                wait = SHORTEST;
            }
            // An agent that has only begun to start is not away yet.
            if !self.away && wait > SHORTEST * 4 {
                self.away = true;
                self.events.send(Event::Status(None, None))?;
            }
            let _ended = self.nudge.send(());
            sleep(wait);
            wait = longer(wait);
        }
    }

    /// Tells everything that the agent says; whether it said anything.
    fn heard(&mut self, client: &Client, stream: Events) -> Result<bool, Ended> {
        let mut heard = false;
        for document in stream {
            let Some(status) = document.ok().and_then(|text| serde_json::from_str::<Box<Status>>(&text).ok()) else { break };
            heard = true;
            self.away = false;
            let rules = self.rules(client, &status);
            self.events.send(Event::Status(Some(status), rules))?;
        }
        Ok(heard)
    }

    /// What people may do, where policy is another than before. What cannot be read allows nothing.
    fn rules(&mut self, client: &Client, status: &Status) -> Option<Rules> {
        if self.known == status.policy.hash {
            return None;
        }
        self.known.clone_from(&status.policy.hash);
        let report = client.get::<Report>("/v1/policy");
        if report.is_err() {
            self.known.clear();
        }
        Some(report.as_ref().map(Rules::of).unwrap_or_default())
    }
}

fn longer(wait: Duration) -> Duration {
    (wait * 2).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_have_an_end() {
        let waits: Vec<Duration> = std::iter::successors(Some(SHORTEST), |wait| Some(longer(*wait))).take(20).collect();
        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(waits.last(), Some(&LONGEST));
    }
}
