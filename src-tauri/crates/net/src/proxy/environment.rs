//! What the environment of this process says, read as curl reads it.

use url::Url;

use super::bypass::Bypass;
use super::way::Way;

/// The way that the environment names for `url`, if it names one. `HTTP_PROXY` is for plain http, which never leaves
/// this machine.
pub(super) fn way(variable: impl Fn(&str) -> Option<String>, url: &Url) -> Option<Way> {
    let first = |names: [&str; 2]| names.into_iter().find_map(&variable);
    let spared = first(["NO_PROXY", "no_proxy"]).unwrap_or_default();
    if Bypass::of(spared.split([',', ' ']), true).covers(url) {
        return Some(Way::Direct);
    }
    let named = first(["HTTPS_PROXY", "https_proxy"]).filter(|named| !named.is_empty());
    let named = named.or_else(|| first(["ALL_PROXY", "all_proxy"])).filter(|named| !named.is_empty())?;
    // Something that cannot be read is not taken for "direct".
    Some(Way::read(&named).unwrap_or(Way::Unspoken("unreadable".to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_read_in_curls_order() {
        let url = Url::parse("https://idp.example/").unwrap();
        let proxy = |at: &str| Some(Way::read(at).unwrap());
        type Set<'a> = &'a [(&'a str, &'a str)];
        let table: [(Set, Option<Way>); 10] = [
            (&[], None),
            (&[("HTTP_PROXY", "http://a:1")], None),
            (&[("HTTPS_PROXY", "http://a:1")], proxy("http://a:1")),
            (&[("https_proxy", "a:1")], proxy("http://a:1")),
            (&[("HTTPS_PROXY", ""), ("ALL_PROXY", "http://b:2")], proxy("http://b:2")),
            (&[("HTTPS_PROXY", "http://a:1"), ("all_proxy", "http://b:2")], proxy("http://a:1")),
            (&[("all_proxy", "socks5h://b:2")], Some(Way::Unspoken("SOCKS".to_owned()))),
            (&[("HTTPS_PROXY", "http://a:1"), ("no_proxy", "other.example, .example")], Some(Way::Direct)),
            (&[("HTTPS_PROXY", "http://a:1"), ("NO_PROXY", "other.example")], proxy("http://a:1")),
            (&[("HTTPS_PROXY", "ftp://a:1")], Some(Way::Unspoken("unreadable".to_owned()))),
        ];
        for (set, expected) in table {
            let variable = |name: &str| set.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(way(variable, &url), expected, "{set:?}");
        }
    }
}
