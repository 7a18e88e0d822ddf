//! The settings of KDE: a file, under the same file of the administrator.

use std::env;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::Settings;
use crate::proxy::bypass::Bypass;
use crate::proxy::way::Way;

const NAME: &str = "kioslaverc";

/// More than the file can be.
const LIMIT: u64 = 256 * 1024;

/// Reads the files; none where there is no such desktop.
pub(super) fn read() -> Settings {
    let own = env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let own = own.or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".config")));
    let shared = env::var("XDG_CONFIG_DIRS").ok().filter(|folders| !folders.is_empty()).unwrap_or_else(|| "/etc/xdg".to_owned());
    let folders = own.into_iter().chain(shared.split(':').map(PathBuf::from));
    let texts: Vec<String> = folders.filter_map(|folder| text(&folder.join(NAME))).collect();
    settings(&texts)
}

fn text(path: &Path) -> Option<String> {
    let mut text = String::new();
    let file = File::open(path).ok()?;
    file.metadata().ok()?.is_file().then_some(())?;
    file.take(LIMIT).read_to_string(&mut text).ok()?;
    Some(text)
}

/// What the files mean for https; the first that has a key decides it.
fn settings(texts: &[String]) -> Settings {
    let value = |key: &str| texts.iter().find_map(|text| entry(text, key)).unwrap_or_default();
    match value("ProxyType") {
        "1" => {}
        "2" | "3" => return Settings::Automatic,
        // 4 is the environment, which was looked at before.
        _ => return Settings::None,
    }
    let way = |key: &str| {
        let written = value(key).split_whitespace().collect::<Vec<_>>().join(":");
        (!written.is_empty()).then(|| Way::read(&written).ok()).flatten()
    };
    let socks = Some(value("socksProxy")).filter(|socks| !socks.is_empty()).map(|_| Way::Unspoken("SOCKS".to_owned()));
    Settings::Manual {
        https: way("httpsProxy").or(socks),
        spared: Bypass::of(value("NoProxyFor").split([',', ' ']), true),
        only_spared: value("ReversedException") == "true",
    }
}

/// A key of the group for proxies; behind it may stand marks such as `[$i]`.
fn entry<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let group = text.lines().map(str::trim).skip_while(|line| *line != "[Proxy Settings]").skip(1);
    group.take_while(|line| !line.starts_with('[')).find_map(|line| {
        let (name, value) = line.split_once('=')?;
        let name = name.split('[').next().unwrap_or_default().trim();
        (name == key).then_some(value.trim())
    })
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::proxy::{NoWay, Routing, Source};

    const OWN: &str = "[Other]\nProxyType=2\n\n[Proxy Settings]\nNoProxyFor=.acme.example,10.0.0.0/8\nProxyType=1\n\
        httpProxy=http://plain.example 8080\nhttpsProxy=http://secure.example 3128\n\n[Later]\nhttpsProxy=http://no 1\n";

    fn routing(texts: &[&str], url: &str) -> Result<Routing, NoWay> {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        settings(&texts).routing(&Url::parse(url).unwrap())
    }

    #[test]
    fn the_file_of_kde_is_read_for_https() {
        let through = |at: &str| Routing::of(vec![Way::read(at).unwrap()], Source::System);
        let idp = "https://idp.example/";
        assert_eq!(routing(&[OWN], idp), through("secure.example:3128"));
        assert_eq!(routing(&[&OWN.replace(" 3128", ":3128")], idp), through("secure.example:3128"));
        assert_eq!(routing(&[&OWN.replace("httpsProxy=", "httpsProxy[$i]=")], idp), through("secure.example:3128"));
        assert_eq!(routing(&[OWN], "https://in.acme.example/"), Ok(Routing::direct(Source::System)));
        let reversed = OWN.replace("ProxyType=1", "ProxyType=1\nReversedException=true");
        assert_eq!(routing(&[&reversed], "https://in.acme.example/"), through("secure.example:3128"));
        assert_eq!(routing(&[&reversed], idp), Ok(Routing::direct(Source::System)));
        let socks = OWN.replace("httpsProxy=http://secure.example 3128", "socksProxy=socks://s 1080");
        assert_eq!(routing(&[&socks], idp), Err(NoWay::Unspoken("SOCKS".to_owned())));
        for (kind, source) in
            [("2", Source::Unevaluated), ("3", Source::Unevaluated), ("0", Source::Nobody), ("4", Source::Nobody)]
        {
            let text = OWN.replace("ProxyType=1", &format!("ProxyType={kind}"));
            assert_eq!(routing(&[&text], idp), Ok(Routing::direct(source)), "{kind}");
        }
        assert_eq!(routing(&[], idp), Ok(Routing::direct(Source::Nobody)));
    }

    #[test]
    fn the_administrators_file_fills_what_the_persons_leaves_open() {
        let own = "[Proxy Settings]\nNoProxyFor=idp.example\n";
        assert_eq!(routing(&[own, OWN], "https://idp.example/"), Ok(Routing::direct(Source::System)));
        assert_ne!(routing(&[own, OWN], "https://in.acme.example/").unwrap().ways, [Way::Direct]);
    }
}
