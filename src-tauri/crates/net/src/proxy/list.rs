//! The lists in which Windows writes proxies: `proxy:8080`, `http=a:1;https=b:2`, `a:1 b:2`.

use url::Url;

use super::bypass::Bypass;
use super::way::Way;

/// The ways that `proxies` names for https, in order; none where it is spared by `spared` or nothing is for https.
pub(super) fn ways(proxies: &str, spared: &str, url: &Url) -> Vec<Way> {
    if Bypass::of(entries(spared), false).covers(url) {
        return vec![Way::Direct];
    }
    let mut named = Vec::new();
    let mut socks = Vec::new();
    for entry in entries(proxies) {
        match entry.split_once('=') {
            None => named.extend(Way::read(entry)),
            Some((scheme, at)) if scheme.eq_ignore_ascii_case("https") => named.extend(Way::read(at)),
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("socks") => socks.push(Way::Unspoken("SOCKS".to_owned())),
            Some(_) => {}
        }
    }
    if named.is_empty() { socks } else { named }
}

fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.split([';', ' ', '\t', '\r', '\n']).filter(|entry| !entry.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_windows_are_read_for_https() {
        let url = Url::parse("https://idp.acme.example/").unwrap();
        let way = |text: &str| Way::read(text).unwrap();
        let socks = Way::Unspoken("SOCKS".to_owned());
        let table = [
            ("proxy:8080", "", vec![way("http://proxy:8080")]),
            ("http://proxy:8080", "", vec![way("http://proxy:8080")]),
            ("a:1;b:2 c:3", "", vec![way("a:1"), way("b:2"), way("c:3")]),
            ("http=a:1;https=b:2;ftp=c:3", "", vec![way("b:2")]),
            ("https=https://b:2", "", vec![way("https://b:2")]),
            ("http=a:1", "", vec![]),
            ("socks=s:1080", "", vec![socks.clone()]),
            ("https=b:2;socks=s:1080", "", vec![way("b:2")]),
            ("proxy:8080", "<local>;*.acme.example", vec![Way::Direct]),
            ("proxy:8080", "acme.example;10.*", vec![way("proxy:8080")]),
            ("", "", vec![]),
        ];
        for (proxies, spared, expected) in table {
            assert_eq!(ways(proxies, spared, &url), expected, "{proxies} {spared}");
        }
    }
}
