use http::{HeaderMap, header};
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::theirs;

/// A complete answer, at most [`crate::BODY_CAP`] bytes; the body is wiped when dropped.
pub struct Reply {
    /// The host that answered.
    pub host: String,
    /// The HTTP status.
    pub status: u16,
    /// The headers as received.
    pub headers: HeaderMap,
    /// The body.
    pub body: Zeroizing<Vec<u8>>,
    /// When it was received, by this machine's clock.
    pub received: Timestamp,
}

const TRACE_HEADERS: [&str; 6] =
    ["x-okta-request-id", "x-ms-request-id", "correlation-id", "x-correlation-id", "x-request-id", "request-id"];

impl Reply {
    /// A header as text.
    pub fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// 3xx, or a page of HTML where an API was asked: a captive portal or a proxy spoke, not the server (MUST 45).
    pub fn is_interference(&self) -> bool {
        let html_type =
            self.header(header::CONTENT_TYPE).is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"));
        let html_body = self.body.trim_ascii_start().first() == Some(&b'<');
        (300..400).contains(&self.status) || html_type || html_body
    }

    /// How far the server's clock is ahead of ours, in seconds, from its `Date`.
    pub fn clock_offset(&self) -> Option<i64> {
        let date = jiff::fmt::rfc2822::parse(self.header(header::DATE)?).ok()?;
        Some(date.timestamp().as_second() - self.received.as_second())
    }

    /// `Retry-After` in seconds: a number or a date, at most a day.
    pub fn retry_after(&self) -> Option<u64> {
        let value = self.header(header::RETRY_AFTER)?.trim();
        let seconds = match value.parse::<u64>() {
            Ok(seconds) => seconds,
            Err(_) => {
                let until = jiff::fmt::rfc2822::parse(value).ok()?.timestamp().as_second();
                u64::try_from(until - self.received.as_second()).unwrap_or(0)
            }
        };
        Some(seconds.min(86_400))
    }

    /// `Cache-Control: max-age` in seconds; zero for `no-store` and `no-cache`.
    pub fn max_age(&self) -> Option<u64> {
        let value = self.header(header::CACHE_CONTROL)?.to_ascii_lowercase();
        let mut parts = value.split(',').map(str::trim);
        if parts.clone().any(|part| part == "no-store" || part == "no-cache") {
            return Some(0);
        }
        parts.find_map(|part| part.strip_prefix("max-age=")?.parse().ok())
    }

    /// The server's own id of this exchange, for its administrators.
    pub fn trace(&self) -> Option<String> {
        TRACE_HEADERS.iter().find_map(|name| self.header(*name)).map(|id| theirs(id, 80))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(headers: &[(header::HeaderName, &str)], body: &str) -> Reply {
        Reply {
            host: "idp.example".into(),
            status: 200,
            headers: crate::client::headers(headers),
            body: Zeroizing::new(body.into()),
            received: "2026-11-23T10:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn clock_offset_comes_from_the_date_header() {
        let ahead = reply(&[(header::DATE, "Mon, 23 Nov 2026 10:10:00 GMT")], "");
        assert_eq!(ahead.clock_offset(), Some(600));
        assert_eq!(reply(&[(header::DATE, "yesterday")], "").clock_offset(), None);
    }

    #[test]
    fn retry_after_is_a_number_or_a_date_and_bounded() {
        let table = [
            ("7", Some(7)),
            ("Mon, 23 Nov 2026 10:00:30 GMT", Some(30)),
            ("Mon, 23 Nov 2026 09:00:00 GMT", Some(0)),
            ("99999999", Some(86_400)),
            ("soon", None),
        ];
        for (value, expected) in table {
            assert_eq!(reply(&[(header::RETRY_AFTER, value)], "").retry_after(), expected, "{value}");
        }
    }

    #[test]
    fn html_is_interference_whatever_its_type_says() {
        assert!(reply(&[(header::CONTENT_TYPE, "text/html; charset=utf-8")], "{}").is_interference());
        assert!(reply(&[(header::CONTENT_TYPE, "application/json")], "  <!doctype html>").is_interference());
        assert!(!reply(&[(header::CONTENT_TYPE, "application/json")], "{\"a\":\"<\"}").is_interference());
    }

    #[test]
    fn caching_follows_cache_control() {
        assert_eq!(reply(&[(header::CACHE_CONTROL, "public, max-age=300")], "").max_age(), Some(300));
        assert_eq!(reply(&[(header::CACHE_CONTROL, "max-age=300, no-store")], "").max_age(), Some(0));
        assert_eq!(reply(&[], "").max_age(), None);
    }
}
