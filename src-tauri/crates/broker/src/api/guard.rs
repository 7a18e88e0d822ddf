use http::header::{HOST, HeaderName, ORIGIN, REFERER};
use http::request::Parts;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Why a request is refused before its path is looked at (LI-33): it comes from a browser, or it was meant for
/// another host. On the loopback door `host` is the only one that is right, byte for byte, once.
pub(super) fn refusal(parts: &Parts, host: Option<&str>) -> Option<&'static str> {
    let headers = &parts.headers;
    if headers.contains_key(ORIGIN) || headers.contains_key(REFERER) {
        return Some("a browser's Origin or Referer");
    }
    if headers.get_all(FETCH_SITE).iter().any(|site| site != "none") {
        return Some("a browser's cross-site mark");
    }
    // Only the origin form (RFC 9112 §3.2.1): an address in the target would stand in for Host.
    if parts.uri.scheme().is_some() || parts.uri.authority().is_some() {
        return Some("an address as the target");
    }
    let mut hosts = headers.get_all(HOST).iter();
    let (first, second) = (hosts.next(), hosts.next());
    let right = match host {
        Some(host) => second.is_none() && first.is_some_and(|value| value.as_bytes() == host.as_bytes()),
        None => second.is_none(),
    };
    if right { None } else { Some("a wrong Host") }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn parts(uri: &str, headers: &[(&str, &str)]) -> Parts {
        let builder = headers.iter().fold(Request::get(uri), |builder, (name, value)| builder.header(*name, *value));
        builder.body(()).unwrap().into_parts().0
    }

    #[test]
    fn the_loopback_door_knows_one_host() {
        let right = "127.0.0.1:61234";
        let table: &[(&[&str], bool)] = &[
            (&[right], true),
            (&[], false),
            (&[""], false),
            (&[right, right], false),
            (&["localhost:61234"], false),
            (&["127.0.0.1"], false),
            (&["127.0.0.1:61235"], false),
            (&["127.0.0.1:061234"], false),
            (&["127.0.0.1:61234."], false),
            (&["127.0.0.1.:61234"], false),
            (&["127.1:61234"], false),
            (&["0x7f000001:61234"], false),
            (&["[::1]:61234"], false),
            (&["0.0.0.0:61234"], false),
            (&["user@127.0.0.1:61234"], false),
            (&["evil.example:61234"], false),
            (&["127.0.0.1:61234, evil.example"], false),
        ];
        for (hosts, expected) in table {
            let headers: Vec<_> = hosts.iter().map(|host| ("host", *host)).collect();
            assert_eq!(refusal(&parts("/v1/servers", &headers), Some(right)).is_none(), *expected, "{hosts:?}");
        }
    }

    #[test]
    fn a_browsers_marks_are_refused_on_every_door() {
        type Headers = &'static [(&'static str, &'static str)];
        let table: &[(&str, Headers, bool)] = &[
            ("/v1/status", &[], true),
            ("/v1/status", &[("host", "anything")], true),
            ("/v1/status", &[("host", "a"), ("host", "b")], false),
            ("/v1/status", &[("origin", "https://evil.example")], false),
            ("/v1/status", &[("origin", "null")], false),
            ("/v1/status", &[("origin", "")], false),
            ("/v1/status", &[("referer", "http://127.0.0.1/")], false),
            ("/v1/status", &[("sec-fetch-site", "cross-site")], false),
            ("/v1/status", &[("sec-fetch-site", "same-site")], false),
            ("/v1/status", &[("sec-fetch-site", "same-origin")], false),
            ("/v1/status", &[("sec-fetch-site", "none"), ("sec-fetch-site", "cross-site")], false),
            ("/v1/status", &[("sec-fetch-site", "none")], true),
            ("/v1/status", &[("sec-fetch-mode", "cors")], true),
            ("http://evil.example/v1/status", &[], false),
            ("http://127.0.0.1:61234/v1/status", &[], false),
            ("evil.example:443", &[], false),
        ];
        for (uri, headers, expected) in table {
            assert_eq!(refusal(&parts(uri, headers), None).is_none(), *expected, "{uri} {headers:?}");
        }
    }
}
