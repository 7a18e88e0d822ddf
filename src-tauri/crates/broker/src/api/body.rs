//! The body of a request: at most 64 KiB of UTF-8 JSON, one object, judged strictly before it is read (LI-17).

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use serde::de::DeserializeOwned;

use crate::strict::{self, Bounds};

const LIMIT: usize = 64 * 1024;
const DEPTH: usize = 8;
const COUNT: usize = 1_024;
const BOUNDS: Bounds = Bounds { depth: DEPTH, count: COUNT, control: false };

/// What is wrong with a body. No variant holds a piece of it (LI-24).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFault {
    /// There is one, and the route takes none.
    Unwanted,
    /// It is not declared as plain `application/json`.
    ContentType,
    /// It is longer than 64 KiB.
    TooLong,
    /// It did not arrive whole, or not in time.
    Incomplete,
    /// It is no JSON text.
    NotJson,
    /// It is nested deeper than 8.
    TooDeep,
    /// It has more than 1,024 values.
    TooMany,
    /// An object has a name twice.
    NameTwice,
    /// A text has a control character.
    ControlCharacter,
    /// It is not an object with the fields of this route.
    Shape,
}

impl BodyFault {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Unwanted => "This route takes no body.",
            Self::ContentType => "A body must be application/json, without an encoding.",
            Self::TooLong => "The body is longer than 64 KiB.",
            Self::Incomplete => "The body did not arrive whole and in time.",
            Self::NotJson => "The body is not a JSON text.",
            Self::TooDeep => "The body is nested too deep.",
            Self::TooMany => "The body has too many values.",
            Self::NameTwice => "The body has a name twice.",
            Self::ControlCharacter => "The body has a control character in a text.",
            Self::Shape => "The body is not an object with the fields of this route.",
        }
    }
}

/// That there is no body.
pub(super) fn none(body: &Incoming) -> Result<(), BodyFault> {
    if body.is_end_stream() { Ok(()) } else { Err(BodyFault::Unwanted) }
}

/// Reads and parses the body; no body reads as an empty object.
pub(super) async fn read<T: DeserializeOwned>(parts: &Parts, body: Incoming, limit: Duration) -> Result<T, BodyFault> {
    if body.is_end_stream() {
        return parse(b"");
    }
    if !is_json(parts) {
        return Err(BodyFault::ContentType);
    }
    let whole = tokio::time::timeout(limit, Limited::new(body, LIMIT).collect());
    let bytes: Bytes = match whole.await {
        Ok(Ok(whole)) => whole.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(BodyFault::TooLong),
        Ok(Err(_)) | Err(_) => return Err(BodyFault::Incomplete),
    };
    parse(&bytes)
}

/// Parses a body. An empty one and `null` read as an empty object; fields that are not known are ignored (LI-18).
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, BodyFault> {
    if bytes.len() > LIMIT {
        return Err(BodyFault::TooLong);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| BodyFault::NotJson)?.trim_ascii();
    let text = if text.is_empty() || text == "null" { "{}" } else { text };
    strict::judge(text, BOUNDS)?;
    // Serde would also read a list as a structure.
    if !text.starts_with('{') {
        return Err(BodyFault::Shape);
    }
    serde_json::from_str(text).map_err(|_| BodyFault::Shape)
}

