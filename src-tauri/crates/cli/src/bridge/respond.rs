//! What comes back for one message.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::{BodyExt, Limited};
use serde_json::Value;
use wire::{Code, Problem};

use super::Bridge;
use super::agent::Answer;
use super::events::Events;
use super::message::Message;

/// The longest document; a stream may be as long as it likes.
const LIMIT: usize = 256 * 1024 * 1024;

/// The error of a call whose headers are not what its message says (MCP 2026-07-28, transports).
const MISMATCH: i64 = -32020;

/// How it ended.
pub(super) enum End {
    /// The client has what it asked for.
    Answered,
    /// The agent waits for a person; its words are the answer if nobody comes.
    Held(Bytes),
    /// The server wanted other headers, and did nothing; its words are the answer if better ones do not help.
    Mismatch(Bytes),
    /// The server does not know the session any more.
    NoSession,
    /// There is no answer but this.
    Refused(Box<Problem>),
    /// The stream ended before the answer.
    Broke {
        /// Where to go on.
        last: Option<HeaderValue>,
        /// When.
        retry: Option<Duration>,
    },
}

impl Bridge {
    /// Hands on what came back. `line` is what was asked.
    pub(super) async fn respond(self: &Arc<Self>, message: &Message, answer: Answer, line: &Bytes) -> End {
        let (response, lease) = answer.split();
        let (head, body) = response.into_parts();
        if is_events(&head.headers) {
            let mut events = Events::new(body, None);
            let mut answered = !message.waits();
            while let Some(data) = events.next().await {
                let (data, own) = self.learn(message, &head.headers, data.into(), line);
                answered |= own;
                self.say(data).await;
            }
            let (last, retry) = (events.last, events.retry);
            lease.done();
            return if answered { End::Answered } else { End::Broke { last, retry } };
        }
        let Ok(whole) = Limited::new(body, LIMIT).collect().await else { return End::Broke { last: None, retry: None } };
        lease.done();
        let whole = whole.to_bytes();
        if head.status == StatusCode::NOT_FOUND && self.talk().session.is_some() && !message.is("initialize") {
            return End::NoSession;
        }
        if whole.trim_ascii().is_empty() && head.status.is_success() {
            return End::Answered;
        }
        match serde_json::from_slice::<Value>(&whole) {
            Ok(document) if is_json_rpc(&document) => {
                if message.is_hello() && waits_for_a_person(&document) {
                    return End::Held(whole);
                }
                if message.is("tools/call") && document["error"]["code"] == MISMATCH {
                    return End::Mismatch(whole);
                }
                let (whole, _) = self.learn(message, &head.headers, whole, line);
                self.say(whole).await;
                End::Answered
            }
            Ok(document) => match serde_json::from_value::<Problem>(document) {
                Ok(problem) => End::Refused(Box::new(problem)),
                Err(_) => End::Refused(Box::new(odd(head.status))),
            },
            Err(_) => End::Refused(Box::new(odd(head.status))),
        }
    }

    /// Takes from the server's answer what later requests need; what to hand on, and whether it is the answer to
    /// `message`.
    fn learn(self: &Arc<Self>, message: &Message, headers: &HeaderMap, data: Bytes, line: &Bytes) -> (Bytes, bool) {
        let Some(id) = message.id.as_deref() else { return (data, true) };
        let Ok(mut document) = serde_json::from_slice::<Value>(&data) else { return (data, false) };
        let own = document.get("method").is_none() && document.get("id").is_some_and(|found| same(found, id));
        if own && message.is("initialize") && document.get("result").is_some() {
            let mut talk = self.talk();
            talk.hello = Some(line.clone());
            talk.session = headers.get("mcp-session-id").cloned();
            talk.revision = document["result"]["protocolVersion"].as_str().and_then(|text| HeaderValue::from_str(text).ok());
            drop(talk);
            self.listen();
        }
        if own && message.is("tools/list") && message.revision.is_some() && self.mirror(&mut document) {
            return (document.to_string().into(), own);
        }
        (data, own)
    }

    /// Learns from a list of tools; whether it is another one now.
    pub(super) fn mirror(&self, document: &mut Value) -> bool {
        document["result"]["tools"].as_array_mut().is_some_and(|tools| self.talk().mirror.learn(tools))
    }
}

fn same(found: &Value, id: &str) -> bool {
    serde_json::from_str::<Value>(id).is_ok_and(|id| id == *found)
}

pub(super) fn is_events(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.trim_start().to_ascii_lowercase().starts_with("text/event-stream")
}

fn is_json_rpc(document: &Value) -> bool {
    document.is_array() || document.get("jsonrpc").is_some()
}

/// Whether a fault goes away when a person signs in, or a moment passes.
pub(super) fn waits_for_a_person(document: &Value) -> bool {
    let code = document["error"]["data"]["code"].as_str().unwrap_or_default();
    let passing = [Code::SignInRequired, Code::SignInInProgress, Code::StepUpRequired, Code::VaultLocked, Code::Busy];
    passing.iter().any(|known| known.name() == code)
}

/// The server answered with something that is neither MCP nor a fault.
fn odd(status: StatusCode) -> Problem {
    let problem = Code::ServerUnreachable.problem(None);
    problem.because(&format!("The server answered {} without a message.", status.as_u16())).after(None)
}
