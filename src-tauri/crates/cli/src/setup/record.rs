//! What was written where, so that it can be undone exactly.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Fault, file};

/// `setup.json`: one record for each client.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Records(BTreeMap<String, Record>);

/// What was done to one client.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Record {
    /// The client's file.
    pub(super) file: PathBuf,
    /// The text before, beside the file; none where there was no file.
    pub(super) backup: Option<PathBuf>,
    /// The SHA-256 of the text after.
    pub(super) after: String,
    /// The servers that were set up.
    pub(super) servers: BTreeSet<String>,
    /// The names of keys that were made.
    pub(super) keys: BTreeSet<String>,
}

impl Records {
    /// As they are; what cannot be read is as nothing, so that an undo falls back to single entries.
    pub(super) fn read(path: &Path) -> Self {
        let text = file::read(path).ok().flatten();
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    pub(super) fn of(&self, client: &str) -> Option<&Record> {
        self.0.get(client)
    }

    pub(super) fn keep(&mut self, path: &Path, client: &str, record: Option<Record>) -> Result<(), Fault> {
        match record {
            Some(record) => self.0.insert(client.to_owned(), record),
            None => self.0.remove(client),
        };
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        file::write(path, &text)
    }
}

/// The mark of a text.
pub(super) fn mark(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