pub(crate) fn is_json(parts: &Parts) -> bool {
    let mut all = parts.headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (all.next(), all.next()) else { return false };
    let Ok(text) = value.to_str() else { return false };
    let (kind, parameter) = text.split_once(';').unwrap_or((text, ""));
    let parameter = parameter.trim();
    kind.trim().eq_ignore_ascii_case("application/json")
        && (parameter.is_empty() || parameter.eq_ignore_ascii_case("charset=utf-8"))
        && !parts.headers.contains_key(CONTENT_ENCODING)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wire::TokenRequest;

    use super::*;

    #[test]
    fn hostile_bodies_are_refused_for_what_they_are() {
        let deep = |n: usize| format!("{}1{}", "{\"a\":".repeat(n), "}".repeat(n));
        let many = |n: usize| format!("{{\"a\":[{}]}}", vec!["1"; n].join(","));
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(LIMIT));
        let table: [(&str, Option<BodyFault>); 26] = [
            ("", None),
            ("null", None),
            ("{}", None),
            (" {\"scope\":\"a\",\"min_ttl\":5} ", None),
            ("{\"unknown\":{\"x\":[1,2.5,true,null]}}", None),
            (&deep(DEPTH), None),
            (&deep(DEPTH + 1), Some(BodyFault::TooDeep)),
            (&deep(5_000), Some(BodyFault::TooDeep)),
            (&many(COUNT - 2), None),
            (&many(COUNT), Some(BodyFault::TooMany)),
            (&long, Some(BodyFault::TooLong)),
            ("{\"scope\":\"a\",\"scope\":\"b\"}", Some(BodyFault::NameTwice)),
            ("{\"x\":{\"y\":1,\"y\":1}}", Some(BodyFault::NameTwice)),
            ("{\"x\":1,\"\\u0078\":1}", Some(BodyFault::NameTwice)),
            ("{\"scope\":\"a\\nb\"}", Some(BodyFault::ControlCharacter)),
            ("{\"scope\":\"a\\u0000\"}", Some(BodyFault::ControlCharacter)),
            ("{\"a\\u0085b\":1}", Some(BodyFault::ControlCharacter)),
            ("{\"x\":[\"\\u007f\"]}", Some(BodyFault::ControlCharacter)),
            ("{\"scope\":\"a\nb\"}", Some(BodyFault::NotJson)),
            ("{\"scope\":\"\\ud800\"}", Some(BodyFault::NotJson)),
            ("{\"a\":1}{\"b\":1}", Some(BodyFault::NotJson)),
            ("{\"a\":1e999}", Some(BodyFault::NotJson)),
            ("[\"a\",5]", Some(BodyFault::Shape)),
            ("\"a\"", Some(BodyFault::Shape)),
            ("{\"min_ttl\":\"60\"}", Some(BodyFault::Shape)),
            ("{\"min_ttl\":-1}", Some(BodyFault::Shape)),
        ];
        for (body, expected) in table {
            let shown = &body[..body.len().min(60)];
            assert_eq!(parse::<TokenRequest>(body.as_bytes()).err(), expected, "{shown}");
        }
        assert_eq!(parse::<TokenRequest>(b"{\"scope\":\"\xff\"}").unwrap_err(), BodyFault::NotJson);
    }

    #[test]
    fn only_plain_json_is_a_body() {
        let table: &[(&[(&str, &str)], bool)] = &[
            (&[("content-type", "application/json")], true),
            (&[("content-type", "Application/JSON; charset=UTF-8")], true),
            (&[("content-type", "application/json; charset=latin1")], false),
            (&[("content-type", "text/plain")], false),
            (&[("content-type", "application/jsonp")], false),
            (&[("content-type", "application/json, text/plain")], false),
            (&[("content-type", "application/json"), ("content-type", "application/json")], false),
            (&[("content-type", "application/json"), ("content-encoding", "gzip")], false),
            (&[], false),
        ];
        for (headers, expected) in table {
            let builder = headers.iter().fold(http::Request::post("/"), |builder, (name, value)| builder.header(*name, *value));
            assert_eq!(is_json(&builder.body(()).unwrap().into_parts().0), *expected, "{headers:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse::<TokenRequest>(&bytes);
        }

        #[test]
        fn what_is_written_is_read(scope in "[a-z:/ ]{0,40}", min_ttl in proptest::option::of(any::<u64>())) {
            let request = TokenRequest { scope: Some(scope), min_ttl };
            prop_assert_eq!(parse::<TokenRequest>(&serde_json::to_vec(&request).unwrap()).unwrap(), request);
        }
    }
}
