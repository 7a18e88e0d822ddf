//! One message on its way, until the client has its answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HOST};
use http::{HeaderName, HeaderValue, Method, Request};
use http_body_util::Full;
use wire::{Code, Problem};

use super::Bridge;
use super::agent::Lost;
use super::message::Message;
use super::respond::End;

/// How long a client's first message is held while the person signs in.
const HELD: Duration = Duration::from_secs(45);
/// How often a message is sent at most.
const TRIES: u32 = 4;
/// How often a stream that broke is resumed without a message in between.
const RESUMED: u32 = 5;
/// How long a broken stream rests before it is resumed, where the server says nothing.
const REST: Duration = Duration::from_millis(500);

const REVISION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");
const LAST: HeaderName = HeaderName::from_static("last-event-id");

impl Bridge {
    /// Sends one message and sees to its answer.
    pub(super) async fn request(self: Arc<Self>, message: Message, line: Bytes) {
        let until = Instant::now() + HELD;
        let (mut begun_again, mut learnt_again) = (false, false);
        for _ in 0..TRIES {
            let Ok(request) = self.build(Method::POST, &message, None, line.clone()) else { break };
            let answer = match self.agent.send(request).await {
                Ok(answer) => answer,
                Err(Lost::Unsent(failure)) => return self.fail(&message, &failure.problem()).await,
                Err(Lost::Unanswered) if message.is_repeatable() => continue,
                Err(Lost::Unanswered) => return self.fail(&message, &unknown()).await,
            };
            match self.respond(&message, answer, &line).await {
                End::Answered => return self.alive.notify_waiters(),
                End::Held(refusal) => {
                    let refusal = self.hold(&message, &line, refusal, until).await;
                    return match refusal {
                        Some(refusal) => self.say(refusal).await,
                        None => self.alive.notify_waiters(),
                    };
                }
                End::Mismatch(_) if !learnt_again && self.learn_again(&message).await => learnt_again = true,
                End::Mismatch(words) => return self.say(words).await,
                End::NoSession if !begun_again && self.begin_again(&message).await => begun_again = true,
                End::NoSession => return self.fail(&message, &Code::ServerUnreachable.problem(None)).await,
                End::Refused(problem) => return self.fail(&message, &problem).await,
                End::Broke { last: None, .. } if message.is_repeatable() => {}
                End::Broke { last: None, .. } => return self.fail(&message, &unknown()).await,
                End::Broke { last: Some(last), retry } => return self.resume(&message, last, retry, &line).await,
            }
        }
        self.fail(&message, &unknown()).await;
    }

    /// Goes on reading an answer whose stream broke, behind the last event that came.
    async fn resume(self: &Arc<Self>, message: &Message, mut last: HeaderValue, mut retry: Option<Duration>, line: &Bytes) {
        let mut tries = 0;
        while tries < RESUMED {
            tries += 1;
            tokio::time::sleep(retry.unwrap_or(REST).min(Duration::from_secs(30))).await;
            let Ok(request) = self.build(Method::GET, message, Some(&last), Bytes::new()) else { break };
            let Ok(answer) = self.agent.send(request).await else { continue };
            match self.respond(message, answer, line).await {
                End::Answered => return self.alive.notify_waiters(),
                End::Broke { last: next, retry: after } => {
                    retry = after.or(retry);
                    if let Some(next) = next.filter(|next| *next != last) {
                        (last, tries) = (next, 0);
                    }
                }
                End::Refused(problem) => return self.fail(message, &problem).await,
                End::Held(_) | End::NoSession | End::Mismatch(_) => break,
            }
        }
        self.fail(message, &unknown()).await;
    }

    pub(super) async fn fail(&self, message: &Message, problem: &Problem) {
        if let Some(error) = message.error(problem) {
            self.say(error.into()).await;
        }
    }

    /// A request of HTTP with what each revision wants to know of the message.
    pub(super) fn build(
        &self,
        method: Method,
        message: &Message,
        last: Option<&HeaderValue>,
        body: Bytes,
    ) -> http::Result<Request<Full<Bytes>>> {
        let mut request = Request::new(Full::new(body.clone()));
        let get = method == Method::GET;
        let post = method == Method::POST;
        *request.method_mut() = method;
        *request.uri_mut() = self.path.parse()?;
        let headers = request.headers_mut();
        headers.insert(HOST, HeaderValue::from_static("lanyard"));
        let accept = if get { "text/event-stream" } else { "application/json, text/event-stream" };
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        if post {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let talk = self.talk();
        if let Some(revision) = message.revision.as_ref().or(talk.revision.as_ref()).filter(|_| !message.is("initialize")) {
            headers.insert(REVISION, revision.clone());
        }
        if let (true, Some(_), Some(method)) = (post, &message.revision, &message.method)
            && let Ok(method) = HeaderValue::from_str(method)
        {
            headers.insert(METHOD, method);
            if let Some(name) = &message.name {
                headers.insert(NAME, name.clone());
            }
            if message.is("tools/call") {
                headers.extend(talk.mirror.of_call(&body));
            }
        }
        if let Some(session) = talk.session.as_ref().filter(|_| !message.is("initialize") && message.revision.is_none()) {
            headers.insert(SESSION, session.clone());
        }
        if let Some(last) = last {
            headers.insert(LAST, last.clone());
        }
        Ok(request)
    }
}

/// Nobody knows whether the server did what it was asked.
fn unknown() -> Problem {
    let more = "The connection broke before the answer came, so it is not known whether the server did what it was asked.";
    Code::ServerUnreachable.problem(None).because(more).after(None)
}
