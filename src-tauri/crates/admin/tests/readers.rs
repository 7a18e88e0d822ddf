//! One table of policies, deployed by each form and read back by each source: all of them must say the same.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends")]

use std::collections::BTreeMap;

use lanyard_admin::export::{Export, Format};
use policy::Policy;
use policy::catalogue::settings;
use policy::kinds::Kind;
use policy::source::registry::{Key, Raw};
use policy::source::{plist, registry};
use secret::Secret;
use serde_json::{Value, json};

const IDENTITY: &str = r#""Issuer":"https://acme.okta.com","ClientId":"0oa1""#;

/// Whole policies that are in order.
fn typical() -> Vec<String> {
    let servers: Vec<String> = (0..500)
        .map(|n| format!("\"s{n}\":{{\"url\":\"https://s{n}.example/mcp\",\"title\":\"№ {n} \\\"x\\\" & <y> %z%\"}}"))
        .collect();
    vec![
        "{}".to_owned(),
        format!("{{{IDENTITY}}}"),
        format!("{{{IDENTITY},\"Servers\":{{}}}}"),
        format!("{{{IDENTITY},\"Servers\":{{{}}}}}", servers.join(",")),
        format!("{{{IDENTITY},\"ServersJson\":\"{{\\\"a\\\":{{\\\"url\\\":\\\"https://a.example/mcp\\\"}}}}\"}}"),
        format!(
            "{{{IDENTITY},\"Servers\":{{\"a\":{{\"url\":\"https://a.example/mcp\",\"tools\":{{\"deny\":[\"x*\"]}},\"programs\":{{\"/usr/bin/*\":{{\"readOnly\":true}}}}}}}}}}"
        ),
    ]
}

/// What applies, without where it is from.
fn meaning(policy: &Policy) -> Value {
    let mut report = serde_json::to_value(policy.report()).unwrap();
    report["origins"].take();
    for row in report["settings"].as_array_mut().unwrap() {
        row["origin"].take();
    }
    for fault in report["faults"].as_array_mut().unwrap() {
        fault["origin"].take();
    }
    report
}

/// What `reg import` makes of a file, as far as the export writes it.
fn imported(text: &str) -> Key {
    let mut key = Key::default();
    let mut inner: Option<String> = None;
    for line in text.split("\r\n") {
        if let Some(path) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            inner = path.strip_prefix(r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Lanyard\").map(str::to_owned);
            if let Some(name) = &inner {
                key.keys.insert(name.clone(), Vec::new());
            }
        } else if let Some((name, value)) = pair(line) {
            let values = match &inner {
                Some(name) => key.keys.get_mut(name).unwrap(),
                None => &mut key.values,
            };
            values.push((name, value));
        }
    }
    key
}

fn pair(line: &str) -> Option<(String, Raw)> {
    let (name, rest) = quoted(line)?;
    let value = rest.strip_prefix('=')?;
    if let Some(number) = value.strip_prefix("dword:") {
        return Some((name, Raw::Number(u64::from_str_radix(number, 16).ok()?)));
    }
    if let Some(bytes) = value.strip_prefix("hex(1):") {
        let bytes: Vec<u8> = bytes.split(',').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
        let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
        let (end, text) = units.split_last()?;
        assert_eq!(*end, 0);
        return Some((name, Raw::Text(Secret::new(String::from_utf16(text).unwrap()))));
    }
    Some((name, Raw::Text(Secret::new(quoted(value)?.0))))
}

fn quoted(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = text.strip_prefix('"')?.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((out, &text[at + 2..])),
            '\\' => out.push(chars.next()?.1),
            other => out.push(other),
        }
    }
    None
}

fn by_registry(key: Key) -> Policy {
    policy::judge("registry", registry::values(key, |_| None))
}

fn by_plist(bytes: &[u8]) -> Policy {
    policy::judge("plist", plist::values(bytes).unwrap())
}

/// The payload of our own in a profile, as macOS writes it to the preferences.
fn installed(profile: &str) -> Vec<u8> {
    let begin = profile.find("<array>").unwrap() + "<array>".len();
    let inside = &profile[begin..];
    let dictionary = &inside[..inside.find("\n\t</array>").unwrap()];
    format!("<plist version=\"1.0\">{dictionary}</plist>").into_bytes()
}

fn same_everywhere(file: &str) {
    let expected = policy::check("file", file.as_bytes());
    assert!(expected.problems().is_empty(), "{file}: {:?}", expected.problems());
    let export = Export::of("file", file.as_bytes()).unwrap();
    assert!(export.text(Format::Reg).is_ascii(), "a code page would change it: {file}");
    // The other name of the servers is not exported; what applies is the same.
    let expected = meaning(&policy::check("file", export.text(Format::Json).as_bytes()));
    assert_eq!(meaning(&by_registry(imported(&export.text(Format::Reg)))), expected, "registry: {file}");
    assert_eq!(meaning(&by_plist(&installed(&export.text(Format::Mobileconfig)))), expected, "profile: {file}");
}

#[test]
fn whole_policies_mean_the_same_in_every_form() {
    for file in typical() {
        same_everywhere(&file);
    }
}

