//! An answer on its way to the client, and what ends it early: the session, policy, the door.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use net::Chunks;
use tokio::sync::watch;
use wire::{Code, Problem};

use super::containment::Containment;
use super::events::{Boundary, Filter};
use super::fault;
use crate::admission;
use crate::api::reply::Cut;
use crate::peer::Executable;
use crate::{Agent, Hold, ServerTokens};

/// How long a body that is no event stream may pause.
const PAUSE: Duration = Duration::from_secs(300);

/// On what an open answer rests.
pub(super) struct Ground {
    pub(super) agent: Arc<dyn Agent>,
    pub(super) tokens: Arc<dyn ServerTokens>,
    pub(super) changes: watch::Receiver<u64>,
    pub(super) stop: watch::Receiver<bool>,
    pub(super) server: String,
    pub(super) program: Option<Executable>,
    /// The epoch of the token; none where the server wants none.
    pub(super) epoch: Option<u64>,
}

/// An open answer.
pub(super) struct Open {
    pub(super) ground: Ground,
    pub(super) chunks: Chunks,
    /// Whether it is a stream of events.
    pub(super) events: bool,
    /// The requests that wait on it.
    pub(super) ids: Vec<String>,
    pub(super) containment: Option<Arc<Containment>>,
    pub(super) boundary: Boundary,
    pub(super) filter: Filter,
    pub(super) over: bool,
    /// The session counts as in use for as long as the stream runs.
    pub(super) _hold: Option<Hold>,
}

impl Ground {
    /// Why the answer may not go on, if so.
    fn lost(&self) -> Option<Lost> {
        let rules = self.agent.rules();
        if let Err(code) = admission::server(&rules, &self.server, self.program.as_ref()) {
            return Some(Lost::Policy(code));
        }
        self.epoch.is_some_and(|epoch| !self.tokens.serves(epoch)).then_some(Lost::Session)
    }

    /// Until it is lost.
    async fn give_way(&mut self) -> Lost {
        loop {
            if let Some(lost) = self.lost() {
                return lost;
            }
            tokio::select! {
                biased;
                _closing = self.stop.wait_for(|stop| *stop) => return Lost::Door,
                changed = self.changes.changed() => if changed.is_err() {
                    return Lost::Door;
                },
            }
        }
    }

    async fn problem(&self, lost: &Lost) -> Option<Problem> {
        let rules = self.agent.rules();
        let contact = rules.contact(Some(&self.server));
        match lost {
            Lost::Policy(code) => Some(code.problem(contact).after(None)),
            Lost::Session => {
                let mut problem = self.tokens.ended().await;
                if let Some(contact) = contact {
                    contact.clone_into(&mut problem.contact);
                }
                Some(problem)
            }
            Lost::Door => None,
        }
    }
}

/// What an answer lost.
enum Lost {
    Policy(Code),
    Session,
    Door,
}

enum Item {
    Chunk(Option<Result<Bytes, net::NetError>>),
    Lost(Lost),
}

impl Open {
    /// The bytes for the client. It is read from the server only as fast as the client takes them.
    pub(super) fn bytes(self) -> impl Stream<Item = Result<Bytes, Cut>> + Send + 'static {
        stream::unfold(self, |mut open| async move {
            let item = open.next().await?;
            Some((item, open))
        })
    }

    async fn next(&mut self) -> Option<Result<Bytes, Cut>> {
        while !self.over {
            let pause = if self.events { Duration::MAX } else { PAUSE };
            let item = tokio::select! {
                biased;
                lost = self.ground.give_way() => Item::Lost(lost),
                chunk = tokio::time::timeout(pause, self.chunks.next()) => match chunk {
                    Ok(chunk) => Item::Chunk(chunk),
                    Err(_) => Item::Lost(Lost::Door),
                },
            };
            match item {
                Item::Chunk(Some(Ok(chunk))) => match self.passed(chunk) {
                    Ok(bytes) if bytes.is_empty() => {}
                    Ok(bytes) => return Some(Ok(bytes)),
                    Err(cut) => return self.end(Some(Err(cut))),
                },
                Item::Chunk(Some(Err(_))) => return self.end(Some(Err(Cut))),
                Item::Chunk(None) => return self.end(None),
                Item::Lost(lost) => {
                    // Half an event must not become a whole one.
                    let problem = if self.events && self.boundary.is_between() { self.ground.problem(&lost).await } else { None };
                    let last = problem.map_or(Err(Cut), |problem| Ok(fault::last_event(&problem, &self.ids)));
                    return self.end(Some(last));
                }
            }
        }
        None
    }

    fn end(&mut self, last: Option<Result<Bytes, Cut>>) -> Option<Result<Bytes, Cut>> {
        self.over = true;
        last
    }

    fn passed(&mut self, chunk: Bytes) -> Result<Bytes, Cut> {
        let bytes = match (&self.containment, self.events) {
            (Some(containment), true) => {
                let contained = containment.of(self.ground.program.as_ref());
                self.filter.pass(&chunk, &contained).map_err(|_| Cut)?
            }
            _ => chunk,
        };
        if self.events {
            self.boundary.pass(&bytes);
        }
        Ok(bytes)
    }
}
