//! `/mcp/{id}`: MCP's Streamable HTTP to a server of policy, the token added here.
//!
//! A request is read whole and judged; what is sent on is the text that was judged. An answer passes as it comes. No
//! fault becomes a 401 or 403: to a client those mean that it should sign in by itself.

mod containment;
mod document;
mod dry;
mod events;
mod fault;
mod headers;
mod hints;
mod judge;
mod send;
mod stream;
mod tools;
mod whole;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, Method, Response};
use hyper::body::Incoming;
use jiff::Timestamp;
use net::Forwarded;
use wire::{AuditEvent, Code};

pub use containment::{Bounds, Containment, ToolPattern};
pub(crate) use hints::Hints;
pub(crate) use whole::Room;

use crate::api::reply::{self, Body};
use crate::api::{Fault, Visit, body};
use crate::audit::Key;
use crate::{Served, ServerRule, admission};
use document::Document;
use events::{Boundary, Filter};
use hints::Known;
use send::Call;
use stream::{Ground, Open};

/// The longest answer that is looked into as a whole.
const ANSWER: usize = 64 * 1024 * 1024;

/// One request on its way through.
struct Passage<'p> {
    id: &'p str,
    parts: &'p Parts,
    whole: Bytes,
    document: Option<Document<'p>>,
    /// The tools that it calls.
    tools: Vec<String>,
}

