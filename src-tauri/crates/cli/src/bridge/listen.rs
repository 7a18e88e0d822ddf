//! What the server says by itself: the stream that a client of a stateful revision keeps open.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::{Value, json};

use super::Bridge;
use super::events::Events;
use super::message::Message;
use super::respond::is_events;

/// The pause after a stream that ended, where the server names none; it doubles while nothing comes.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);
/// The longest list of tools, pages.
const PAGES: u32 = 32;
/// The longest answer to a question of the bridge's own, bytes.
const LIMIT: usize = 16 << 20;

impl Bridge {
    /// Begins to listen, in place of an earlier session.
    pub(super) fn listen(self: &Arc<Self>) {
        let bridge = self.clone();
        let task = tokio::spawn(async move { bridge.listening().await });
        if let Some(before) = self.talk().listening.replace(task.abort_handle()) {
            before.abort();
        }
    }

    async fn listening(self: Arc<Self>) {
        let (mut last, mut pause) = (None, PAUSE);
        while !self.ended.load(Ordering::Relaxed) {
            let Ok(request) = self.build(Method::GET, &Message::default(), last.as_ref(), Bytes::new()) else { return };
            if let Ok(answer) = self.agent.send(request).await {
                let (head, body) = answer.split().0.into_parts();
                if is_events(&head.headers) && head.status.is_success() {
                    let mut events = Events::new(body, last.clone());
                    while let Some(data) = events.next().await {
                        pause = PAUSE;
                        self.say(data.into()).await;
                    }
                    pause = events.retry.unwrap_or(pause);
                    last = events.last;
                } else if head.status.is_client_error() {
                    // The server has no such stream, or not for this session.
                    return;
                }
            }
            // A fault passes when the server answers again, which another request will notice first.
            let _early = tokio::time::timeout(pause, self.alive.notified()).await;
            pause = (pause * 2).min(LONGEST);
        }
    }

    /// Asks for the tools that the client knows from elsewhere, so that its call can say in headers what it should.
    pub(super) async fn learn_again(&self, call: &Message) -> bool {
        let Some(revision) = call.revision.as_ref().and_then(|revision| revision.to_str().ok()) else { return false };
        let mut params = json!({"_meta": {
            "io.modelcontextprotocol/protocolVersion": revision,
            "io.modelcontextprotocol/clientCapabilities": {},
        }});
        for _ in 0..PAGES {
            let question = json!({"jsonrpc": "2.0", "id": 0, "method": "tools/list", "params": params});
            let question = Bytes::from(question.to_string());
            let Some(list) = Message::read(&question) else { return false };
            let Ok(request) = self.build(Method::POST, &list, None, question) else { return false };
            let Ok(answer) = self.agent.send(request).await else { return false };
            let (head, body) = answer.split().0.into_parts();
            let Some(mut page) = result(body, is_events(&head.headers)).await else { return false };
            self.mirror(&mut page);
            match page["result"]["nextCursor"].take() {
                Value::Null => return true,
                cursor => params["cursor"] = cursor,
            }
        }
        false
    }

    /// Begins a new session with the server by the client's own first message; the client never hears of it.
    pub(super) async fn begin_again(self: &Arc<Self>, message: &Message) -> bool {
        let Some(hello) = self.talk().hello.clone() else { return false };
        let Some(first) = Message::read(&hello).filter(|_| message.revision.is_none()) else { return false };
        let Ok(request) = self.build(Method::POST, &first, None, hello) else { return false };
        let Ok(answer) = self.agent.send(request).await else { return false };
        let (head, body) = answer.split().0.into_parts();
        let Some(session) = head.headers.get("mcp-session-id").cloned().filter(|_| head.status.is_success()) else {
            return false;
        };
        let greeted = result(body, is_events(&head.headers)).await.is_some();
        self.talk().session = Some(session);
        let ready = Bytes::from_static(br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
        let Ok(request) = self.build(Method::POST, &Message::default(), None, ready) else { return false };
        let told = self.agent.send(request).await.is_ok();
        self.listen();
        greeted && told
    }
}

/// The server's answer to a question of the bridge's own, where it is a result.
async fn result(body: Incoming, events: bool) -> Option<Value> {
    let read = |text: &[u8]| serde_json::from_slice::<Value>(text).ok().filter(|answer| answer.get("result").is_some());
    if !events {
        return read(&Limited::new(body, LIMIT).collect().await.ok()?.to_bytes());
    }
    let mut events = Events::new(body, None);
    while let Some(data) = events.next().await {
        if let Some(answer) = read(data.as_bytes()) {
            return Some(answer);
        }
    }
    None
}
