//! Strict JSON, whose texts are masked.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use secret::Secret;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::fault::plain;

/// The largest policy file, in bytes.
pub const LIMIT: usize = 1 << 20;

const DEPTH: usize = 32;

/// A JSON value whose texts are masked and wiped: until it is checked, any of them may be a secret in the wrong place.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number without fraction or exponent that fits 64 bits.
    Whole(i64),
    /// Any other number.
    Fraction(f64),
    /// A text.
    Text(Arc<Secret>),
    /// An array.
    List(Vec<Json>),
    /// An object, without the names that are comments.
    Table(BTreeMap<String, Json>),
}

/// Why a text is not a strict JSON object.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// Over [`LIMIT`].
    #[error("it is larger than 1 MiB")]
    TooLarge,
    /// Some other encoding.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// Three bytes that some editors put first.
    #[error("it starts with a byte order mark; save it as UTF-8 without one")]
    Marked,
    /// Half written, nested too deeply, or a name stands twice.
    #[error("it is not strict JSON")]
    Syntax(#[source] serde_json::Error),
    /// An array, a text, a number.
    #[error("it is JSON, but not an object")]
    NotObject,
}

/// Parses one strict JSON object: every name once at any depth, nesting bounded, nothing after it. Names that start
/// with `//`, and `$schema`, are left out.
///
/// # Errors
/// [`JsonError`] says which rule is broken, and where.
pub fn object(bytes: &[u8]) -> Result<BTreeMap<String, Json>, JsonError> {
    if bytes.len() > LIMIT {
        return Err(JsonError::TooLarge);
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err(JsonError::Marked);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let json =
        Node { depth: 0 }.deserialize(&mut reader).and_then(|json| reader.end().map(|()| json)).map_err(JsonError::Syntax)?;
    match json {
        Json::Table(table) => Ok(table),
        _ => Err(JsonError::NotObject),
    }
}

/// A value that this program itself carries as JSON text.
pub(crate) fn literal(text: &str) -> Option<Json> {
    let mut reader = serde_json::Deserializer::from_str(text);
    Node { depth: 0 }.deserialize(&mut reader).ok()
}

impl Json {
    /// A text value.
    pub fn text(text: &str) -> Self {
        Self::Text(Arc::new(Secret::from(text)))
    }

    /// What it is, for a fault's message.
    pub(crate) fn noun(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Whole(_) | Self::Fraction(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Table(_) => "an object",
        }
    }

    /// The value with its texts exposed: only for what the catalogue does not mark as secret.
    pub(crate) fn exposed(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(yes) => (*yes).into(),
            Self::Whole(number) => (*number).into(),
            Self::Fraction(number) => (*number).into(),
            Self::Text(text) => text.expose().into(),
            Self::List(items) => items.iter().map(Self::exposed).collect(),
            Self::Table(table) => table.iter().map(|(name, value)| (name.clone(), value.exposed())).collect(),
        }
    }

    /// Feeds an unambiguous form of the value to `sink`.
    pub(crate) fn digest(&self, sink: &mut impl FnMut(&[u8])) {
        let mut tagged = |tag: u8, bytes: &[u8]| {
            sink(&[tag]);
            sink(&(bytes.len() as u64).to_be_bytes());
            sink(bytes);
        };
        match self {
            Self::Null => tagged(b'0', &[]),
            Self::Bool(yes) => tagged(b'b', &[u8::from(*yes)]),
            Self::Whole(number) => tagged(b'i', &number.to_be_bytes()),
            Self::Fraction(number) => tagged(b'f', &number.to_be_bytes()),
            Self::Text(text) => tagged(b't', text.expose().as_bytes()),
            Self::List(items) => {
                tagged(b'l', &(items.len() as u64).to_be_bytes());
                for item in items {
                    item.digest(sink);
                }
            }
            Self::Table(table) => {
                tagged(b'o', &(table.len() as u64).to_be_bytes());
                for (name, value) in table {
                    Self::text(name).digest(sink);
                    value.digest(sink);
                }
            }
        }
    }
}

struct Node {
    depth: usize,
}

impl Node {
    fn inner<E: serde::de::Error>(&self) -> Result<Self, E> {
        if self.depth == DEPTH {
            return Err(E::custom("nested too deeply"));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Node {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Json, E> {
        Ok(Json::Bool(yes))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Whole(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(i64::try_from(number).map_or(Json::Fraction(number as f64), Json::Whole))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Json::Fraction(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::text(text))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(Arc::new(Secret::new(text))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.inner()?)? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut table = BTreeMap::new();
        while let Some(name) = entries.next_key::<String>()? {
            if table.contains_key(&name) {
                return Err(A::Error::custom(format_args!("the name `{}` stands twice", plain(&name))));
            }
            let value = entries.next_value_seed(self.inner()?)?;
            table.insert(name, value);
        }
        table.retain(|name, _| !name.starts_with("//") && name != "$schema");
        Ok(Json::Table(table))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::sentence;

    #[test]
    fn what_is_not_a_strict_object_is_refused_with_its_reason() {
        let deep = format!("{}1{}", "[".repeat(40), "]".repeat(40));
        let deep = format!("{{\"a\":{deep}}}");
        let huge = format!("{{\"a\":\"{}\"}}", "x".repeat(LIMIT));
        let table: &[(&[u8], &str)] = &[
            (b"", "EOF"),
            (b"{\"a\": 1", "EOF"),
            (b"[1]", "not an object"),
            (b"{} {}", "trailing characters"),
            (b"{\"a\":1,}", "trailing comma"),
            (b"{\"a\":1,\"a\":1}", "`a` stands twice"),
            (b"{\"a\":[{\"b\":{\"c\":1,\"c\":2}}]}", "`c` stands twice"),
            (b"{\"a\":1,\"\\u0061\":2}", "`a` stands twice"),
            (b"{\"//\":1,\"//\":2}", "`//` stands twice"),
            (b"\xef\xbb\xbf{}", "byte order mark"),
            (b"{\"a\":\"\xff\"}", "not UTF-8"),
            (deep.as_bytes(), "nested too deeply"),
            (huge.as_bytes(), "larger than 1 MiB"),
            (b"{a:1}", "key must be a string"),
            (b"// no\n{}", "expected value"),
            (b"{\"a\":1e999}", "number out of range"),
        ];
        for (bytes, expected) in table {
            let error = object(bytes).unwrap_err();
            let text = sentence(&error);
            assert!(text.contains(expected), "{text:?} lacks {expected:?}");
        }
    }

    #[test]
    fn comments_and_the_schema_name_are_left_out_at_any_depth() {
        let table = object(br#"{"// note":1,"$schema":"x","a":{"//":"y","b":2}}"#).unwrap();
        let inner = BTreeMap::from([("b".to_owned(), Json::Whole(2))]);
        assert_eq!(table, BTreeMap::from([("a".to_owned(), Json::Table(inner))]));
    }

    #[test]
    fn numbers_are_never_rounded_into_range() {
        let table = object(br#"{"a":1.0,"b":18446744073709551615,"c":-1}"#).unwrap();
        assert_eq!(table["a"], Json::Fraction(1.0));
        assert!(matches!(table["b"], Json::Fraction(_)));
        assert_eq!(table["c"], Json::Whole(-1));
    }

    #[test]
    fn debug_shows_no_text() {
        let table = object(br#"{"a":"hunter2"}"#).unwrap();
        assert!(!format!("{table:?}").contains("hunter2"));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_can_make_it_panic(bytes: Vec<u8>) {
            let _ = object(&bytes);
        }
    }
}