impl Visit<'_> {
    /// Any request to `/mcp/{id}`. `barred` is why the caller may not come in; it is told like any other fault.
    pub(crate) async fn gateway(&self, id: &str, barred: Option<Fault>, parts: &Parts, body: Incoming) -> Response<Body> {
        let limit = if barred.is_some() { whole::STRANGER } else { whole::LIMIT };
        let (whole, room) = match whole::read(&self.api.room, parts, body, limit, self.api.limits.body).await {
            Ok(read) => read,
            Err(fault) => return self.told(barred.unwrap_or(fault), id, &[], false),
        };
        let text = whole.clone();
        let document = match document(&parts.method, &text) {
            Ok(document) => document,
            Err(fault) => return self.told(barred.unwrap_or(fault), id, &[], false),
        };
        let ids = document.as_ref().map(|document| fault::ids(document.requests())).unwrap_or_default();
        let batch = document.as_ref().is_some_and(|document| document.batch);
        if let Some(fault) = barred {
            return self.told(fault, id, &ids, batch);
        }
        let mut passage = Passage { id, parts, whole, document, tools: Vec::new() };
        let passed = self.pass(&mut passage, &ids).await;
        drop(room);
        match passed {
            Ok(answer) => answer,
            Err(fault) => {
                self.stopped(&passage, &fault);
                self.told(fault, id, &ids, batch)
            }
        }
    }

    async fn pass(&self, passage: &mut Passage<'_>, ids: &[String]) -> Result<Response<Body>, Fault> {
        let (id, rules) = (passage.id, self.rules.clone());
        let rule = admission::server(&rules, id, self.program())?;
        let containment = rule.containment.as_deref();
        if let Some(document) = &passage.document {
            passage.tools = judge::tools(document)?;
            if let Some(containment) = containment {
                let contained = containment.of(self.program());
                judge::document(document, &passage.parts.headers)?;
                for call in judge::calls(document, &contained)? {
                    match self.reads_only(&rules, rule, id, passage.parts, &call.tool, call.meta).await? {
                        Known::ReadOnly(true) => {}
                        Known::ReadOnly(false) => return Err(judge::NOT_READ_ONLY),
                        Known::Answer(answer) => return self.back(rule, passage, ids, *answer, None).await,
                    }
                }
            }
        }
        let body = match &passage.document {
            Some(document) => document.onward(&passage.whole, rule.enterprise),
            None => Bytes::new(),
        };
        let call = Call {
            id,
            method: passage.parts.method.clone(),
            headers: &passage.parts.headers,
            body,
            plain: containment.is_some(),
        };
        let (answer, served) = self.send(&rules, rule, call).await?;
        // Policy may have changed while the server thought; the decision is made for what is so now (LI-27).
        admission::server(&self.api.agent.rules(), id, self.program())?;
        self.used(passage, served.as_ref());
        self.back(rule, passage, ids, answer, served).await
    }

    /// The server's answer as the client gets it.
    async fn back(
        &self,
        rule: &ServerRule,
        passage: &Passage<'_>,
        ids: &[String],
        answer: Forwarded,
        served: Option<Served>,
    ) -> Result<Response<Body>, Fault> {
        let events = is_events(&answer.headers);
        let looked_into = rule.containment.is_some() && !events && is_json(&answer.headers);
        if rule.containment.is_some() && answer.headers.contains_key(http::header::CONTENT_ENCODING) {
            return Err(Fault::Own(
                Code::ServerMisconfigured,
                "The server encodes its answer, although that was not asked.",
                None,
            ));
        }
        let mut response = Response::new(());
        *response.status_mut() = answer.status;
        *response.headers_mut() = headers::back(&answer.headers, rule.containment.is_none());
        let response = response.into_parts().0;
        if looked_into {
            let text = self.shown(rule, answer).await?;
            return Ok(Response::from_parts(response, reply::whole_body(text)));
        }
        let changes = self.api.agent.changes();
        let open = Open {
            ground: Ground {
                agent: self.api.agent.clone(),
                tokens: self.api.tokens.clone(),
                changes,
                stop: self.caller.stop.clone(),
                server: passage.id.to_owned(),
                program: self.program().cloned(),
                epoch: served.as_ref().map(|served| served.epoch),
            },
            chunks: answer.body,
            events,
            ids: ids.to_vec(),
            containment: rule.containment.clone(),
            boundary: Boundary::default(),
            filter: Filter::default(),
            over: false,
            _hold: (events && served.is_some()).then(|| self.api.tokens.hold()),
        };
        Ok(Response::from_parts(response, reply::stream_body(open.bytes())))
    }

    /// A document without the tools that this caller is not shown.
    async fn shown(&self, rule: &ServerRule, mut answer: Forwarded) -> Result<Bytes, Fault> {
        const FAULT: Fault = Fault::Own(Code::ServerMisconfigured, "The server's answer could not be read.", None);
        let Some(containment) = &rule.containment else { return Err(FAULT) };
        let mut text = BytesMut::new();
        while let Some(chunk) = answer.body.next().await {
            text.extend_from_slice(&chunk.map_err(|_| Fault::Own(Code::ServerUnreachable, "Its answer broke off.", Some(5)))?);
            if text.len() > ANSWER {
                return Err(FAULT);
            }
        }
        let text = text.freeze();
        if text.trim_ascii().is_empty() {
            return Ok(text);
        }
        let read = std::str::from_utf8(&text).map_err(|_| FAULT)?;
        match tools::shown(read, &containment.of(self.program())).map_err(|_| FAULT)? {
            std::borrow::Cow::Borrowed(_) => Ok(text.clone()),
            std::borrow::Cow::Owned(shown) => Ok(shown.into()),
        }
    }

    fn told(&self, fault: Fault, id: &str, ids: &[String], batch: bool) -> Response<Body> {
        fault::answer(&fault.problem(self.rules.contact(Some(id))), ids, batch)
    }

    /// A request that went on: each call of a tool by its name, anything else counted.
    fn used(&self, passage: &Passage<'_>, served: Option<&Served>) {
        let now = Timestamp::now();
        if let Some(name) = &self.name {
            self.api.used.note(name, passage.id, now);
        }
        let minted = served.and_then(|served| served.minted.as_ref());
        let event = |name: &str| AuditEvent {
            server: Some(passage.id.to_owned()),
            scopes: served.map(|served| served.scope.split_ascii_whitespace().map(str::to_owned).collect()).unwrap_or_default(),
            assertion: minted.and_then(|minted| minted.assertion.clone()),
            trace: minted.and_then(|minted| minted.trace.clone()),
            token_life: served.map(|served| u64::try_from(served.expires_at.duration_since(now).as_secs()).unwrap_or(0)),
            ..self.event(name)
        };
        for tool in &passage.tools {
            self.api.audit.record(AuditEvent { tool: Some(tool.clone()), ..event("tool-called") });
        }
        if passage.tools.is_empty() && minted.is_some() {
            self.api.audit.record(event("server-used"));
        } else if passage.tools.is_empty() {
            self.api.audit.repeated(self.key("server-used", passage.id), || event("server-used"));
        }
    }

    /// A request that did not: each call by its name, anything else counted.
    fn stopped(&self, passage: &Passage<'_>, fault: &Fault) {
        let event = |name: &str| AuditEvent {
            server: Some(passage.id.to_owned()),
            outcome: "refused".to_owned(),
            fault: Some(fault.code()),
            ..self.event(name)
        };
        for tool in &passage.tools {
            self.api.audit.record(AuditEvent { tool: Some(tool.clone()), ..event("tool-refused") });
        }
        if passage.tools.is_empty() {
            let about = format!("{} {}", passage.id, fault.code().name());
            self.api.audit.repeated(self.key("server-refused", &about), || event("server-refused"));
        }
    }

    fn key(&self, event: &'static str, about: &str) -> Key {
        Key { event, door: self.caller.door.name(), client: self.name.clone(), server: Some(about.to_owned()) }
    }
}

/// The document of a POST; the other methods have none.
fn document<'t>(method: &Method, whole: &'t Bytes) -> Result<Option<Document<'t>>, Fault> {
    if *method != Method::POST {
        return if whole.is_empty() { Ok(None) } else { Err(body::BodyFault::Unwanted.into()) };
    }
    let text = std::str::from_utf8(whole).map_err(|_| body::BodyFault::NotJson)?;
    Ok(Some(Document::read(text)?))
}

fn is_events(headers: &HeaderMap) -> bool {
    kind(headers).is_some_and(|kind| kind == "text/event-stream")
}

fn is_json(headers: &HeaderMap) -> bool {
    // What has no type may be read as anything.
    kind(headers).is_none_or(|kind| kind == "application/json")
}

fn kind(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}
