use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::PathBuf;

use tempfile::TempDir;
use wire::SettingFault;

use super::Roots;
use crate::{Closed, Policy, Reader};

const IDENTITY: &str = r#"{"Issuer":"https://a.example","ClientId":"c"}"#;

struct Machine {
    folder: TempDir,
}

impl Machine {
    fn new() -> Self {
        let machine = Self { folder: TempDir::new().unwrap() };
        machine.mode("", 0o755);
        for place in ["etc/lanyard/policy.d", "usr/lib/lanyard/policy.d", "etc/vscode"] {
            fs::create_dir_all(machine.path(place)).unwrap();
        }
        machine
    }

    fn path(&self, place: &str) -> PathBuf {
        self.folder.path().join(place)
    }

    fn write(&self, place: &str, text: &str) {
        fs::write(self.path(place), text).unwrap();
        self.mode(place, 0o644);
    }

    fn mode(&self, place: &str, mode: u32) {
        fs::set_permissions(self.path(place), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn roots(&self) -> Roots {
        Roots::under(self.folder.path().to_owned())
    }

    fn reader(&self) -> Reader {
        Reader::new(self.roots(), None)
    }
}

fn budget(value: u32) -> String {
    format!("{{\"MonthlyMintBudget\":{value}}}")
}

fn about<'a>(policy: &'a Policy, place: &str) -> Vec<&'a SettingFault> {
    policy.faults.iter().filter(|fault| fault.origin.ends_with(place)).collect()
}

#[test]
fn nothing_at_all_is_not_configured() {
    let empty = TempDir::new().unwrap();
    let policy = Reader::new(Roots::under(empty.path().join("absent")), None).read();
    assert_eq!(policy.identity, Err(Closed::NotConfigured));
    assert!(!policy.managed && policy.faults.is_empty() && policy.origins.is_empty());
}

#[test]
fn places_follow_each_other_in_order() {
    let machine = Machine::new();
    let mut reader = machine.reader();
    machine.write("usr/lib/lanyard/policy.d/50.json", &budget(1));
    assert_eq!(reader.read().exchange.monthly_mint_budget, 1);
    machine.write("etc/lanyard/policy.json", &budget(2));
    assert_eq!(reader.read().exchange.monthly_mint_budget, 2);
    machine.write("etc/lanyard/policy.d/10.json", &budget(3));
    let policy = reader.read();
    assert_eq!(policy.exchange.monthly_mint_budget, 3);
    assert!(policy.managed);
    assert_eq!(policy.origins.len(), 3);
    assert!(policy.faults.is_empty());
    machine.write("etc/lanyard/policy.d/20.json", &budget(4));
    machine.write("etc/lanyard/policy.d/.hidden.json", &budget(9));
    machine.write("etc/lanyard/policy.d/30.json.bak", &budget(9));
    let policy = reader.read();
    assert_eq!(policy.exchange.monthly_mint_budget, 4);
    assert!(about(&policy, "20.json")[0].message.contains("set twice"));
    let row = policy.report().settings.into_iter().find(|row| row.name == "MonthlyMintBudget");
    let row = row.unwrap();
    assert!(row.origin.ends_with("20.json") && row.fault.unwrap().contains("10.json"));
}

#[test]
fn a_file_of_the_same_name_replaces_the_packagers_and_a_mask_removes_it() {
    let machine = Machine::new();
    let vendor = r#"{"MonthlyMintBudget":1,"MaxTokenLifeSeconds":600}"#;
    machine.write("usr/lib/lanyard/policy.d/50.json", vendor);
    machine.write("etc/lanyard/policy.d/50.json", &budget(2));
    let policy = machine.reader().read();
    assert_eq!(policy.exchange.monthly_mint_budget, 2);
    assert_eq!(policy.exchange.max_token_life_seconds, 3600);

    fs::remove_file(machine.path("etc/lanyard/policy.d/50.json")).unwrap();
    symlink("/dev/null", machine.path("etc/lanyard/policy.d/50.json")).unwrap();
    let policy = machine.reader().read();
    assert_eq!(policy.exchange.monthly_mint_budget, 250);
    assert_eq!(policy.faults, []);
    assert!(policy.origins.is_empty());
}

