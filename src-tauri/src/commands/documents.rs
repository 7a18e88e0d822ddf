//! What the pages are shown beside the documents of the agent's interface.

use std::fs;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wire::{AuditEvent, DoctorStep, Program, Status};

use crate::arguments::Opening;

/// What may cross to the page. LI-22: neither a token's reply nor a key's is one, and nothing here has a field for either.
pub(crate) trait Shown: Serialize + Send + 'static {}

impl Shown for () {}
impl Shown for Status {}
impl Shown for Vec<AuditEvent> {}
impl Shown for Vec<Program> {}
impl Shown for DoctorStep {}
impl Shown for Opened {}
impl Shown for Policy {}
impl Shown for Bundle {}
impl Shown for Clients {}
impl Shown for SetUp {}
impl Shown for Saved {}
impl Shown for Versions {}

/// What the window was opened for.
#[derive(Debug, Serialize)]
pub(crate) struct Opened {
    page: &'static str,
    reason: Option<&'static str>,
}

impl From<Opening> for Opened {
    fn from(opening: Opening) -> Self {
        Self { page: opening.page.word(), reason: opening.reason.map(crate::arguments::Reason::word) }
    }
}

/// `GET /v1/audit`.
#[derive(Debug, Deserialize)]
pub(super) struct Audit {
    pub(super) events: Vec<AuditEvent>,
}

/// `GET /v1/programs`.
#[derive(Debug, Deserialize)]
pub(super) struct Programs {
    pub(super) programs: Vec<Program>,
}

/// `DELETE /v1/programs`.
#[derive(Debug, Deserialize)]
pub(super) struct Removed {
    pub(super) removed: bool,
}

/// `GET /v1/policy`; a secret's value is `set` or `not set` in it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Policy {
    managed: bool,
    origins: Vec<String>,
    hash: String,
    settings: Vec<Setting>,
    faults: Vec<Fault>,
    unknown: Vec<Unknown>,
}

/// One setting as it applies.
#[derive(Debug, Serialize, Deserialize)]
struct Setting {
    name: String,
    group: String,
    value: Value,
    origin: String,
    fault: Option<String>,
}

/// One thing that is wrong.
#[derive(Debug, Serialize, Deserialize)]
struct Fault {
    setting: Option<String>,
    origin: String,
    message: String,
}

/// One name that nothing has.
#[derive(Debug, Serialize, Deserialize)]
struct Unknown {
    name: String,
    origin: String,
    nearest: Option<String>,
}

impl Policy {
    /// A setting's value where it is a text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.settings.iter().find(|setting| setting.name == name)?.value.as_str()
    }
}

/// What a support bundle holds, by name.
#[derive(Debug, Serialize)]
pub(crate) struct Bundle {
    files: Vec<BundleFile>,
}

/// One file of it.
#[derive(Debug, Serialize, Deserialize)]
struct BundleFile {
    name: String,
    about: String,
    bytes: usize,
}

impl Bundle {
    /// The list, which is shown before anything is written.
    pub(super) fn of(bundle: &wire::Diagnostics) -> Self {
        let listed = |file: &wire::DiagnosticsFile| BundleFile {
            name: file.name.clone(),
            about: file.about.clone(),
            bytes: file.text.len(),
        };
        Self { files: bundle.files.iter().map(listed).collect() }
    }
}

/// `lanyard diagnostics FILE --json`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Saved {
    file: String,
    files: Vec<BundleFile>,
}

/// `lanyard setup --json`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Clients {
    pub(super) clients: Vec<Found>,
}

/// A client as it was found.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Found {
    name: String,
    title: String,
    installed: bool,
    version: Option<String>,
    file: Option<String>,
    servers: Vec<String>,
    fault: Option<String>,
    door: String,
}

/// `lanyard setup CLIENT --json`, with `--remove` or without; a key that was made is in the client's file alone.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SetUp {
    client: String,
    file: String,
    changed: bool,
}

/// What runs here.
#[derive(Debug, Serialize)]
pub(crate) struct Versions {
    window: &'static str,
    webview: Option<String>,
    system: String,
}

impl Versions {
    /// As this process sees it.
    pub(super) fn current() -> Self {
        let known = fs::read_to_string("/etc/os-release").ok().and_then(|text| pretty(&text));
        Self {
            window: env!("CARGO_PKG_VERSION"),
            webview: tauri::webview_version().ok(),
            system: format!("{} ({})", known.as_deref().unwrap_or(std::env::consts::OS), std::env::consts::ARCH),
        }
    }
}

/// The name that a distribution gives itself.
fn pretty(text: &str) -> Option<String> {
    let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(name.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_is_called_as_it_calls_itself() {
        assert_eq!(pretty("ID=x\nPRETTY_NAME=\"Debian 12\"\n").as_deref(), Some("Debian 12"));
        assert_eq!(pretty("ID=x\n"), None);
    }

    #[test]
    fn the_list_of_a_bundle_has_none_of_its_text() {
        let text = "a line of the log".to_owned();
        let file = wire::DiagnosticsFile { name: "agent.log".into(), about: "the log".into(), text };
        let listed = serde_json::to_string(&Bundle::of(&wire::Diagnostics { files: vec![file] })).unwrap();
        assert_eq!(listed, r#"{"files":[{"name":"agent.log","about":"the log","bytes":17}]}"#);
    }
}
