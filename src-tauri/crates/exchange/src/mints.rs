//! How many assertions each server cost this month: identity providers license them. Survives restarts.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::memory::{read_json, write_json};

#[derive(Debug, Default, Serialize, Deserialize)]
struct Month {
    /// `2026-11`, UTC.
    month: String,
    servers: BTreeMap<String, u64>,
}

/// The counts of the current month.
#[derive(Debug)]
pub(crate) struct Mints {
    path: PathBuf,
    month: Mutex<Month>,
}

impl Mints {
    pub(crate) fn new(path: PathBuf) -> Self {
        let month = read_json(&path).unwrap_or_default();
        Self { path, month: Mutex::new(month) }
    }

    pub(crate) fn add(&self, server: &str, now: Timestamp) {
        let mut month = crate::cache::lock(&self.month);
        month.turn(now);
        *month.servers.entry(server.to_owned()).or_default() += 1;
        write_json(&self.path, &*month);
    }

    pub(crate) fn count(&self, server: &str, now: Timestamp) -> u64 {
        let mut month = crate::cache::lock(&self.month);
        month.turn(now);
        month.servers.get(server).copied().unwrap_or(0)
    }
}

impl Month {
    fn turn(&mut self, now: Timestamp) {
        let name = name(now);
        if self.month != name {
            *self = Self { month: name, servers: BTreeMap::new() };
        }
    }
}

fn name(now: Timestamp) -> String {
    now.to_string().chars().take(7).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_survive_a_restart_and_end_with_the_month() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mints.json");
        let november: Timestamp = "2026-11-30T23:59:59Z".parse().unwrap();
        let mints = Mints::new(path.clone());
        mints.add("linear", november);
        mints.add("linear", november);
        let again = Mints::new(path);
        assert_eq!(again.count("linear", november), 2);
        assert_eq!(again.count("figma", november), 0);
        assert_eq!(again.count("linear", "2026-12-01T00:00:00Z".parse().unwrap()), 0);
    }
}
