use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use url::{Host, Url};

/// The hosts that policy vouches for: its issuer, its servers and their authorization servers.
/// They alone may live at private addresses (intranet servers are a main use).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach(Arc<BTreeSet<String>>);

impl Reach {
    /// A reach of the hosts of `urls`; what does not parse adds nothing.
    pub fn of<'a>(urls: impl IntoIterator<Item = &'a str>) -> Self {
        Self(Arc::new(urls.into_iter().filter_map(host_of).collect()))
    }

    /// This reach and the hosts of `urls`.
    pub fn and<'a>(&self, urls: impl IntoIterator<Item = &'a str>) -> Self {
        Self(Arc::new(self.0.iter().cloned().chain(urls.into_iter().filter_map(host_of)).collect()))
    }

    fn covers(&self, host: &str) -> bool {
        self.0.contains(host)
    }
}

/// Why an address is not called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressRefused {
    /// Not an absolute http(s) URL with a host.
    #[error("it is not a web address")]
    NotAWebAddress,
    /// User name or password in the URL.
    #[error("it carries a user name or password")]
    UserInfo,
    /// Plain http outside the loopback exception of policy.
    #[error("{0} is not reached over https")]
    NotHttps(String),
    /// A private, link-local or loopback address that policy does not name.
    #[error("{0} is a private address that policy does not name")]
    Private(String),
}

/// Which of the prepared HTTP clients may make a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// This machine: never through a proxy.
    Loopback,
    /// A host that policy names: any address.
    Vouched,
    /// Any other host: public addresses only.
    Public,
}

/// Decides whether `url` may be called and how (MUST 3, LI-56, LI-57).
pub(crate) fn judge(url: &Url, reach: &Reach, insecure_loopback: bool) -> Result<Route, AddressRefused> {
    let host = url.host().ok_or(AddressRefused::NotAWebAddress)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressRefused::UserInfo);
    }
    let name = host.to_string();
    let loopback = is_loopback(&host);
    match url.scheme() {
        "https" => {}
        "http" if loopback && insecure_loopback => {}
        "http" => return Err(AddressRefused::NotHttps(name)),
        _ => return Err(AddressRefused::NotAWebAddress),
    }
    let vouched = reach.covers(&name);
    if loopback {
        return if vouched || insecure_loopback { Ok(Route::Loopback) } else { Err(AddressRefused::Private(name)) };
    }
    if vouched {
        return Ok(Route::Vouched);
    }
    match host {
        Host::Ipv4(ip) if !is_public(IpAddr::V4(ip)) => Err(AddressRefused::Private(name)),
        Host::Ipv6(ip) if !is_public(IpAddr::V6(ip)) => Err(AddressRefused::Private(name)),
        _ => Ok(Route::Public),
    }
}

/// The host of `url`, as this crate compares hosts.
pub fn host_of(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host().map(|host| host.to_string())
}

/// Scheme, host and port of `url`: what "same origin" compares.
pub fn origin_of(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    url.host()?;
    Some(url.origin().ascii_serialization())
}

/// Whether `url` points at this machine by a loopback literal or `localhost`.
pub fn is_loopback_host(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| url.host().is_some_and(|host| is_loopback(&host)))
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

/// Whether `ip` is an address of the public internet.
pub(crate) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_unspecified()
        || ip.is_broadcast()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19)))
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(v4) = ip.to_ipv4() {
        return is_public_v4(v4);
    }
    let [first, second, ..] = ip.segments();
    // NAT64 and 6to4 carry an IPv4 address that the checks above would not see.
    let carries_v4 = first == 0x2002 || (first == 0x64 && second == 0xff9b);
    let global_unicast = (first & 0xe000) == 0x2000;
    let documentation = first == 0x2001 && second == 0xdb8;
    global_unicast && !carries_v4 && !documentation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_judged_by_scheme_host_and_policy() {
        let reach = Reach::of(["https://intranet.example/mcp", "https://10.1.2.3/mcp", "https://localhost:1/x"]);
        let table: &[(&str, bool, Option<Route>)] = &[
            ("https://idp.example/", false, Some(Route::Public)),
            ("http://idp.example/", false, None),
            ("http://idp.example/", true, None),
            ("https://intranet.example/other", false, Some(Route::Vouched)),
            ("https://INTRANET.example/other", false, Some(Route::Vouched)),
            ("https://10.1.2.3/x", false, Some(Route::Vouched)),
            ("https://10.1.2.4/x", false, None),
            ("https://169.254.169.254/latest", false, None),
            ("https://[::ffff:10.0.0.1]/", false, None),
            ("https://[64:ff9b::a00:1]/", false, None),
            ("https://[fd00::1]/", false, None),
            ("https://0x7f.1/", false, None),
            ("https://localhost:1/", false, Some(Route::Loopback)),
            ("https://127.0.0.1:1/", false, None),
            ("http://127.0.0.1:1/", false, None),
            ("http://127.0.0.1:1/", true, Some(Route::Loopback)),
            ("http://[::1]:1/", true, Some(Route::Loopback)),
            ("http://127.0.0.1.example/", true, None),
            ("https://user@idp.example/", false, None),
            ("ftp://idp.example/", false, None),
            ("file:///etc/passwd", true, None),
        ];
        for (url, insecure, expected) in table {
            let parsed = Url::parse(url).unwrap();
            assert_eq!(judge(&parsed, &reach, *insecure).ok(), *expected, "{url}");
        }
    }

    #[test]
    fn public_addresses_are_told_from_private_ones() {
        for public in ["8.8.8.8", "1.1.1.1", "2606:4700::1111"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "127.0.0.1",
            "0.0.0.0",
            "169.254.1.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "::ffff:127.0.0.1",
            "2002:7f00:1::",
            "ff02::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }
}
