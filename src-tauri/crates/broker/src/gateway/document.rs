//! What a client sends: one JSON-RPC message or a batch, judged before anything is decided by it. What is sent on is
//! the text that was judged; nothing is written anew.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::api::body::BodyFault;
use crate::strict::{self, Bounds};

const BOUNDS: Bounds = Bounds { depth: 127, count: usize::MAX, control: true };
/// More messages in one batch are no use of anybody.
const BATCH: usize = 100;
/// The extension that enterprise-managed authorization is declared by.
const EXTENSION: &str = "io.modelcontextprotocol/enterprise-managed-authorization";
/// Where a request of 2026-07-28 and later says what its client can do.
const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

/// A judged document.
#[derive(Debug)]
pub(crate) struct Document<'t> {
    text: &'t str,
    /// Whether it is a list of messages.
    pub(crate) batch: bool,
    /// The messages, at least one.
    pub(crate) messages: Vec<Message<'t>>,
}

/// One JSON-RPC message.
#[derive(Debug, Deserialize)]
pub(crate) struct Message<'t> {
    /// The id as it is written; none for a notification.
    #[serde(borrow, default)]
    pub(crate) id: Option<&'t RawValue>,
    /// The method; none for a response.
    #[serde(borrow, default)]
    pub(crate) method: Option<Cow<'t, str>>,
    /// The parameters as they are written.
    #[serde(borrow, default)]
    pub(crate) params: Option<&'t RawValue>,
    /// Every member's name.
    #[serde(skip)]
    pub(crate) names: Vec<String>,
}

impl<'t> Document<'t> {
    /// Judges a text.
    pub(crate) fn read(text: &'t str) -> Result<Self, BodyFault> {
        strict::judge(text, BOUNDS)?;
        let trimmed = text.trim_ascii();
        let batch = trimmed.starts_with('[');
        let texts: Vec<&'t RawValue> = match batch {
            true => serde_json::from_str(trimmed).map_err(|_| BodyFault::Shape)?,
            false => vec![serde_json::from_str(trimmed).map_err(|_| BodyFault::Shape)?],
        };
        if texts.len() > BATCH {
            return Err(BodyFault::TooMany);
        }
        let messages = texts.into_iter().map(Message::read).collect::<Result<Vec<_>, _>>()?;
        if messages.is_empty() || !messages.iter().all(Message::has_plain_id) {
            return Err(BodyFault::Shape);
        }
        Ok(Self { text, batch, messages })
    }

    /// The ids of the requests in it.
    pub(crate) fn requests(&self) -> impl Iterator<Item = &'t RawValue> {
        self.messages.iter().filter(|message| message.method.is_some()).filter_map(|message| message.id)
    }

    /// The text to send on: with the extension declared where `declare`, and else byte for byte.
    pub(crate) fn onward(&self, whole: &Bytes, declare: bool) -> Bytes {
        let mut additions: Vec<(usize, String)> = match declare {
            true => self.messages.iter().filter_map(|message| self.addition(message)).collect(),
            false => Vec::new(),
        };
        if additions.is_empty() {
            return whole.clone();
        }
        additions.sort_by_key(|(place, _)| *place);
        let mut text = String::with_capacity(self.text.len() + additions.len() * 128);
        let mut written = 0;
        for (place, addition) in &additions {
            text.push_str(&self.text[written..*place]);
            text.push_str(addition);
            written = *place;
        }
        text.push_str(&self.text[written..]);
        text.into()
    }

    /// What declares the extension for a message that does not, and where.
    fn addition(&self, message: &Message<'t>) -> Option<(usize, String)> {
        let params = members(message.params?)?;
        let capabilities = match message.method.as_deref()? {
            "initialize" => *params.get("capabilities")?,
            _ => *members(params.get("_meta")?)?.get(CAPABILITIES)?,
        };
        let known = members(capabilities)?;
        let (object, text) = match known.get("extensions") {
            None => (capabilities, format!("\"extensions\":{{\"{EXTENSION}\":{{}}}}")),
            Some(extensions) if members(extensions)?.contains_key(EXTENSION) => return None,
            Some(extensions) => (*extensions, format!("\"{EXTENSION}\":{{}}")),
        };
        let comma = if members(object)?.is_empty() { "" } else { "," };
        // Behind the brace: a value as it is written begins with it.
        let place = object.get().as_ptr().addr() - self.text.as_ptr().addr() + 1;
        Some((place, format!("{text}{comma}")))
    }
}

impl<'t> Message<'t> {
    fn read(text: &'t RawValue) -> Result<Self, BodyFault> {
        let names = members(text).ok_or(BodyFault::Shape)?.into_keys().map(Cow::into_owned).collect();
        let message: Self = serde_json::from_str(text.get()).map_err(|_| BodyFault::Shape)?;
        Ok(Self { names, ..message })
    }

