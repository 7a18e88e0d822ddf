//! What the pages are shown beside the documents of the agent's interface.

use std::fs;

use serde::Serialize;
use wire::{AuditEvent, BundleFile, Clients, DoctorStep, PolicyReport, Program, Saved, SetUp, Status};

use crate::arguments::Opening;

/// What may cross to the page. LI-22: neither a token's reply nor a key's is one, and nothing here has a field for either.
pub(crate) trait Shown: Serialize + Send + 'static {}

impl Shown for () {}
impl Shown for Status {}
impl Shown for Vec<AuditEvent> {}
impl Shown for Vec<Program> {}
impl Shown for DoctorStep {}
impl Shown for Opened {}
impl Shown for PolicyReport {}
impl Shown for Bundle {}
impl Shown for Clients {}
impl Shown for SetUp {}
impl Shown for Saved {}
impl Shown for Versions {}

/// What the window was opened for.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Opened {
    page: &'static str,
    reason: Option<&'static str>,
}

impl From<Opening> for Opened {
    fn from(opening: Opening) -> Self {
        Self { page: opening.page.word(), reason: opening.reason.map(crate::arguments::Reason::word) }
    }
}

/// What a support bundle holds, by name.
#[derive(Debug, Serialize)]
pub(crate) struct Bundle {
    files: Vec<BundleFile>,
}

impl Bundle {
    /// The list, which is shown before anything is written.
    pub(super) fn of(bundle: &wire::Diagnostics) -> Self {
        Self { files: bundle.listed() }
    }
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
