//! Whether a document may go on to a contained server: what it says must be what any parser and any router reads in it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use serde_json::value::RawValue;
use wire::Code;

use super::containment::{Contained, Verdict};
use super::document::{Document, Message, members};
use crate::api::Fault;
use crate::api::body::BodyFault;

const DENIED: Fault = Fault::Own(Code::DoorClosed, "Your organisation's policy does not allow this tool.", None);
/// A tool that does not say that it only reads.
pub(super) const NOT_READ_ONLY: Fault =
    Fault::Own(Code::DoorClosed, "Your organisation's policy allows only tools of this server that read.", None);
const AMBIGUOUS: Fault = Fault::Own(Code::BadRequest, "The request could be read in two ways.", None);

/// The names that decide what a message is, and what it calls.
const OF_MESSAGE: [&str; 6] = ["jsonrpc", "id", "method", "params", "result", "error"];
const OF_PARAMS: [&str; 3] = ["name", "arguments", "_meta"];

/// A call that needs its server's word that the tool only reads.
pub(super) struct Asked<'t> {
    pub(super) tool: String,
    pub(super) meta: Option<&'t RawValue>,
}

/// The tools that a document calls.
pub(super) fn tools(document: &Document<'_>) -> Result<Vec<String>, BodyFault> {
    document.messages.iter().filter_map(|message| message.tool().transpose()).collect()
}

/// That nothing in it could be read in another way by another parser.
pub(super) fn document(document: &Document<'_>, headers: &HeaderMap) -> Result<(), Fault> {
    for message in &document.messages {
        if !is_plain(message) {
            return Err(AMBIGUOUS);
        }
    }
    let told = ["mcp-method", "mcp-name"].map(|name| headers.get_all(name).iter().collect::<Vec<_>>());
    match (&document.messages[..], &told) {
        (_, [methods, names]) if methods.is_empty() && names.is_empty() => Ok(()),
        // A router on the way may go by the headers, so they must say what the message says.
        ([message], [methods, names]) => {
            let method = methods.iter().all(|told| says(told.as_bytes(), message.method.as_deref()));
            let tool = message.tool()?;
            let name = tool.is_none() || names.iter().all(|told| says(told.as_bytes(), tool.as_deref()));
            if method && name { Ok(()) } else { Err(AMBIGUOUS) }
        }
        _ => Err(AMBIGUOUS),
    }
}

/// The calls that need their server's word; a document with a call that is not allowed goes nowhere.
pub(super) fn calls<'t>(document: &Document<'t>, contained: &Contained<'_>) -> Result<Vec<Asked<'t>>, Fault> {
    let mut asked = Vec::new();
    for message in &document.messages {
        match (message.method.as_deref(), message.tool()?) {
            (_, Some(tool)) => match contained.judge(&tool) {
                Verdict::Admitted => {}
                Verdict::Denied => return Err(DENIED),
                Verdict::IfReadOnly => asked.push(Asked { tool, meta: message.parameter("_meta") }),
            },
            (Some("tools/list"), None) => {}
            // What another method of that family would do is not known here.
            (Some(method), None) if fold(method).starts_with("tools/") => return Err(DENIED),
            _ => {}
        }
    }
    Ok(asked)
}

/// Some parsers take names without regard to case: a name that is another's twin is refused.
fn is_plain(message: &Message<'_>) -> bool {
    let plain = |name: &str, known: &[&str]| known.contains(&name) || !known.contains(&fold(name).as_str());
    let params = message.params.and_then(members).unwrap_or_default();
    message.names.iter().all(|name| plain(name, &OF_MESSAGE)) && params.keys().all(|name| plain(name, &OF_PARAMS))
}

/// Lower case as the most lenient parsers have it: with the long s and the Kelvin sign.
fn fold(name: &str) -> String {
    name.to_lowercase().replace('\u{17f}', "s").replace('\u{212a}', "k")
}

