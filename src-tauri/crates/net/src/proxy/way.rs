use std::fmt;
use std::sync::Arc;

use secret::Secret;
use url::Url;

/// A way to a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Without a proxy.
    Direct,
    /// Through this proxy.
    Through(ProxyAddress),
    /// Through something that Lanyard does not speak, by its scheme.
    Unspoken(String),
}

/// Where a proxy listens. What is shown of it has no user name and no password.
#[derive(Clone)]
pub struct ProxyAddress {
    shown: String,
    whole: Arc<Secret>,
}

/// A text that names no place of a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not the address of a proxy")]
pub(crate) struct NoAddress;

impl Way {
    /// Reads how systems write ways: `direct://`, `http://proxy:3128`, `proxy:3128`, `socks5://proxy`.
    pub(crate) fn read(text: &str) -> Result<Self, NoAddress> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        match scheme.to_ascii_lowercase().as_str() {
            "direct" => Ok(Self::Direct),
            scheme @ ("http" | "https") => Ok(Self::Through(ProxyAddress::read(scheme, rest)?)),
            other if other.starts_with("socks") => Ok(Self::Unspoken("SOCKS".to_owned())),
            _ => Err(NoAddress),
        }
    }
}

impl ProxyAddress {
    fn read(scheme: &str, rest: &str) -> Result<Self, NoAddress> {
        let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let whole = format!("{scheme}://{rest}");
        let url = Url::parse(&whole).map_err(|_| NoAddress)?;
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else { return Err(NoAddress) };
        Ok(Self { shown: format!("{scheme}://{host}:{port}"), whole: Arc::new(Secret::new(whole)) })
    }

    /// The whole address, with what opens it.
    pub(crate) fn whole(&self) -> &str {
        self.whole.expose()
    }
}

impl PartialEq for ProxyAddress {
    fn eq(&self, other: &Self) -> bool {
        *self.whole == *other.whole
    }
}

impl Eq for ProxyAddress {}

impl fmt::Display for ProxyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for ProxyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_are_read_as_systems_write_them() {
        let through = |shown: &str| format!("Ok(Through({shown}))");
        let table = [
            ("direct://", "Ok(Direct)".to_owned()),
            ("proxy.acme.example:3128", through("http://proxy.acme.example:3128")),
            ("http://proxy.acme.example", through("http://proxy.acme.example:80")),
            ("HTTPS://proxy.acme.example/", through("https://proxy.acme.example:443")),
            (" http://[::1]:8080 ", through("http://[::1]:8080")),
            ("socks5://proxy:1080", "Ok(Unspoken(\"SOCKS\"))".to_owned()),
            ("socks://proxy", "Ok(Unspoken(\"SOCKS\"))".to_owned()),
            ("ftp://proxy", "Err(NoAddress)".to_owned()),
            ("http://", "Err(NoAddress)".to_owned()),
            ("", "Err(NoAddress)".to_owned()),
            ("http://proxy:99999", "Err(NoAddress)".to_owned()),
        ];
        for (text, expected) in table {
            assert_eq!(format!("{:?}", Way::read(text)), expected, "{text}");
        }
    }

    #[test]
    fn a_password_is_used_and_never_shown() {
        let Ok(Way::Through(address)) = Way::read("http://ada:s3cret@proxy:3128") else { panic!() };
        assert_eq!(address.whole(), "http://ada:s3cret@proxy:3128");
        for shown in [address.to_string(), format!("{address:?}"), format!("{:?}", Way::Through(address.clone()))] {
            assert!(!shown.contains("s3cret") && !shown.contains("ada"), "{shown}");
        }
        assert_ne!(Way::read("http://ada:other@proxy:3128").unwrap(), Way::Through(address));
    }
}
