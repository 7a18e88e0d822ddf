//! Arguments that a tool wants to see in headers too (MCP 2026-07-28, transports, `x-mcp-header`).
//!
//! A client that speaks over standard output knows nothing of headers, so the bridge reads the annotations off the list
//! of tools as it passes, and takes out the tools whose annotations are wrong, as a client of HTTP must.

use std::collections::{HashMap, HashSet};

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

use super::message::header;

const ANNOTATION: &str = "x-mcp-header";
/// Keywords whose values are data or names and no schemas (JSON Schema 2020-12).
const DATA: [&str; 5] = ["default", "const", "enum", "examples", "dependentRequired"];
/// Keywords whose members are schemas under names of their own.
const MAPS: [&str; 5] = ["$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties"];

/// What is known of the server's tools.
#[derive(Debug, Default)]
pub(super) struct Mirror(HashMap<String, Vec<Mirrored>>);

#[derive(Debug)]
struct Mirrored {
    /// The names of properties from the arguments to the value.
    path: Vec<String>,
    name: HeaderName,
}

impl Mirror {
    /// Learns from a list of tools and takes the wrong ones out of it; whether it took any.
    pub(super) fn learn(&mut self, tools: &mut Vec<Value>) -> bool {
        let before = tools.len();
        tools.retain(|tool| {
            let Some(name) = tool["name"].as_str() else { return true };
            let annotated = tool["inputSchema"].as_object().map_or(Some(Vec::new()), annotated);
            let right = annotated.is_some();
            self.0.insert(name.to_owned(), annotated.unwrap_or_default());
            right
        });
        tools.len() < before
    }

    /// The headers of a call, read off the message itself.
    pub(super) fn of_call(&self, message: &[u8]) -> HeaderMap {
        if self.0.values().all(Vec::is_empty) {
            return HeaderMap::new();
        }
        let call: Value = serde_json::from_slice(message).unwrap_or_default();
        self.headers(call["params"]["name"].as_str().unwrap_or_default(), &call["params"]["arguments"])
    }

    /// The headers of a call of `tool` with `arguments`. What is absent or null is not sent.
    fn headers(&self, tool: &str, arguments: &Value) -> HeaderMap {
        let mirrored = self.0.get(tool).map(Vec::as_slice).unwrap_or_default().iter();
        mirrored
            .filter_map(|one| {
                let value = one.path.iter().try_fold(arguments, |value, step| value.get(step))?;
                Some((one.name.clone(), text(value)?))
            })
            .collect()
    }
}

