//! Who got what, for which server: the record each party keeps and shows.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::clock::{Clock, stamp};
use crate::held::Held;

const KEPT: usize = 10_000;

/// One decision of one party.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Event {
    /// RFC 3339, by the clock of the party that decided.
    pub time: String,
    /// What was asked: `sign_in`, `authorize`, `token`, `refresh`, `token_exchange`, `revoke`, `end_session`,
    /// `jwt_bearer`, `tools/call` and so on.
    pub kind: String,
    /// The account's name, empty where none is known.
    pub user: String,
    /// The client that asked.
    pub client: String,
    /// What the program at the other end calls itself, where its message says so.
    pub program: String,
    /// The MCP server that it is about, by id.
    pub server: String,
    /// The scopes that were granted.
    pub scopes: String,
    /// `granted` or the error code.
    pub outcome: String,
    /// The error's text, or what was changed.
    pub detail: String,
    /// The assertion's or the token's id.
    pub jti: String,
}

impl Event {
    pub(crate) fn new(kind: &str) -> Self {
        Self { kind: kind.into(), outcome: "granted".into(), ..Self::default() }
    }
}

#[derive(Debug, Default)]
struct Book {
    events: Vec<Event>,
    seen: BTreeMap<String, usize>,
}

/// A party's record: how many requests of each kind arrived, and what was decided.
#[derive(Clone, Debug, Default)]
pub struct Log {
    book: Arc<Held<Book>>,
    clock: Clock,
}

impl Log {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { book: Arc::default(), clock }
    }

    /// Counts a request that arrived, whatever becomes of it.
    pub(crate) fn saw(&self, kind: &str) {
        *self.book.lock().seen.entry(kind.to_owned()).or_default() += 1;
    }

    pub(crate) fn push(&self, mut event: Event) {
        event.time = stamp(self.clock.now());
        let mut book = self.book.lock();
        if book.events.len() < KEPT {
            book.events.push(event);
        }
    }

    /// Requests of this kind that arrived, answered by a fault or not.
    pub fn count(&self, kind: &str) -> usize {
        self.book.lock().seen.get(kind).copied().unwrap_or(0)
    }

    /// How often this kind was granted.
    pub fn granted(&self, kind: &str) -> usize {
        let book = self.book.lock();
        book.events.iter().filter(|event| event.kind == kind && event.outcome == "granted").count()
    }

    /// Everything decided so far, oldest first.
    pub fn events(&self) -> Vec<Event> {
        self.book.lock().events.clone()
    }

    /// How often each kind of request arrived.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        self.book.lock().seen.clone()
    }
}