#[test]
fn every_example_means_the_same_in_every_form() {
    for example in lanyard_admin::examples::examples() {
        same_everywhere(&example.policy.to_string());
    }
    let annotated = lanyard_admin::examples::annotated();
    let policy = policy::check("annotated", annotated.as_bytes());
    assert!(policy.identity.is_ok() && policy.problems().is_empty(), "{:?}", policy.problems());
    for setting in settings() {
        assert!(annotated.contains(&format!("{}\":", setting.name)), "{} is not shown", setting.name);
    }
}

#[test]
fn every_setting_alone_means_the_same_in_every_form() {
    for setting in settings().filter(|setting| !matches!(setting.kind, Kind::Secret)) {
        let file = format!("{{{IDENTITY},\"{}\":{}}}", setting.name, setting.example);
        let file: Value = serde_json::from_str(&file).unwrap();
        let mut file = file.as_object().unwrap().clone();
        // Some settings want another beside them.
        for (wants, name, value) in [
            ("ProxyMode", "ProxyUrl", json!("http://proxy.example:8080")),
            ("AuditSinks", "AuditOtlpEndpoint", json!("https://otlp.example/v1/logs")),
            ("ClientAuthentication", "ClientKeyFile", json!("/etc/lanyard/client.pem")),
            ("ClientKeyFile", "ClientAuthentication", json!("private_key_jwt")),
        ] {
            if setting.name == wants && !file.contains_key(name) {
                file.insert(name.to_owned(), value);
            }
        }
        let text = Value::Object(file).to_string();
        if policy::check("file", text.as_bytes()).problems().is_empty() {
            same_everywhere(&text);
        } else {
            assert!(["ClientAuthentication", "BorrowVsCodeIdentity"].contains(&setting.name), "{text}");
        }
    }
}

/// Wrong types and values out of range: setting, as the registry has it, as a property list has it.
#[test]
fn a_bad_value_is_a_fault_of_its_own_setting_in_every_form() {
    let text = |text: &str| Raw::Text(Secret::from(text));
    let bad = [
        ("MonthlyMintBudget", text("250"), "<string>250</string>"),
        ("MonthlyMintBudget", Raw::Number(100_001), "<integer>100001</integer>"),
        ("MonthlyMintBudget", Raw::Number(u64::MAX), "<integer>18446744073709551615</integer>"),
        ("TokenDoor", Raw::Number(2), "<integer>1</integer>"),
        ("TokenDoor", text("true"), "<string>true</string>"),
        ("Scopes", text("openid email"), "<string>openid email</string>"),
        ("Scopes", Raw::Lines(vec![]), "<array/>"),
        ("Scopes", text("[\"openid\""), "<string>[\"openid\"</string>"),
        ("OnScreenLock", text("Keep"), "<string>Keep</string>"),
        ("OrganisationName", text("a\nb"), "<string>a\nb</string>"),
        ("OrganisationName", text(&"x".repeat(100_000)), "<data>AAAA</data>"),
        ("OrganisationName", Raw::Other, "<date>2026-01-01T00:00:00Z</date>"),
        ("RedirectPorts", Raw::Lines(vec!["80".into()]), "<array><integer>80</integer></array>"),
        ("SupportUrl", text("javascript:alert(1)"), "<string>javascript:alert(1)</string>"),
        ("Servers", text("{"), "<string>{</string>"),
    ];
    for (name, raw, xml) in bad {
        let key = Key { values: vec![(name.to_owned(), raw)], ..Key::default() };
        let plist = format!("<plist version=\"1.0\"><dict><key>{name}</key>{xml}</dict></plist>");
        for policy in [by_registry(key), by_plist(plist.as_bytes())] {
            let faults: Vec<_> = policy.faults.iter().filter_map(|fault| fault.setting.as_deref()).collect();
            assert_eq!(faults, [name], "{:?}", policy.faults);
            assert!(!format!("{:?}", policy.faults).contains("alert(1)"), "a fault repeats no value");
        }
    }
    let key = Key {
        keys: BTreeMap::from([(
            "Servers".to_owned(),
            vec![
                ("good".to_owned(), text(r#"{"url":"https://a.example/mcp"}"#)),
                ("half".to_owned(), text(r#"{"url":"https://"#)),
                ("twice".to_owned(), text(r#"{"url":"https://a.example/mcp","url":"https://b.example/mcp"}"#)),
            ],
        )]),
        ..Key::default()
    };
    let policy = by_registry(key);
    assert_eq!(policy.servers.keys().collect::<Vec<_>>(), ["good"]);
    assert_eq!(policy.faults.len(), 2, "{:?}", policy.faults);
}

proptest::proptest! {
    #[test]
    fn any_text_survives_the_registry_and_the_profile(title in "[^\\p{Cc}\u{200e}\u{200f}\u{2028}-\u{202e}\u{2066}-\u{2069}]{1,40}") {
        let file = json!({"OrganisationName": title}).to_string();
        if policy::check("file", file.as_bytes()).problems().is_empty() {
            same_everywhere(&file);
        }
    }
}
