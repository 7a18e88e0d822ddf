use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

/// Hosts that are reached without the proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bypass(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    what: What,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Everything,
    /// `<local>`: names without a dot.
    Undotted,
    Network(IpNet),
    /// A name, lower case; `true`: and everything below it.
    Name(String, bool),
    /// Everything below a name, and by custom the name too.
    Below(String),
    /// Stars inside, lower case.
    Pattern(String),
}

/// More entries than any list has that a person maintains.
const LIMIT: usize = 2000;

impl Bypass {
    /// Reads the entries of a list; what is nonsense covers nothing. Whether a plain name stands for what is below it too is
    /// where systems differ: Windows says no, everybody else yes.
    pub(crate) fn of<'a>(entries: impl IntoIterator<Item = &'a str>, and_below: bool) -> Self {
        Self(entries.into_iter().take(LIMIT).filter_map(|entry| Entry::read(entry, and_below)).collect())
    }

    /// Whether `url` is reached directly.
    pub(crate) fn covers(&self, url: &Url) -> bool {
        let Some(host) = url.host() else { return false };
        let port = url.port_or_known_default();
        self.0.iter().filter(|entry| entry.port.is_none() || entry.port == port).any(|entry| entry.what.covers(&host))
    }
}

impl Entry {
    fn read(text: &str, and_below: bool) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let text = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
        if let Some(network) = network(text) {
            return Some(Self { what: What::Network(network), port: None });
        }
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) if port.parse::<u16>().is_ok() => (name, port.parse().ok()),
            _ => (text, None),
        };
        let what = match name {
            "" => return None,
            "*" => What::Everything,
            "<local>" => What::Undotted,
            name => match (network(name), name.strip_prefix("*.").or_else(|| name.strip_prefix('.'))) {
                (Some(network), _) => What::Network(network),
                (None, Some(below)) if !below.is_empty() && !below.contains('*') => What::Below(below.to_owned()),
                _ if name.contains('*') => What::Pattern(name.to_owned()),
                _ => What::Name(name.trim_end_matches('.').to_owned(), and_below),
            },
        };
        Some(Self { what, port })
    }
}

impl What {
    fn covers(&self, host: &Host<&str>) -> bool {
        let address = match host {
            Host::Domain(_) => None,
            Host::Ipv4(ip) => Some(IpAddr::V4(*ip)),
            Host::Ipv6(ip) => Some(IpAddr::V6(*ip)),
        };
        match (self, host) {
            (Self::Everything, _) => true,
            (Self::Network(network), _) => address.is_some_and(|address| network.contains(&address)),
            (Self::Pattern(pattern), _) => matches(pattern, &host.to_string()),
            (Self::Undotted, Host::Domain(name)) => !name.contains('.'),
            (Self::Name(own, false), Host::Domain(name)) => name.trim_end_matches('.') == own,
            (Self::Name(own, true) | Self::Below(own), Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                name.strip_suffix(own.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            _ => false,
        }
    }
}

/// An address or a network, with or without the brackets of IPv6.
fn network(text: &str) -> Option<IpNet> {
    let plain = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    plain.parse().ok().or_else(|| plain.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Stars match anything, in time that grows with the product of both lengths at most.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut from) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while from < text.len() {
        if pattern.get(at) == Some(&b'*') {
            star = Some((at, from));
            at += 1;
        } else if pattern.get(at) == Some(&text[from]) {
            (at, from) = (at + 1, from + 1);
        } else if let Some((back, taken)) = star {
            (at, from) = (back + 1, taken + 1);
            star = Some((back, taken + 1));
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(entry: &str, and_below: bool, host: &str) -> bool {
        Bypass::of([entry], and_below).covers(&Url::parse(&format!("https://{host}/")).unwrap())
    }

    #[test]
    fn hosts_are_found_by_name_suffix_network_and_pattern() {
        let table = [
            ("acme.example", "acme.example", true),
            ("acme.example", "www.acme.example", true),
            ("acme.example", "notacme.example", false),
            ("ACME.example", "Acme.EXAMPLE", true),
            (".acme.example", "www.acme.example", true),
            (".acme.example", "notacme.example", false),
            ("*.acme.example", "a.b.acme.example", true),
            ("*.acme.example", "acme.example.evil.example", false),
            ("10.0.0.0/8", "10.9.8.7", true),
            ("10.0.0.0/8", "11.9.8.7", false),
            ("10.0.0.0/8", "ten.example", false),
            ("192.168.1.5", "192.168.1.5", true),
            ("[2001:db8::1]", "[2001:db8::1]", true),
            ("2001:db8::/32", "[2001:db8::9]", true),
            ("192.168.*", "192.168.3.4", true),
            ("192.168.*", "192.169.3.4", false),
            ("in*.example", "intranet.example", true),
            ("idp.example:8443", "idp.example:8443", true),
            ("idp.example:8443", "idp.example", false),
            ("idp.example:443", "idp.example", true),
            ("https://idp.example", "idp.example", true),
            ("<local>", "intranet", true),
            ("<local>", "intranet.example", false),
            ("*", "anything.example", true),
            ("", "anything.example", false),
            (".", "anything.example", false),
            ("*.", "anything.example", false),
        ];
        for (entry, host, expected) in table {
            assert_eq!(covered(entry, true, host), expected, "{entry} {host}");
        }
    }

    #[test]
    fn windows_takes_a_name_for_itself_alone() {
        assert!(covered("acme.example", false, "acme.example"));
        assert!(!covered("acme.example", false, "www.acme.example"));
        assert!(covered("*.acme.example", false, "www.acme.example"));
    }

    #[test]
    fn a_pattern_of_many_stars_ends() {
        assert!(!matches(&"*a".repeat(1000), &"a".repeat(999)));
        assert!(matches("**", ""));
    }
}
