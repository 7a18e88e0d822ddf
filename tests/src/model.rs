//! A model that thinks of one thing only: to call one tool a few times, and then to say that it is done.
//!
//! It speaks as much of Anthropic's Messages, Google's generateContent and OpenAI's two dialects as agent programs need
//! to use a tool, so that real ones do their whole work here without an account.

mod anthropic;
mod gemini;
mod openai;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::listen::{Bound, Plug};

/// A running model; it ends when this is dropped.
pub struct Model {
    base: String,
    mind: Mind,
    _plug: Plug,
}

/// What it wants, and what it was told.
#[derive(Clone)]
pub(crate) struct Mind(Arc<Inner>);

struct Inner {
    /// The end of the tool's name; agents put their own words before it.
    tool: String,
    calls: usize,
    /// How long it thinks before each call but the first.
    pause: Duration,
    told: Mutex<Vec<String>>,
    offered: Mutex<Vec<String>>,
}

/// What it says next.
pub(crate) enum Thought {
    /// Call the tool of that name; the number of the call.
    Call(String, usize),
    /// Say this.
    Say(String),
}

impl Model {
    /// Starts a model that calls `tool` so many times and thinks for `pause` between two calls.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start(tool: &str, calls: usize, pause: Duration) -> io::Result<Self> {
        let bound = Bound::new("127.0.0.1", 0, None).await?;
        let base = bound.base().to_owned();
        let (told, offered) = (Mutex::default(), Mutex::default());
        let mind = Mind(Arc::new(Inner { tool: tool.to_owned(), calls, pause, told, offered }));
        let router = Router::new().merge(anthropic::router()).merge(gemini::router()).merge(openai::router());
        let plug = bound.serve(router.with_state(mind.clone()));
        Ok(Self { base, mind, _plug: plug })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// What came of its calls, as the agent told it, oldest first.
    pub fn told(&self) -> Vec<String> {
        locked(&self.mind.0.told).clone()
    }

    /// The names of the tools that the agent offered last.
    pub fn offered(&self) -> Vec<String> {
        locked(&self.mind.0.offered).clone()
    }
}

impl Mind {
    /// What follows from the tools that an agent offers and the results that it has so far.
    pub(crate) async fn think(&self, tools: Vec<String>, results: Vec<String>) -> Thought {
        let inner = &self.0;
        let tool = tools.iter().find(|name| name.ends_with(&inner.tool)).cloned();
        if !tools.is_empty() {
            *locked(&inner.offered) = tools;
        }
        let Some(tool) = tool else { return Thought::Say("There is nothing to do.".to_owned()) };
        let number = results.len();
        *locked(&inner.told) = results;
        if number >= inner.calls {
            return Thought::Say("Done.".to_owned());
        }
        if number > 0 {
            tokio::time::sleep(inner.pause).await;
        }
        Thought::Call(tool, number + 1)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Server-sent events, each with a type where it has one.
pub(crate) fn events(events: impl IntoIterator<Item = (Option<&'static str>, Value)>) -> Response {
    let text: String = events
        .into_iter()
        .map(|(kind, data)| match kind {
            Some(kind) => format!("event: {kind}\ndata: {data}\n\n"),
            None => format!("data: {data}\n\n"),
        })
        .collect();
    ([(CONTENT_TYPE, "text/event-stream")], text).into_response()
}

/// The texts at a member of each entry of a list.
pub(crate) fn names(list: &Value, member: impl Fn(&Value) -> Option<&str>) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|entry| member(entry).map(str::to_owned)).collect()
}
