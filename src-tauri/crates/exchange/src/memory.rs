//! What is remembered between runs besides secrets: the resource AS that each server named first, and how
//! each issuer wants to be asked.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use secret::private;

use crate::cache::lock;

/// How an issuer wants to be asked, where it differs from the standards' way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Habits {
    /// Leg 3 without `scope`.
    pub(crate) omit_scope: bool,
    /// Leg 3 without `resource`.
    pub(crate) omit_resource: bool,
    /// The token endpoint as audience of client assertions.
    pub(crate) endpoint_is_audience: bool,
    /// The token type with an underscore.
    pub(crate) older_token_type: bool,
    /// The refresh token as subject of leg 2.
    pub(crate) refresh_token_subject: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Remembered {
    servers: BTreeMap<String, FirstSeen>,
    issuers: BTreeMap<String, Habits>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct FirstSeen {
    url: String,
    authorization_server: String,
}

/// `pins.json`.
#[derive(Debug)]
pub(crate) struct Memory {
    path: PathBuf,
    remembered: Mutex<Remembered>,
}

impl Memory {
    pub(crate) fn new(path: PathBuf) -> Self {
        let remembered = read_json(&path).unwrap_or_default();
        Self { path, remembered: Mutex::new(remembered) }
    }

    /// The authorization server that `server` named when it was first used at `url`.
    pub(crate) fn first_seen(&self, server: &str, url: &str) -> Option<String> {
        lock(&self.remembered).servers.get(server).filter(|seen| seen.url == url).map(|seen| seen.authorization_server.clone())
    }

    /// Remembers what a server named; policy's pin replaces what was seen first.
    pub(crate) fn saw(&self, server: &str, url: &str, issuer: &str, by_policy: bool) {
        let mut remembered = lock(&self.remembered);
        let known = remembered.servers.get(server);
        let same = known.is_some_and(|seen| seen.url == url && (seen.authorization_server == issuer || !by_policy));
        if same {
            return;
        }
        remembered.servers.insert(server.to_owned(), FirstSeen { url: url.to_owned(), authorization_server: issuer.to_owned() });
        write_json(&self.path, &*remembered);
    }

    pub(crate) fn habits(&self, issuer: &str) -> Habits {
        lock(&self.remembered).issuers.get(issuer).copied().unwrap_or_default()
    }

    /// Changes what is remembered of `issuer`; returns whether that changed anything.
    pub(crate) fn learn(&self, issuer: &str, change: impl FnOnce(&mut Habits)) -> bool {
        let mut remembered = lock(&self.remembered);
        let habits = remembered.issuers.entry(issuer.to_owned()).or_default();
        let before = *habits;
        change(habits);
        let changed = *habits != before;
        if changed {
            write_json(&self.path, &*remembered);
        }
        changed
    }
}

pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// Replaces the file at once or not at all. Losing it costs a count or a repeated question, so failing is only logged.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) {
    let written = serde_json::to_vec_pretty(value).map_err(std::io::Error::other).and_then(|json| {
        let new = path.with_extension("json.new");
        private::remove(&new)?;
        let mut file = private::create(&new)?;
        file.write_all(&json)?;
        std::fs::rename(&new, path)
    });
    if let Err(error) = written {
        tracing::warn!(%error, file = ?path.file_name(), "a file could not be written");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_authorization_server_is_kept_until_policy_names_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pins.json");
        let memory = Memory::new(path.clone());
        memory.saw("linear", "https://mcp", "https://as", false);
        memory.saw("linear", "https://mcp", "https://evil", false);
        assert_eq!(Memory::new(path.clone()).first_seen("linear", "https://mcp").as_deref(), Some("https://as"));
        assert_eq!(memory.first_seen("linear", "https://moved"), None, "another address is another server");
        memory.saw("linear", "https://mcp", "https://new", true);
        assert_eq!(Memory::new(path).first_seen("linear", "https://mcp").as_deref(), Some("https://new"));
    }

    #[test]
    fn habits_are_learnt_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pins.json");
        let memory = Memory::new(path.clone());
        assert!(memory.learn("https://as", |habits| habits.omit_scope = true));
        assert!(!memory.learn("https://as", |habits| habits.omit_scope = true));
        assert!(Memory::new(path).habits("https://as").omit_scope);
        assert!(!memory.habits("https://other").omit_scope);
    }
}