fn text(value: &Value) -> Option<HeaderValue> {
    match value {
        Value::String(text) => Some(header(text)),
        Value::Bool(_) | Value::Number(_) => Some(header(&value.to_string())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The annotations of a tool's arguments; none where one of them is wrong.
fn annotated(schema: &Map<String, Value>) -> Option<Vec<Mirrored>> {
    let mut found = Vec::new();
    // The arguments as a whole are no parameter.
    (!schema.contains_key(ANNOTATION) && collect(schema, Some(&[]), &mut found)).then_some(())?;
    let mut names = HashSet::new();
    found.iter().all(|one| names.insert(one.name.clone())).then_some(found)
}

/// Whether every annotation of a schema is right. `path` is absent where the schema is not reached by properties alone.
fn collect(schema: &Map<String, Value>, path: Option<&[String]>, found: &mut Vec<Mirrored>) -> bool {
    if let Some(name) = schema.get(ANNOTATION) {
        let primitive = matches!(schema.get("type").and_then(Value::as_str), Some("string" | "integer" | "boolean"));
        let name = name.as_str().filter(|name| !name.is_empty());
        let name = name.and_then(|name| HeaderName::try_from(format!("mcp-param-{name}")).ok());
        let (true, Some(name), Some(path)) = (primitive, name, path) else { return false };
        found.push(Mirrored { path: path.to_vec(), name });
    }
    schema.iter().all(|(keyword, value)| match (keyword.as_str(), value) {
        ("properties", Value::Object(properties)) => properties.iter().all(|(name, schema)| {
            let path = path.map(|path| [path, std::slice::from_ref(name)].concat());
            schema.as_object().is_none_or(|schema| collect(schema, path.as_deref(), found))
        }),
        (keyword, Value::Object(map)) if MAPS.contains(&keyword) => map.values().all(|schema| elsewhere(schema, found)),
        (keyword, _) if keyword == ANNOTATION || DATA.contains(&keyword) => true,
        (_, value) => elsewhere(value, found),
    })
}

/// The same below a keyword that leads away from the properties.
fn elsewhere(value: &Value, found: &mut Vec<Mirrored>) -> bool {
    match value {
        Value::Object(schema) => collect(schema, None, found),
        Value::Array(schemas) => schemas.iter().all(|schema| elsewhere(schema, found)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tool(name: &str, properties: Value) -> Value {
        json!({"name": name, "inputSchema": {"type": "object", "properties": properties}})
    }

    #[test]
    fn annotated_arguments_become_headers_and_others_do_not() {
        let mut mirror = Mirror::default();
        let properties = json!({
            "region": {"type": "string", "x-mcp-header": "Region"}, "size": {"type": "integer", "x-mcp-header": "Size"},
            "dry": {"type": "boolean", "x-mcp-header": "Dry"}, "note": {"type": "string"},
            "place": {"type": "object", "properties": {"room": {"type": "string", "x-mcp-header": "Room"}}},
        });
        assert!(!mirror.learn(&mut vec![tool("move", properties)]));
        let headers = mirror.headers(
            "move",
            &json!({"region": "Zürich", "size": 42, "dry": null, "note": "no", "place": {"room": "line1\r\nEvil: yes"}}),
        );
        let mut seen: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        seen.sort_unstable();
        let expected = [
            ("mcp-param-region", "=?base64?WsO8cmljaA==?="),
            ("mcp-param-room", "=?base64?bGluZTENCkV2aWw6IHllcw==?="),
            ("mcp-param-size", "42"),
        ];
        assert_eq!(seen, expected);
        assert!(mirror.headers("unknown", &json!({})).is_empty());
    }

    #[test]
    fn a_tool_with_a_wrong_annotation_is_taken_out_and_the_others_stay() {
        let wrong = [
            json!({"a": {"type": "string", "x-mcp-header": ""}}),
            json!({"a": {"type": "string", "x-mcp-header": 7}}),
            json!({"a": {"type": "string", "x-mcp-header": "My Region"}}),
            json!({"a": {"type": "string", "x-mcp-header": "Région"}}),
            json!({"a": {"type": "string", "x-mcp-header": "A:b"}}),
            json!({"a": {"type": "string", "x-mcp-header": "A\tb"}}),
            json!({"a": {"type": "number", "x-mcp-header": "A"}}),
            json!({"a": {"type": "array", "items": {"type": "string"}, "x-mcp-header": "A"}}),
            json!({"a": {"type": "array", "items": {"type": "string", "x-mcp-header": "A"}}}),
            json!({"a": {"type": "string", "x-mcp-header": "A"}, "b": {"type": "string", "x-mcp-header": "a"}}),
            json!({"a": {"anyOf": [{"type": "string", "x-mcp-header": "A"}]}}),
        ];
        for properties in wrong {
            let mut tools =
                vec![tool("wrong", properties.clone()), tool("right", json!({"a": {"default": {"x-mcp-header": 1}}}))];
            assert!(Mirror::default().learn(&mut tools), "{properties}");
            assert_eq!(tools.len(), 1, "{properties}");
        }
        let mut root = vec![json!({"name": "root", "inputSchema": {"type": "object", "x-mcp-header": "A"}})];
        assert!(Mirror::default().learn(&mut root) && root.is_empty());
    }
}