    /// JSON-RPC ids are texts or numbers; null has no meaning in MCP.
    fn has_plain_id(&self) -> bool {
        self.id.is_none_or(|id| id.get().starts_with(['"', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']))
    }

    /// A member of the parameters as it is written.
    pub(crate) fn parameter(&self, name: &str) -> Option<&'t RawValue> {
        members(self.params?)?.get(name).copied()
    }

    /// The name of the tool that is called, where one is called.
    ///
    /// # Errors
    /// When it is called without a name that is a text.
    pub(crate) fn tool(&self) -> Result<Option<String>, BodyFault> {
        if self.method.as_deref() != Some("tools/call") {
            return Ok(None);
        }
        let name = self.parameter("name").ok_or(BodyFault::Shape)?;
        serde_json::from_str(name.get()).map(Some).map_err(|_| BodyFault::Shape)
    }
}

/// The members of an object; none where it is something else.
pub(crate) fn members(raw: &RawValue) -> Option<BTreeMap<Cow<'_, str>, &RawValue>> {
    serde_json::from_str(raw.get()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn onward(text: &str) -> String {
        let whole = Bytes::copy_from_slice(text.as_bytes());
        String::from_utf8(Document::read(text).unwrap().onward(&whole, true).to_vec()).unwrap()
    }

    #[test]
    fn the_extension_is_declared_where_a_client_says_what_it_can_and_nothing_else_changes() {
        let ema = "\"io.modelcontextprotocol/enterprise-managed-authorization\":{}";
        let table = [
            (
                r#"{"id":1,"method":"initialize","params":{"capabilities":{}}}"#,
                format!(r#"{{"id":1,"method":"initialize","params":{{"capabilities":{{"extensions":{{{ema}}}}}}}}}"#),
            ),
            (
                r#" {"id":1,"method":"initialize","params":{ "capabilities" : {"roots":{}, "n":1.50} } } "#,
                format!(
                    r#" {{"id":1,"method":"initialize","params":{{ "capabilities" : {{"extensions":{{{ema}}},"roots":{{}}, "n":1.50}} }} }} "#
                ),
            ),
            (
                r#"{"id":1,"method":"initialize","params":{"capabilities":{"extensions":{"x":{}}}}}"#,
                format!(r#"{{"id":1,"method":"initialize","params":{{"capabilities":{{"extensions":{{{ema},"x":{{}}}}}}}}}}"#),
            ),
            (
                r#"{"id":"a","method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/clientCapabilities":{}}}}"#,
                format!(
                    r#"{{"id":"a","method":"tools/list","params":{{"_meta":{{"io.modelcontextprotocol/clientCapabilities":{{"extensions":{{{ema}}}}}}}}}}}"#
                ),
            ),
        ];
        for (text, expected) in table {
            assert_eq!(onward(text), expected);
            assert_eq!(onward(&expected), expected, "declared once");
        }
        for same in [
            r#"{"id":1,"method":"tools/list"}"#,
            r#"{"id":1,"method":"tools/list","params":{"_meta":{"progressToken":1}}}"#,
            r#"{"id":1,"method":"initialize","params":{"capabilities":7}}"#,
            r#"{"id":1,"method":"initialize","params":{"capabilities":{"extensions":[]}}}"#,
            r#"{"id":1,"result":{"capabilities":{}}}"#,
        ] {
            assert_eq!(onward(same), same);
        }
    }

    #[test]
    fn what_two_parsers_could_read_in_two_ways_is_refused() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let table = [
            (r#"{"id":1,"method":"a","method":"b"}"#, BodyFault::NameTwice),
            (r#"{"id":1,"method":"a","params":{"name":"x","n\u0061me":"y"}}"#, BodyFault::NameTwice),
            (r#"[{"id":1,"method":"a"},{"id":2,"id":3}]"#, BodyFault::NameTwice),
            (r#"{"id":1,"method":"a"} {}"#, BodyFault::NotJson),
            (r#"{"id":1,"method":"a",}"#, BodyFault::NotJson),
            (r#"{"id":1,"method":"\ud800"}"#, BodyFault::NotJson),
            ("\u{feff}{}", BodyFault::NotJson),
            (&deep, BodyFault::NotJson),
            ("7", BodyFault::Shape),
            ("[]", BodyFault::Shape),
            ("[7]", BodyFault::Shape),
            (r#"{"id":{},"method":"a"}"#, BodyFault::Shape),
            (r#"{"id":1,"method":7}"#, BodyFault::Shape),
        ];
        for (text, expected) in table {
            assert_eq!(Document::read(text).map(|_| ()), Err(expected), "{text}");
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,8}".prop_map(Value::from)
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("\\PC{0,6}", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_a_client_can_do_stays_said(capabilities in prop::collection::btree_map("[a-z]{1,8}", value(), 0..4), pretty: bool) {
            prop_assume!(capabilities.get("extensions").is_none_or(Value::is_object));
            let message = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": capabilities}});
            let text = if pretty { serde_json::to_string_pretty(&message) } else { serde_json::to_string(&message) }.unwrap();
            let mut after: Value = serde_json::from_str(&onward(&text)).unwrap();
            let extensions = &mut after["params"]["capabilities"]["extensions"];
            prop_assert_eq!(extensions.as_object_mut().unwrap().remove(EXTENSION), Some(json!({})));
            if extensions.as_object().unwrap().is_empty() && message["params"]["capabilities"]["extensions"].is_null() {
                after["params"]["capabilities"].as_object_mut().unwrap().remove("extensions");
            }
            prop_assert_eq!(after, message);
        }

        #[test]
        fn no_text_makes_reading_panic(text in "\\PC{0,200}") {
            let _ = Document::read(&text);
        }
    }
}
