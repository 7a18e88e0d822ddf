//! Holding a client's first message while the person signs in.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Method, Request};
use http_body_util::Full;
use wire::Status;

use super::Bridge;
use super::events::Events;
use super::message::Message;
use super::respond::End;

/// Between two tries, so that a refusal that stays is not asked for all the time.
const BREATH: Duration = Duration::from_millis(500);

impl Bridge {
    /// Tries again whenever somebody may have signed in; the last refusal when nobody did in time, none when it was
    /// answered.
    pub(super) async fn hold(
        self: &Arc<Self>,
        message: &Message,
        line: &Bytes,
        mut refusal: Bytes,
        until: Instant,
    ) -> Option<Bytes> {
        while Instant::now() < until {
            if tokio::time::timeout_at(until.into(), self.signed_in()).await.is_err() {
                break;
            }
            let Ok(request) = self.build(Method::POST, message, None, line.clone()) else { break };
            let Ok(answer) = self.agent.send(request).await else { break };
            match self.respond(message, answer, line).await {
                End::Answered => return None,
                End::Held(again) => refusal = again,
                End::Refused(problem) => {
                    self.fail(message, &problem).await;
                    return None;
                }
                End::Mismatch(words) => return Some(words),
                End::NoSession | End::Broke { .. } => {}
            }
            tokio::time::sleep(BREATH).await;
        }
        Some(refusal)
    }

    /// Until the agent says that somebody is signed in.
    async fn signed_in(&self) {
        loop {
            let mut request = Request::new(Full::default());
            *request.method_mut() = Method::GET;
            *request.uri_mut() = http::Uri::from_static("/v1/events");
            request.headers_mut().insert(HOST, HeaderValue::from_static("lanyard"));
            if let Ok(answer) = self.agent.send(request).await {
                let mut events = Events::new(answer.split().0.into_body(), None);
                while let Some(data) = events.next().await {
                    let status = serde_json::from_str::<Status>(&data);
                    if status.is_ok_and(|status| matches!(status.session.state.as_str(), "active" | "renewing")) {
                        return;
                    }
                }
            }
            tokio::time::sleep(BREATH).await;
        }
    }
}