/// Whether a header says `text`: as it is, or in the form for what is no header text (MCP 2026-07-28, transports).
fn says(told: &[u8], text: Option<&str>) -> bool {
    let Some(text) = text else { return false };
    if told == text.as_bytes() {
        return true;
    }
    let coded = told.strip_prefix(b"=?base64?").and_then(|rest| rest.strip_suffix(b"?="));
    coded.and_then(|coded| STANDARD.decode(coded).ok()).is_some_and(|decoded| decoded == text.as_bytes())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::gateway::containment::{Bounds, Containment, ToolPattern};

    fn judged(text: &str, headers: &[(&'static str, &str)]) -> Result<usize, &'static str> {
        let deny = vec![ToolPattern::parse("wipe*").unwrap()];
        let containment = Containment { all: Bounds { deny, ..Bounds::default() }, programs: Vec::new() };
        let headers = headers
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect();
        let read = Document::read(text).map_err(|_| "unreadable")?;
        let name = |fault: Fault| fault.code().name();
        document(&read, &headers).map_err(name)?;
        calls(&read, &containment.of(None)).map(|asked| asked.len()).map_err(name)
    }

    #[test]
    fn a_denied_tool_is_refused_however_it_is_written() {
        let refused = [
            r#"{"id":1,"method":"tools/call","params":{"name":"wipe"}}"#,
            r#"{"id":1,"method":"tools/call","params":{"name":"w\u0069pe_all"}}"#,
            r#"{"id":1,"method":"tools\/call","params":{"name":"wipe"}}"#,
            r#"[{"id":1,"method":"ping"},{"id":2,"method":"tools/call","params":{"name":"wipe"}}]"#,
            r#"{"method":"tools/call","params":{"name":"wipe"}}"#,
            r#"{"id":1,"method":"tools/callMany","params":{"names":["wipe"]}}"#,
            r#"{"id":1,"method":"Tools/Call","params":{"name":"read"}}"#,
        ];
        for text in refused {
            assert_eq!(judged(text, &[]), Err("door-closed"), "{text}");
        }
        let ambiguous = [
            r#"{"id":1,"method":"ping","Method":"tools/call","params":{"name":"wipe"}}"#,
            r#"{"id":1,"method":"tools/call","params":{"name":"read","NAME":"wipe"}}"#,
            r#"{"id":1,"method":"ping","param\u017f":{"name":"wipe"}}"#,
            r#"{"id":1,"method":"tools/call","params":{"arguments":{}}}"#,
            r#"{"id":1,"method":"tools/call","params":["wipe"]}"#,
            r#"{"id":1,"method":"tools/call"}"#,
            r#"{"id":1,"method":"tools/call","params":{"name":["wipe"]}}"#,
        ];
        for text in ambiguous {
            assert_eq!(judged(text, &[]), Err("bad-request"), "{text}");
        }
        for admitted in [
            r#"{"id":1,"method":"tools/call","params":{"name":"read","arguments":{"Name":"wipe","name":"wipe"}}}"#,
            r#"{"id":1,"method":"tools/list"}"#,
            r#"{"id":1,"result":{"name":"wipe"}}"#,
        ] {
            assert_eq!(judged(admitted, &[]), Ok(0), "{admitted}");
        }
    }

    #[test]
    fn headers_must_say_what_the_message_says() {
        let call = r#"{"id":1,"method":"tools/call","params":{"name":"lesén"}}"#;
        let coded = format!("=?base64?{}?=", STANDARD.encode("lesén"));
        assert_eq!(judged(call, &[("mcp-method", "tools/call"), ("mcp-name", &coded)]), Ok(0));
        assert_eq!(judged(call, &[("mcp-method", "tools/call"), ("mcp-name", "wipe")]), Err("bad-request"));
        assert_eq!(judged(call, &[("mcp-method", "ping")]), Err("bad-request"));
        let batch = r#"[{"id":1,"method":"ping"}]"#;
        assert_eq!((judged(batch, &[]), judged(batch, &[("mcp-method", "ping")])), (Ok(0), Ok(0)));
        let two = r#"[{"id":1,"method":"ping"},{"id":2,"method":"ping"}]"#;
        assert_eq!(judged(two, &[("mcp-method", "ping")]), Err("bad-request"));
    }
}
