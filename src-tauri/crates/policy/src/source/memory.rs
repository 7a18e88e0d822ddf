//! The last good values of each file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secret::Secret;
use wire::SettingFault;

use super::json;
use super::{Content, Untrusted};
use crate::fault::{self, sentence};
use crate::layer::Values;

/// What this process knows of each file.
#[derive(Default)]
pub(crate) struct Memory {
    good: BTreeMap<PathBuf, Arc<Values>>,
    /// Bad since the first reading: what they would have said is not known, so the agent is closed.
    shut: BTreeSet<PathBuf>,
    started: bool,
}

/// One reading of everything.
pub(crate) struct Pass<'a> {
    memory: &'a mut Memory,
    seen: BTreeSet<PathBuf>,
    faults: Vec<SettingFault>,
    bad: Vec<PathBuf>,
}

/// What a file counts as.
pub(crate) enum Held {
    Absent,
    Masked,
    /// Its values, or its last good ones.
    Values(Arc<Values>),
    /// Bad, and never good.
    Bad,
}

/// What a reading found wrong.
pub(crate) struct Findings {
    pub(crate) faults: Vec<SettingFault>,
    pub(crate) shut: Vec<String>,
    pub(crate) doubtful: Vec<String>,
}

impl Memory {
    /// Starts a reading.
    pub(crate) fn pass(&mut self) -> Pass<'_> {
        Pass { memory: self, seen: BTreeSet::new(), faults: Vec::new(), bad: Vec::new() }
    }
}

impl Pass<'_> {
    /// Takes in what was found at `path`.
    pub(crate) fn file(&mut self, path: &Path, found: Result<Content, Untrusted>) -> Held {
        let values = match found {
            Ok(Content::Absent) => return Held::Absent,
            Ok(Content::Masked) => return Held::Masked,
            Ok(Content::Bytes(bytes)) => parse(bytes).map_err(|error| sentence(&error)),
            Err(error) => Err(sentence(&error)),
        };
        self.values(path, values)
    }

    /// Takes in what a place of any form says, named by its path.
    pub(crate) fn values(&mut self, path: &Path, values: Result<Values, String>) -> Held {
        self.seen.insert(path.to_owned());
        match values {
            Ok(values) => {
                let values = Arc::new(values);
                self.memory.shut.remove(path);
                self.memory.good.insert(path.to_owned(), Arc::clone(&values));
                Held::Values(values)
            }
            Err(message) => {
                let kept = self.memory.good.get(path).map(Arc::clone);
                self.wrong(path, &message, kept.is_some());
                match kept {
                    Some(values) => Held::Values(values),
                    None => {
                        self.bad.push(path.to_owned());
                        Held::Bad
                    }
                }
            }
        }
    }

    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux has folders of policy"))]
    /// Takes in that a folder cannot be believed, and gives back what is known of the files in it.
    pub(crate) fn folder(&mut self, path: &Path, error: &Untrusted) -> Vec<(PathBuf, Arc<Values>)> {
        let within = |file: &Path| file.parent() == Some(path);
        let kept: Vec<_> = self
            .memory
            .good
            .iter()
            .filter(|(file, _)| within(file))
            .map(|(file, values)| (file.clone(), Arc::clone(values)))
            .collect();
        self.seen.insert(path.to_owned());
        self.seen.extend(kept.iter().map(|(file, _)| file.clone()));
        self.seen.extend(self.memory.shut.iter().filter(|file| within(file)).cloned());
        self.wrong(path, &sentence(error), !kept.is_empty());
        if kept.is_empty() {
            self.bad.push(path.to_owned());
        }
        kept
    }

    /// Adds a fault of its own.
    pub(crate) fn fault(&mut self, fault: SettingFault) {
        self.faults.push(fault);
    }

    /// Ends the reading; what it did not see is forgotten, because deleted means not configured.
    pub(crate) fn finish(self) -> Findings {
        let Self { memory, seen, faults, bad } = self;
        memory.good.retain(|path, _| seen.contains(path));
        memory.shut.retain(|path| seen.contains(path));
        memory.started = true;
        let names = |paths: &mut dyn Iterator<Item = &PathBuf>| paths.map(|path| path.display().to_string()).collect();
        Findings { shut: names(&mut memory.shut.iter()), doubtful: names(&mut bad.iter()), faults }
    }

    fn wrong(&mut self, path: &Path, message: &str, kept: bool) {
        if !self.memory.started {
            self.memory.shut.insert(path.to_owned());
        }
        let after = if kept { "; its last good values apply" } else { "" };
        let message = format!("{message}{after}");
        self.faults.push(fault::whole(&path.display().to_string(), message));
    }
}

/// Parses a policy file; its text is wiped afterwards, because it may hold secrets.
pub(crate) fn parse(bytes: Vec<u8>) -> Result<Values, json::JsonError> {
    let text = String::from_utf8(bytes).map_err(|_| json::JsonError::NotUtf8)?;
    let text = Secret::new(text);
    let table = json::object(text.expose().as_bytes())?;
    Ok(table.into_iter().map(|(name, value)| (name, Ok(value))).collect())
}
