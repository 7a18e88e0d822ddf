//! `lanyard diagnostics`: what a help desk needs, and nothing that tells who somebody is or opens anything.

mod redact;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use policy::Reader;
use serde_json::{Value, json};
use wire::place::Environment;
use wire::{Diagnostics, DiagnosticsFile, DoctorStep, PolicyReport, Status};

use crate::autostart::{self, Autostart};
use crate::{debug, harden};
use redact::Redactor;

/// The most of a log that goes along, bytes: its end.
const TAIL: u64 = 128 * 1024;

/// Variables of a desktop that explain much and tell nobody's name.
const VARIABLES: [&str; 8] = [
    "XDG_CURRENT_DESKTOP",
    "XDG_SESSION_TYPE",
    "DESKTOP_SESSION",
    "LANG",
    "WAYLAND_DISPLAY",
    "DISPLAY",
    "DBUS_SESSION_BUS_ADDRESS",
    "WSL_DISTRO_NAME",
];

/// What is collected.
pub(crate) struct Findings {
    pub(crate) status: Option<Status>,
    pub(crate) policy: PolicyReport,
    pub(crate) steps: Vec<DoctorStep>,
    pub(crate) state: Option<PathBuf>,
}

/// The bundle of a machine on which no agent runs.
pub fn without_agent() -> Diagnostics {
    let policy = Reader::new(debug::roots(), None).read();
    collect(&Findings { status: None, policy: policy.report(), steps: Vec::new(), state: Environment::current().state_folder() })
}

/// Reads the ends of the logs, and takes out of everything what is nobody's business. Blocking, and bounded.
pub(crate) fn collect(findings: &Findings) -> Diagnostics {
    let mut redactor = redactor(findings.status.as_ref());
    let mut files = Vec::new();
    let mut add = |name: &str, about: &str, text: String| {
        files.push(DiagnosticsFile { name: name.to_owned(), about: about.to_owned(), text: redactor.text(&text) });
    };
    if let Some(status) = &findings.status {
        add("status.json", "what `lanyard status` shows", pretty(status));
    }
    add("policy.json", "every setting with its origin; secrets as set or not set", pretty(&findings.policy));
    if !findings.steps.is_empty() {
        add("doctor.json", "what `lanyard doctor` finds without asking any server", pretty(&findings.steps));
    }
    add("system.json", "the system, this program and how it is started", pretty(&system()));
    let logs = [
        ("audit.jsonl", "the last decisions: who got which token, never a token", "audit.jsonl"),
        ("agent.log", "the end of the agent's log", "log/agent.log"),
        ("agent.log.1", "the end of the log before it", "log/agent.log.1"),
    ];
    for (name, about, place) in logs {
        if let Some(text) = findings.state.as_ref().and_then(|state| tail(&state.join(place))) {
            add(name, about, text);
        }
    }
    let list: String = files.iter().map(|file| format!("{:<12} {:>8}  {}\n", file.name, file.text.len(), file.about)).collect();
    let text = format!(
        "A support bundle of Lanyard {}.\n\nTaken out: names, addresses, the home folder, the host's name, identifiers of people and \
         machines, and whatever looks like a credential. What is the same has the same number. Addresses of servers are \
         left in.\n\n{list}",
        env!("CARGO_PKG_VERSION")
    );
    files.insert(0, DiagnosticsFile { name: "README.txt".into(), about: "this list".into(), text });
    Diagnostics { files }
}

fn pretty(document: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(document).unwrap_or_default() + "\n"
}

fn redactor(status: Option<&Status>) -> Redactor {
    let variable = |name: &str| std::env::var(name).ok();
    let account = status.and_then(|status| status.session.account.as_ref());
    Redactor::new([
        (Environment::current().home.map(|home| home.display().to_string()), "~"),
        (variable("USER").or_else(|| variable("USERNAME")), "<user>"),
        (hostname(), "<host>"),
        (account.map(|account| account.subject.clone()), "<subject>"),
        (account.and_then(|account| account.name.clone()), "<name>"),
    ])
}

fn hostname() -> Option<String> {
    let named = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    named.map(|name| name.trim().to_owned()).or_else(|| std::env::var("COMPUTERNAME").ok())
}

fn system() -> Value {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let of =
        |name: &str| release.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim_matches('"').to_owned());
    let variables: serde_json::Map<_, _> =
        VARIABLES.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?.into()))).collect();
    let measures: Vec<_> =
        harden::measures().iter().map(|measure| json!({"name": measure.name, "in_force": measure.in_force})).collect();
    let autostart = match autostart::found() {
        Autostart::Entered(entry) => json!({"entry": entry, "on": true}),
        Autostart::SwitchedOff(entry) => json!({"entry": entry, "on": false}),
        Autostart::Broken(entry) => json!({"entry": entry, "on": false, "broken": true}),
        Autostart::Absent => Value::Null,
    };
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "program": std::env::current_exe().ok(),
        "system": std::env::consts::OS,
        "architecture": std::env::consts::ARCH,
        "release": of("PRETTY_NAME="),
        "variables": variables,
        "measures": measures,
        "autostart": autostart,
        "time": jiff::Timestamp::now(),
    })
}

/// The end of a file, from a line's beginning on.
fn tail(path: &Path) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let length = file.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
    let cut = length.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(cut)).ok()?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    match cut {
        0 => Some(text.into_owned()),
        _ => text.split_once('\n').map(|(_, rest)| rest.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_log_begins_with_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        assert_eq!(tail(&path), None);
        std::fs::write(&path, "one\ntwo\n").unwrap();
        assert_eq!(tail(&path).as_deref(), Some("one\ntwo\n"));
        let long = format!("{}\nlast\n", "x".repeat(usize::try_from(TAIL).unwrap()));
        std::fs::write(&path, long).unwrap();
        assert_eq!(tail(&path).as_deref(), Some("last\n"));
    }

    #[test]
    fn a_bundle_lists_itself_first() {
        let bundle = collect(&Findings { status: None, policy: PolicyReport::default(), steps: Vec::new(), state: None });
        let names: Vec<_> = bundle.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["README.txt", "policy.json", "system.json"]);
        assert!(names[1..].iter().all(|name| bundle.files[0].text.contains(name)));
    }
}