#[test]
fn what_somebody_else_could_have_written_is_refused() {
    type Spoil = fn(&Machine);
    let table: &[(&str, &str, Spoil)] = &[
        ("policy.json", "can be written", |m| m.mode("etc/lanyard/policy.json", 0o664)),
        ("policy.json", "can be written", |m| m.mode("etc/lanyard/policy.json", 0o646)),
        ("etc/lanyard", "can be written", |m| m.mode("etc/lanyard", 0o775)),
        ("etc/lanyard", "can be written", |m| m.mode("etc", 0o777)),
        ("policy.json", "is a link", |m| {
            m.write("real.json", IDENTITY);
            fs::remove_file(m.path("etc/lanyard/policy.json")).unwrap();
            symlink(m.path("real.json"), m.path("etc/lanyard/policy.json")).unwrap();
        }),
        ("etc/lanyard", "is a link", |m| {
            fs::rename(m.path("etc/lanyard"), m.path("moved")).unwrap();
            symlink(m.path("moved"), m.path("etc/lanyard")).unwrap();
        }),
        ("policy.json", "not a regular file", |m| {
            fs::remove_file(m.path("etc/lanyard/policy.json")).unwrap();
            fs::create_dir(m.path("etc/lanyard/policy.json")).unwrap();
        }),
        ("policy.json", "not a regular file", |m| {
            let path = m.path("etc/lanyard/policy.json");
            fs::remove_file(&path).unwrap();
            let mode = rustix::fs::Mode::from_raw_mode(0o644);
            rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        }),
        ("policy.json", "too large", |m| {
            let huge = format!("{{\"//\":\"{}\"}}", "x".repeat(super::json::LIMIT));
            m.write("etc/lanyard/policy.json", &huge);
        }),
        ("policy.json", "EOF", |m| m.write("etc/lanyard/policy.json", &IDENTITY[..20])),
        ("policy.json", "EOF", |m| m.write("etc/lanyard/policy.json", "")),
        ("policy.json", "stands twice", |m| {
            m.write("etc/lanyard/policy.json", r#"{"Servers":{"a":{"url":"x","url":"y"}}}"#);
        }),
    ];
    for (place, message, spoil) in table {
        let machine = Machine::new();
        machine.write("etc/lanyard/policy.json", IDENTITY);
        let mut reader = machine.reader();
        assert!(reader.read().identity.is_ok());
        spoil(&machine);

        let kept = reader.read();
        let fault = &about(&kept, place)[0].message;
        assert!(fault.contains(message) && fault.contains("last good values"), "{fault}");
        assert!(kept.identity.is_ok(), "{message}: last good values are kept");
        assert!(kept.managed);

        let start = machine.reader().read();
        assert!(about(&start, place)[0].message.contains(message), "{message}");
        assert!(matches!(start.identity, Err(Closed::Faulty { .. })), "{message}: closed at start");
        assert!(start.managed, "{message}: a bad policy is still a policy");
    }
}

#[test]
fn a_file_or_folder_of_another_owner_is_refused() {
    let machine = Machine::new();
    machine.write("etc/lanyard/policy.json", IDENTITY);
    let stranger = machine.roots().owned_by(rustix::process::geteuid().as_raw() + 1);
    let policy = Reader::new(stranger, None).read();
    assert!(matches!(policy.identity, Err(Closed::Faulty { .. })));
    assert!(about(&policy, "etc/lanyard")[0].message.contains("belongs to user"));

    if rustix::process::geteuid().is_root() {
        chown(machine.path("etc/lanyard/policy.json"), Some(12345), None).unwrap();
        let policy = machine.reader().read();
        assert!(matches!(policy.identity, Err(Closed::Faulty { .. })));
        assert!(about(&policy, "policy.json")[0].message.contains("belongs to user 12345"));
    }
}

#[test]
fn one_bad_file_at_start_closes_even_when_another_has_the_identity() {
    let machine = Machine::new();
    machine.write("etc/lanyard/policy.json", IDENTITY);
    machine.write("etc/lanyard/policy.d/50.json", "{");
    let mut reader = machine.reader();
    assert!(matches!(reader.read().identity, Err(Closed::Faulty { .. })));
    assert!(matches!(reader.read().identity, Err(Closed::Faulty { .. })), "and stays closed");
    machine.write("etc/lanyard/policy.d/50.json", "{}");
    assert!(reader.read().identity.is_ok(), "until it is repaired");

    machine.write("etc/lanyard/policy.d/60.json", "{");
    let policy = reader.read();
    assert!(policy.identity.is_ok(), "a new bad file leaves what was good in force");
    assert_eq!(about(&policy, "60.json").len(), 1);
}

#[test]
fn deleted_means_not_configured_and_is_forgotten() {
    let machine = Machine::new();
    machine.write("etc/lanyard/policy.json", IDENTITY);
    let mut reader = machine.reader();
    assert!(reader.read().identity.is_ok());
    fs::remove_file(machine.path("etc/lanyard/policy.json")).unwrap();
    assert_eq!(reader.read().identity, Err(Closed::NotConfigured));
    machine.write("etc/lanyard/policy.json", "{");
    let policy = reader.read();
    assert!(matches!(policy.identity, Err(Closed::Faulty { .. })), "old values do not come back");
}

#[test]
fn a_named_file_gives_way_to_the_machine() {
    let machine = Machine::new();
    machine.write("mine.json", IDENTITY);
    machine.mode("mine.json", 0o666);
    let mut reader = Reader::new(machine.roots(), Some(machine.path("mine.json")));
    let policy = reader.read();
    assert!(policy.identity.is_ok() && !policy.managed);

    machine.write("etc/lanyard/policy.json", r#"{"Issuer":"https://b.example","ClientId":"d"}"#);
    let policy = reader.read();
    assert!(policy.managed);
    assert_eq!(policy.identity.unwrap().issuer, "https://b.example");
    assert!(policy.faults[0].message.contains("not used"));

    machine.write("etc/lanyard/policy.json", "{");
    assert!(reader.read().managed, "a policy that went bad is still one");
    let fresh = Reader::new(machine.roots(), Some(machine.path("mine.json"))).read();
    assert!(fresh.managed && fresh.identity.is_err(), "a bad policy does not let the file in");

    fs::remove_file(machine.path("etc/lanyard/policy.json")).unwrap();
    assert!(!reader.read().managed);
    fs::remove_file(machine.path("mine.json")).unwrap();
    assert_eq!(reader.read().identity, Err(Closed::NotConfigured));
}

#[test]
fn the_identity_of_vs_code_is_borrowed_only_when_asked_and_needed() {
    let machine = Machine::new();
    let borrow = r#"{"BorrowVsCodeIdentity":true}"#;
    let theirs =
        r#"{"McpEnterpriseManagedAuthIdp":{"issuer":"https://v.example","clientId":"v","clientSecret":"MARK"},"Other":1}"#;
    machine.write("etc/vscode/policy.json", theirs);
    machine.write("etc/lanyard/policy.json", "{}");
    assert_eq!(machine.reader().read().identity, Err(Closed::NotConfigured));

    machine.write("etc/lanyard/policy.json", borrow);
    let policy = machine.reader().read();
    let identity = policy.identity.as_ref().unwrap();
    assert_eq!((identity.issuer.as_str(), identity.client_id.as_str()), ("https://v.example", "v"));
    assert_eq!(identity.client_secret, None);
    assert!(about(&policy, "vscode/policy.json")[0].message.contains("clientSecret"));
    assert!(policy.unknown.is_empty() && !format!("{policy:?}").contains("MARK"));

    machine.write("etc/lanyard/policy.json", r#"{"BorrowVsCodeIdentity":true,"Issuer":"https://a.example","ClientId":"c"}"#);
    assert_eq!(machine.reader().read().identity.unwrap().issuer, "https://a.example");
}

#[test]
fn what_vs_codes_policy_may_look_like() {
    let closed = |settings: &[&str]| Closed::Faulty { settings: settings.iter().map(|s| (*s).to_owned()).collect() };
    let table: &[(&str, Result<Option<&str>, Closed>)] = &[
        (r#"{"mcp.enterpriseManagedAuth.idp":{"issuer":"https://v.example","clientId":"v"}}"#, Ok(None)),
        (r#"{"McpEnterpriseManagedAuthIdp":"{\"issuer\":\"https://v.example\",\"clientId\":\"v\"}"}"#, Ok(None)),
        (
            r#"{"McpEnterpriseManagedAuthIdp":{"issuer":"https://v.example","clientId":"v","tokenEndpoint":"https://v.example/t"}}"#,
            Ok(Some("https://v.example/t")),
        ),
        (
            r#"{"McpEnterpriseManagedAuthIdp":{"issuer":"https://v.example","clientId":"v","tokenEndpoint":"https://evil.example/t"}}"#,
            Err(closed(&["TokenEndpoint"])),
        ),
        (r#"{"McpEnterpriseManagedAuthIdp":{"issuer":"http://v.example","clientId":"v"}}"#, Err(closed(&["Issuer"]))),
        (r#"{"McpEnterpriseManagedAuthIdp":"{"}"#, Err(closed(&["Issuer"]))),
        (r#"{"McpEnterpriseManagedAuthIdp":1}"#, Err(closed(&["Issuer"]))),
        (r#"{"McpEnterpriseManagedAuthIdp":{"issuer":"https://v.example"}}"#, Err(Closed::NotConfigured)),
        (r#"{}"#, Err(Closed::NotConfigured)),
    ];
    for (text, expected) in table {
        let machine = Machine::new();
        machine.write("etc/lanyard/policy.json", r#"{"BorrowVsCodeIdentity":true}"#);
        machine.write("etc/vscode/policy.json", text);
        let policy = machine.reader().read();
        let actual = policy.identity.as_ref().map(|identity| identity.token_endpoint.as_deref());
        assert_eq!(&actual.map_err(Clone::clone), expected, "{text}");
    }
    let machine = Machine::new();
    machine.write("etc/lanyard/policy.json", r#"{"BorrowVsCodeIdentity":true}"#);
    machine.write("etc/vscode/policy.json", table[0].0);
    machine.mode("etc/vscode/policy.json", 0o666);
    assert!(matches!(machine.reader().read().identity, Err(Closed::Faulty { .. })));
}

#[test]
fn a_file_that_policy_names_is_read_with_the_same_checks() {
    let machine = Machine::new();
    machine.write("etc/lanyard/ca.pem", "pem");
    let roots = machine.roots();
    let path = machine.path("etc/lanyard/ca.pem");
    assert_eq!(roots.read(&path, 10).unwrap(), b"pem");
    assert!(roots.read(&path, 2).is_err());
    assert!(roots.read(&machine.path("etc/lanyard/none.pem"), 10).is_err());
    machine.mode("etc/lanyard/ca.pem", 0o666);
    assert!(roots.read(&path, 10).is_err());
}
