//! What HTTP needs to know of a message, derived from the message itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use wire::Problem;

/// The answer to a line that is no message (JSON-RPC 2.0 §5.1).
pub(super) const PARSE_ERROR: &str = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}"#;

/// Methods that change nothing: sent again when the answer was lost.
const REPEATABLE: [&str; 11] = [
    "initialize",
    "ping",
    "server/discover",
    "tools/list",
    "prompts/list",
    "prompts/get",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "completion/complete",
    "subscriptions/listen",
];

/// A message or a batch of a client.
#[derive(Clone, Debug, Default)]
pub(super) struct Message {
    /// The id of a request, as it is written.
    pub(super) id: Option<String>,
    /// The method.
    pub(super) method: Option<String>,
    /// The revision that a request of 2026-07-28 and later names itself.
    pub(super) revision: Option<HeaderValue>,
    /// The tool, prompt or resource that it is about.
    pub(super) name: Option<HeaderValue>,
    batch: bool,
}

#[derive(Deserialize)]
struct Shape<'t> {
    #[serde(borrow, default)]
    id: Option<&'t RawValue>,
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    params: Option<Params>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Params {
    name: Option<Value>,
    uri: Option<Value>,
    #[serde(rename = "_meta")]
    meta: Option<Value>,
}

impl Message {
    /// Reads a line; none where it is no JSON-RPC.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(line).ok()?;
        if text.starts_with('[') {
            serde_json::from_str::<Vec<&RawValue>>(text).ok()?;
            return Some(Self { batch: true, ..Self::default() });
        }
        let shape: Shape<'_> = match serde_json::from_str(text) {
            Ok(shape) => shape,
            // Parameters that are a list, or no object at all: for the server to judge.
            Err(_) => {
                let plain: Value = serde_json::from_str(text).ok()?;
                let id = plain.get("id").filter(|id| id.is_string() || id.is_number()).map(Value::to_string);
                let method = plain.get("method").and_then(Value::as_str).map(str::to_owned);
                plain.as_object()?;
                return Some(Self { id, method, ..Self::default() });
            }
        };
        let params = shape.params.unwrap_or_default();
        let revision = params.meta.as_ref().and_then(|meta| meta["io.modelcontextprotocol/protocolVersion"].as_str());
        let named = match shape.method.as_deref() {
            Some("tools/call" | "prompts/get") => params.name.as_ref(),
            Some("resources/read" | "resources/subscribe" | "resources/unsubscribe") => params.uri.as_ref(),
            _ => None,
        };
        Some(Self {
            id: shape.id.map(|id| id.get().to_owned()),
            method: shape.method,
            revision: revision.and_then(|revision| HeaderValue::from_str(revision).ok()),
            name: named.and_then(Value::as_str).map(header),
            batch: false,
        })
    }

    /// Whether its answer may be long in coming.
    pub(super) fn waits(&self) -> bool {
        self.batch || self.is_request()
    }

    pub(super) fn is_request(&self) -> bool {
        self.id.is_some() && self.method.is_some()
    }

    /// Whether it is a client's first one.
    pub(super) fn is_hello(&self) -> bool {
        matches!(self.method.as_deref(), Some("initialize" | "server/discover"))
    }

    pub(super) fn is(&self, method: &str) -> bool {
        self.method.as_deref() == Some(method)
    }

    /// Whether it may be sent again although the server may have had it.
    pub(super) fn is_repeatable(&self) -> bool {
        self.is_request() && self.method.as_deref().is_some_and(|method| REPEATABLE.contains(&method))
    }

    /// An error as the answer to this request.
    pub(super) fn error(&self, problem: &Problem) -> Option<String> {
        let id = self.id.as_ref().filter(|_| self.method.is_some())?;
        let error = json!({"code": -32000, "message": problem.sentences(), "data": problem});
        Some(format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\":{error}}}"))
    }
}

/// A text as a header may carry it (MCP 2026-07-28, transports: what is no plain text is coded).
pub(super) fn header(name: &str) -> HeaderValue {
    let plain = name.bytes().all(|byte| (0x20..0x7f).contains(&byte)) && name.trim() == name && !name.starts_with("=?");
    let text = if plain { name.to_owned() } else { format!("=?base64?{}?=", STANDARD.encode(name)) };
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_learns_what_the_message_says() {
        let call = r#"{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"read","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#;
        let message = Message::read(call.as_bytes()).unwrap();
        assert_eq!(
            (message.id.as_deref(), message.name.unwrap(), message.revision.unwrap()),
            (Some("\"a\""), "read".parse().unwrap(), "2026-07-28".parse().unwrap())
        );
        let of = |text: &str| Message::read(text.as_bytes());
        assert_eq!(
            of(r#"{"id":1,"method":"resources/read","params":{"uri":"file:///é"}}"#).unwrap().name.unwrap(),
            format!("=?base64?{}?=", STANDARD.encode("file:///é"))
        );
        assert!(
            of(r#"{"id":1,"method":"ping"}"#).unwrap().waits()
                && !of(r#"{"method":"notifications/initialized"}"#).unwrap().waits()
        );
        assert!(!of(r#"{"id":1,"result":{}}"#).unwrap().is_request() && of(r#"[{"id":1,"method":"ping"}]"#).unwrap().waits());
        assert!(of(r#"{"id":1,"method":"tools/list"}"#).unwrap().is_repeatable() && !of(call).unwrap().is_repeatable());
        assert_eq!(of(r#"{"id":1,"method":"ping","params":[1]}"#).unwrap().id.as_deref(), Some("1"));
        for broken in ["", "{", "7", "[1", "{\"id\":1,}"] {
            assert!(of(broken).is_none(), "{broken}");
        }
    }

    #[test]
    fn an_error_answers_a_request_and_nothing_else() {
        let problem = wire::Code::Busy.problem(None);
        let error = Message::read(br#"{"id":7,"method":"x"}"#).unwrap().error(&problem).unwrap();
        let error: Value = serde_json::from_str(&error).unwrap();
        assert_eq!((&error["id"], &error["error"]["data"]["code"]), (&json!(7), &json!("busy")));
        assert!(Message::read(br#"{"method":"x"}"#).unwrap().error(&problem).is_none());
    }
}
