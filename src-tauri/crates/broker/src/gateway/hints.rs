//! Which tools only read, as their server says: asked by the gateway itself before a call is let through.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use net::Forwarded;
use serde_json::json;
use serde_json::value::RawValue;
use wire::Code;

use super::send::Call;
use super::tools;
use crate::api::{Fault, Visit};
use crate::{Rules, ServerRule};

/// What a server said is believed for so long.
const FRESH: Duration = Duration::from_secs(60);
/// More servers and sessions than this are not remembered.
const LIMIT: usize = 256;
/// The most pages of one list, and the longest page in bytes.
const PAGES: usize = 100;
const PAGE: usize = 16 * 1024 * 1024;
/// How long one page may take.
const PATIENCE: Duration = Duration::from_secs(30);

const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");

/// Tools by name, with whether they only read, by server and MCP session.
#[derive(Debug, Default)]
pub(crate) struct Hints(Mutex<HashMap<Session, Listed>>);

/// When a list was read, and whether each tool in it only reads.
type Listed = (Instant, HashMap<String, bool>);

/// A server's id and an MCP session there; the session is empty where a revision has none.
type Session = (String, Vec<u8>);

impl Hints {
    fn known(&self, key: &Session, tool: &str) -> Option<bool> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, tools) = all.get(key)?;
        if since.elapsed() < FRESH { tools.get(tool).copied() } else { None }
    }

    fn keep(&self, key: Session, tools: HashMap<String, bool>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (since, _)| since.elapsed() < FRESH);
        if all.len() < LIMIT {
            all.insert(key, (Instant::now(), tools));
        }
    }
}

/// What the server made of the question.
pub(super) enum Known {
    /// Whether the tool only reads; a tool that is not listed does not.
    ReadOnly(bool),
    /// It answered with an error, which is the answer to the call too.
    Answer(Box<Forwarded>),
}

impl Visit<'_> {
    /// Whether `tool` only reads, asked in the session of the call. `meta` is the call's own `_meta`.
    pub(super) async fn reads_only(
        &self,
        rules: &Rules,
        rule: &ServerRule,
        id: &str,
        parts: &Parts,
        tool: &str,
        meta: Option<&RawValue>,
    ) -> Result<Known, Fault> {
        let session = parts.headers.get(SESSION_ID).map(|value| value.as_bytes().to_vec()).unwrap_or_default();
        let key = (id.to_owned(), session);
        if let Some(reads) = self.api.hints.known(&key, tool) {
            return Ok(Known::ReadOnly(reads));
        }
        let headers = headers(&parts.headers);
        let (mut all, mut cursor) = (HashMap::new(), None);
        for _ in 0..PAGES {
            let call = Call { id, method: Method::POST, headers: &headers, body: question(cursor.as_deref(), meta), plain: true };
            let (answer, _) = self.send(rules, rule, call).await?;
            if !answer.status.is_success() {
                return Ok(Known::Answer(Box::new(answer)));
            }
            let page = tokio::time::timeout(PATIENCE, page(answer)).await.ok().flatten().ok_or(UNREADABLE)?;
            all.extend(page.tools);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        let reads = all.get(tool).copied().unwrap_or(false);
        self.api.hints.keep(key, all);
        Ok(Known::ReadOnly(reads))
    }
}

const UNREADABLE: Fault = Fault::Own(Code::ServerMisconfigured, "The server's list of tools could not be read.", None);

/// The headers of the question: those of the call, but for what says which call it is.
fn headers(theirs: &HeaderMap) -> HeaderMap {
    let about_the_call = |name: &HeaderName| name.as_str() == "mcp-name" || name.as_str().starts_with("mcp-param-");
    let stays = |name: &HeaderName| !about_the_call(name) && *name != CONTENT_LENGTH && name.as_str() != "last-event-id";
    let mut headers: HeaderMap =
        theirs.iter().filter(|(name, _)| stays(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
    if headers.contains_key(METHOD) {
        headers.insert(METHOD, HeaderValue::from_static("tools/list"));
    }
    headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers
}

fn question(cursor: Option<&str>, meta: Option<&RawValue>) -> Bytes {
    let mut params = serde_json::Map::new();
    if let Some(cursor) = cursor {
        params.insert("cursor".to_owned(), cursor.into());
    }
    if let Some(meta) = meta.and_then(|meta| serde_json::from_str(meta.get()).ok()) {
        params.insert("_meta".to_owned(), meta);
    }
    json!({"jsonrpc": "2.0", "id": "lanyard-tools", "method": "tools/list", "params": params}).to_string().into()
}

/// The page in an answer, be it a document or a stream of events.
async fn page(mut answer: Forwarded) -> Option<tools::Page> {
    let events = super::is_events(&answer.headers);
    let mut text = BytesMut::new();
    while let Some(chunk) = answer.body.next().await {
        text.extend_from_slice(&chunk.ok()?);
        if text.len() > PAGE {
            return None;
        }
        if events && let Some(page) = std::str::from_utf8(&text).ok().and_then(in_events) {
            return Some(page);
        }
    }
    if events { None } else { tools::page(std::str::from_utf8(&text).ok()?) }
}

/// The page in the first event that has one.
fn in_events(text: &str) -> Option<tools::Page> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut events: Vec<&str> = text.split("\n\n").collect();
    // What stands behind the last empty line is not complete yet.
    events.pop();
    events.into_iter().find_map(|event| {
        let data: Vec<&str> = event.lines().filter_map(|line| line.strip_prefix("data:")).collect();
        tools::page(&data.join("\n"))
    })
}
