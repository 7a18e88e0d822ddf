/// What an address is for, which decides what it may look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// An issuer: compared byte for byte, so it carries no query (RFC 8414 §2).
    Issuer,
    /// An endpoint, a server or a resource identifier.
    Endpoint,
    /// A page that a person opens.
    Page,
    /// A proxy: plain http is usual here, a path is not.
    Proxy,
}

/// Judges an address as written; it is never normalised, so what is kept is what IT wrote.
///
/// `insecure` admits plain http for this machine itself (`AllowInsecureLoopback`).
pub(super) fn judge(text: &str, address: Address, insecure: bool) -> Result<(), String> {
    if text.is_empty() || text.len() > 2048 {
        return Err("must be an address of at most 2048 characters".into());
    }
    // The parser forgives these silently; what it forgives would not be what is compared.
    if !text.bytes().all(|b| b.is_ascii_graphic() && !b"\\\"<>^`{|}".contains(&b)) {
        return Err("has a character that an address cannot have".into());
    }
    let (scheme, rest) = text.split_once("://").ok_or("must be a whole address, such as https://login.acme.example")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    if authority.contains('@') {
        return Err("must not carry a user name or password".into());
    }
    if tail.contains('#') {
        return Err("must not have a fragment".into());
    }
    let host = host(authority);
    match (scheme, address) {
        ("https", _) | ("http", Address::Proxy) => {}
        ("http", Address::Page) => return Err("must start with https://".into()),
        ("http", _) if !matches!(host, "127.0.0.1" | "[::1]" | "localhost") => {
            return Err("must start with https://".into());
        }
        ("http", _) if !insecure => {
            return Err("must start with https:// (http for this machine needs AllowInsecureLoopback)".into());
        }
        ("http", _) => {}
        _ => return Err("must start with https://".into()),
    }

    let url = url::Url::parse(text).map_err(|error| format!("is not an address: {error}"))?;
    let path = tail.split('?').next().unwrap_or_default();
    let plain_path = url.path() == path || (path.is_empty() && url.path() == "/");
    let plain_host = url.host_str().is_some_and(|parsed| parsed.eq_ignore_ascii_case(host));
    if !plain_host || !plain_path || url.port() == Some(0) {
        return Err("is not written in its plain form".into());
    }
    match address {
        Address::Issuer if url.query().is_some() => Err("must not have a query".into()),
        Address::Proxy if url.path() != "/" || url.query().is_some() => Err("must be a scheme, a host and a port only".into()),
        _ => Ok(()),
    }
}

/// The host of an address that was already judged, as written.
pub(crate) fn host_of(text: &str) -> &str {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    host(&rest[..end])
}

fn host(authority: &str) -> &str {
    match authority.rfind(':') {
        Some(colon) if !authority[colon..].contains(']') => &authority[..colon],
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_https_addresses_are_kept() {
        for text in [
            "https://acme.okta.com",
            "https://acme.okta.com/",
            "https://ACME.okta.com/oauth2/default",
            "https://login.microsoftonline.com/0a1b/v2.0",
            "https://idp.example:8443/realms/main",
            "https://xn--bcher-kva.example/",
            "https://[2001:db8::1]/idp",
            "https://idp.example:443/a%20b",
        ] {
            assert_eq!(judge(text, Address::Issuer, false), Ok(()), "{text}");
        }
        assert_eq!(judge("https://a.example/mcp?t=1", Address::Endpoint, false), Ok(()));
        assert_eq!(judge("http://proxy.acme.example:8080", Address::Proxy, false), Ok(()));
    }

    #[test]
    fn hostile_and_mistyped_addresses_are_refused() {
        for text in [
            "",
            "acme.okta.com",
            "http://acme.okta.com",
            "HTTPS://acme.okta.com",
            "https:/acme.okta.com",
            "https:\\\\acme.okta.com",
            " https://acme.okta.com",
            "https://acme.okta.com ",
            "https://acme.okta.com\n",
            "https://ac\tme.okta.com",
            "https://user@acme.okta.com",
            "https://user:pw@acme.okta.com",
            "https://acme.okta.com#x",
            "https://acme.okta.com/#",
            "https://acme.okta.com/?x=1",
            "https://acme.okta.com/a/../b",
            "https://acme.okta.com/%2e%2e/b",
            "https://%61cme.okta.com/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://acme.okta.com:0/",
            "https://acme.okta.com:99999/",
            "https://:443/",
            "https:///idp",
            "https://bücher.example/",
            "https://login.microsoftonline.com/{tenantid}/v2.0",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "ftp://acme.example",
        ] {
            assert!(judge(text, Address::Issuer, true).is_err(), "{text}");
        }
        assert!(judge(&format!("https://a/{}", "x".repeat(2048)), Address::Endpoint, true).is_err());
        assert!(judge("http://help.acme.example", Address::Page, true).is_err());
        assert!(judge("http://u:p@proxy:8080", Address::Proxy, true).is_err());
        assert!(judge("http://proxy:8080/x", Address::Proxy, true).is_err());
        assert!(judge("socks5://proxy:1080", Address::Proxy, true).is_err());
    }

    #[test]
    fn plain_http_is_for_this_machine_and_only_when_allowed() {
        for text in ["http://127.0.0.1:8080", "http://[::1]:9/x", "http://localhost"] {
            assert_eq!(judge(text, Address::Endpoint, true), Ok(()), "{text}");
            assert!(judge(text, Address::Endpoint, false).is_err(), "{text}");
        }
        for text in [
            "http://127.0.0.2/",
            "http://127.1/",
            "http://localhost.evil.example/",
            "http://127.0.0.1.evil.example/",
            "http://[::ffff:127.0.0.1]/",
            "http://LOCALHOST/",
        ] {
            assert!(judge(text, Address::Endpoint, true).is_err(), "{text}");
        }
    }

    #[test]
    fn the_host_is_found_as_written() {
        assert_eq!(host_of("https://a.example:8443/x:y"), "a.example");
        assert_eq!(host_of("https://[::1]:8443/"), "[::1]");
        assert_eq!(host_of("https://[::1]"), "[::1]");
    }
}
