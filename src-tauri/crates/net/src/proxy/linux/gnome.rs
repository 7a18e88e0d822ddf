//! The settings of GNOME, which most desktops share, as `gsettings` prints them.

use std::process::Stdio;

use tokio::io::AsyncReadExt;
use tokio::process::Command;
use zeroize::Zeroizing;

use super::Settings;
use crate::proxy::bypass::Bypass;
use crate::proxy::way::Way;

const SCHEMA: &str = "org.gnome.system.proxy";

/// More than the settings can be.
const LIMIT: u64 = 256 * 1024;

/// Reads them; none where there is no such desktop.
pub(super) async fn read() -> Option<Settings> {
    let mut reader = Command::new("gsettings")
        .args(["list-recursively", SCHEMA])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .ok()?;
    // A password of the proxy may stand among them.
    let mut printed = Zeroizing::new(String::new());
    reader.stdout.take()?.take(LIMIT).read_to_string(&mut printed).await.ok()?;
    reader.wait().await.ok()?.success().then(|| settings(&printed))
}

/// What the printed settings mean for https.
fn settings(printed: &str) -> Settings {
    let value = |schema: &str, key: &str| {
        printed.lines().find_map(|line| {
            let (at, rest) = line.split_once(' ')?;
            let (name, value) = rest.split_once(' ')?;
            (at.strip_prefix(SCHEMA)? == schema && name == key).then_some(value)
        })
    };
    let text = |schema: &str, key: &str| texts(value(schema, key).unwrap_or_default()).into_iter().next().unwrap_or_default();
    match text("", "mode").as_str() {
        "auto" => return Settings::Automatic,
        "manual" => {}
        _ => return Settings::None,
    }
    let at = |schema: &str| {
        let (host, port) = (text(schema, "host"), value(schema, "port").and_then(|port| port.trim().parse::<u16>().ok()));
        let named = !host.is_empty() && port != Some(0);
        named.then(|| Way::read(&format!("{host}:{}", port.unwrap_or(8080))).ok()).flatten()
    };
    let socks = at(".socks").map(|_| Way::Unspoken("SOCKS".to_owned()));
    let same = value("", "use-same-proxy") != Some("false");
    let https = at(".https").or(socks).or_else(|| at(".http").filter(|_| same));
    let spared = texts(value("", "ignore-hosts").unwrap_or_default());
    Settings::Manual { https, spared: Bypass::of(spared.iter().map(String::as_str), true), only_spared: false }
}

/// The quoted texts of a value: one of a text, all of a list.
fn texts(value: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut chars = value.chars();
    while let Some(quote) = chars.find(|c| *c == '\'' || *c == '"') {
        let mut text = String::new();
        while let Some(c) = chars.next() {
            match c {
                '\\' => text.extend(chars.next()),
                c if c == quote => break,
                c => text.push(c),
            }
        }
        found.push(text);
    }
    found
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::proxy::{NoWay, Routing, Source};

    const PRINTED: &str = "org.gnome.system.proxy autoconfig-url ''\n\
        org.gnome.system.proxy ignore-hosts ['localhost', '127.0.0.0/8', '::1', \"*.acme.example\"]\n\
        org.gnome.system.proxy mode 'manual'\n\
        org.gnome.system.proxy use-same-proxy true\n\
        org.gnome.system.proxy.ftp host ''\n\
        org.gnome.system.proxy.ftp port 0\n\
        org.gnome.system.proxy.http authentication-password 'host'\n\
        org.gnome.system.proxy.http host 'plain.example'\n\
        org.gnome.system.proxy.http port 8080\n\
        org.gnome.system.proxy.https host 'secure.example'\n\
        org.gnome.system.proxy.https port 3128\n\
        org.gnome.system.proxy.socks host ''\n\
        org.gnome.system.proxy.socks port 0\n";

    fn routing(printed: &str, url: &str) -> Result<Routing, NoWay> {
        settings(printed).routing(&Url::parse(url).unwrap())
    }

    #[test]
    fn what_gsettings_prints_is_read_for_https() {
        let through = |at: &str| Routing::of(vec![Way::read(at).unwrap()], Source::System);
        let without_https = PRINTED.replace("'secure.example'", "''");
        let socks = without_https.replace("socks host ''", "socks host 's'").replace("socks port 0", "socks port 1080");
        let not_the_same = without_https.replace("use-same-proxy true", "use-same-proxy false");
        let idp = "https://idp.example/";
        assert_eq!(routing(PRINTED, idp), through("secure.example:3128"));
        assert_eq!(routing(&without_https, idp), through("plain.example:8080"));
        assert_eq!(routing(&socks, idp), Err(NoWay::Unspoken("SOCKS".to_owned())));
        assert_eq!(routing(&not_the_same, idp), Ok(Routing::direct(Source::Nobody)));
        assert_eq!(routing(PRINTED, "https://in.acme.example/"), Ok(Routing::direct(Source::System)));
        for (mode, source) in [("'none'", Source::Nobody), ("'auto'", Source::Unevaluated), ("", Source::Nobody)] {
            assert_eq!(routing(&PRINTED.replace("'manual'", mode), idp), Ok(Routing::direct(source)), "{mode}");
        }
        assert_eq!(routing("", idp), Ok(Routing::direct(Source::Nobody)));
    }

    #[test]
    fn quoted_texts_are_found() {
        let table: [(&str, &[&str]); 6] = [
            ("'a'", &["a"]),
            ("['a', \"b'c\"]", &["a", "b'c"]),
            (r"'it\'s'", &["it's"]),
            ("@as []", &[]),
            ("'open", &["open"]),
            (r"'\", &[""]),
        ];
        for (value, expected) in table {
            assert_eq!(texts(value), expected, "{value}");
        }
    }
}
