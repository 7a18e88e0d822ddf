//! Which headers cross the gateway, in both directions.

use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH};
use http::{HeaderMap, HeaderName, HeaderValue};
use secret::Secret;

/// Of the caller's: credentials, a browser's marks, what says where it came from, and what belongs to one hop
/// (RFC 9110 §7.6.1).
const NOT_ONWARD: [&str; 9] =
    ["authorization", "lanyard-key", "proxy-authorization", "cookie", "origin", "referer", "forwarded", "host", "expect"];

/// Of the server's: what would make a client sign in by itself, keep something, or go elsewhere.
const NOT_BACK: [&str; 5] = ["www-authenticate", "set-cookie", "alt-svc", "clear-site-data", "proxy-authenticate"];

const ONE_HOP: [&str; 8] =
    ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "content-length"];

/// The caller's headers as the server gets them, with the token. An answer that is looked into must not be encoded.
pub(super) fn onward(theirs: &HeaderMap, token: Option<&Secret>, plain: bool) -> HeaderMap {
    let mut headers = without(theirs, |name| NOT_ONWARD.contains(&name) || name.starts_with("x-forwarded-"));
    if plain {
        headers.remove(ACCEPT_ENCODING);
    }
    if let Some(token) = token {
        // A token that is no header text goes out as none, and is refused.
        if let Ok(mut bearer) = HeaderValue::from_str(&format!("Bearer {}", token.expose())) {
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
    }
    headers
}

/// The server's headers as the caller gets them. `whole` keeps the length of a body that is passed on as it is.
pub(super) fn back(theirs: &HeaderMap, whole: bool) -> HeaderMap {
    let mut headers = without(theirs, |name| NOT_BACK.contains(&name) || name.starts_with("access-control-"));
    if let (true, Some(length)) = (whole, theirs.get(CONTENT_LENGTH)) {
        headers.insert(CONTENT_LENGTH, length.clone());
    }
    headers
}

fn without(theirs: &HeaderMap, dropped: impl Fn(&str) -> bool) -> HeaderMap {
    let named = theirs.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let named: Vec<HeaderName> = named.filter_map(|name| name.trim().parse().ok()).collect();
    let stays = |name: &HeaderName| !ONE_HOP.contains(&name.as_str()) && !named.contains(name) && !dropped(name.as_str());
    theirs.iter().filter(|(name, _)| stays(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    fn names(headers: &HeaderMap) -> Vec<&str> {
        let mut names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn a_callers_credentials_and_marks_stay_here() {
        let theirs = map(&[
            ("authorization", "Bearer lyk_x"),
            ("lanyard-key", "lyk_x"),
            ("proxy-authorization", "Basic x"),
            ("cookie", "a=b"),
            ("origin", "null"),
            ("referer", "http://x"),
            ("forwarded", "for=1.2.3.4"),
            ("x-forwarded-for", "1.2.3.4"),
            ("x-forwarded-host", "x"),
            ("host", "127.0.0.1:1"),
            ("connection", "close, x-hop"),
            ("x-hop", "1"),
            ("transfer-encoding", "chunked"),
            ("content-length", "3"),
            ("upgrade", "h2c"),
            ("te", "trailers"),
            ("expect", "100-continue"),
            ("accept", "text/event-stream"),
            ("accept-encoding", "gzip"),
            ("mcp-session-id", "s"),
            ("mcp-protocol-version", "2025-11-25"),
            ("last-event-id", "7"),
        ]);
        let token = Secret::from("t");
        let after = onward(&theirs, Some(&token), false);
        assert_eq!(
            names(&after),
            ["accept", "accept-encoding", "authorization", "last-event-id", "mcp-protocol-version", "mcp-session-id"]
        );
        assert_eq!((after["authorization"].to_str().unwrap(), after["authorization"].is_sensitive()), ("Bearer t", true));
        assert_eq!(names(&onward(&theirs, None, true)), ["accept", "last-event-id", "mcp-protocol-version", "mcp-session-id"]);
    }

    #[test]
    fn a_servers_challenges_and_cookies_stay_there() {
        let theirs = map(&[
            ("www-authenticate", "Bearer"),
            ("set-cookie", "a=b"),
            ("alt-svc", "h3=\":443\""),
            ("clear-site-data", "\"*\""),
            ("access-control-allow-origin", "*"),
            ("connection", "keep-alive"),
            ("keep-alive", "timeout=5"),
            ("content-length", "2"),
            ("content-type", "application/json"),
            ("mcp-session-id", "s"),
            ("retry-after", "3"),
        ]);
        assert_eq!(names(&back(&theirs, false)), ["content-type", "mcp-session-id", "retry-after"]);
        assert_eq!(names(&back(&theirs, true)), ["content-length", "content-type", "mcp-session-id", "retry-after"]);
    }
}
