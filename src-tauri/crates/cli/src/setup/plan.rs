//! Writing a client's entries, and taking them away again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use wire::ServerEntry;

use super::record::{Record, Records, mark};
use super::{Client, Fault, file};

/// What is to be done.
pub(crate) struct Job<'j> {
    pub(crate) client: &'static Client,
    /// The client's file.
    pub(crate) file: PathBuf,
    /// `setup.json`.
    pub(crate) records: &'j Path,
    /// Whether entries of others may be replaced.
    pub(crate) force: bool,
}

/// What was done.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Done {
    /// Whether the file changed.
    pub(crate) changed: bool,
    /// The text before, where there was one and it was kept.
    pub(crate) backup: Option<PathBuf>,
    /// Keys that nothing uses any more.
    pub(crate) keys: Vec<String>,
}

impl Job<'_> {
    /// The entries that are there.
    pub(crate) fn entries(&self) -> Result<BTreeMap<String, Value>, Fault> {
        self.parse(&file::read(&self.file)?.unwrap_or_default())
    }

    fn parse(&self, text: &str) -> Result<BTreeMap<String, Value>, Fault> {
        self.client.format.entries(text, self.client.container).map_err(|why| self.unreadable(why))
    }

    fn unreadable(&self, why: String) -> Fault {
        Fault::Unreadable(self.file.display().to_string(), self.client.title, why)
    }

    /// The entries of others that are in the way: under a server's own name, or leading to the same server.
    pub(crate) fn in_the_way(&self, servers: &[ServerEntry]) -> Result<Vec<InTheWay>, Fault> {
        let entries = self.entries()?;
        let foreign = |server: &&ServerEntry| entries.get(&server.id).is_some_and(|entry| !Client::is_ours(entry, &server.id));
        let foreign = servers.iter().filter(foreign).map(|server| InTheWay::Foreign(server.id.clone()));
        let rivals = servers.iter().flat_map(|server| {
            let leads = |(name, entry): &(&String, &Value)| **name != server.id && Client::leads_to(entry, &server.url);
            entries.iter().filter(leads).map(|(name, _)| InTheWay::Rival(name.clone()))
        });
        Ok(foreign.chain(rivals).collect())
    }
}

/// An entry that Lanyard did not write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InTheWay {
    /// It has the name of a server.
    Foreign(String),
    /// It leads to a server by itself.
    Rival(String),
}

impl InTheWay {
    /// What a person is to decide about.
    pub(crate) fn question(&self, file: &Path) -> String {
        let file = file.display();
        match self {
            Self::Foreign(name) => format!("{file} already has an entry {name} that Lanyard did not write."),
            Self::Rival(name) => {
                format!("{file} has an entry {name} that leads to the same server by itself, with a sign-in of its own.")
            }
        }
    }

    /// Why nothing was written.
    pub(crate) fn fault(&self, file: &Path) -> Fault {
        let file = file.display().to_string();
        match self {
            Self::Foreign(name) => Fault::Foreign(file, name.clone()),
            Self::Rival(name) => Fault::Rival(file, name.clone()),
        }
    }
}

/// Sets the entries of `servers`; `keys` are those that stand in them.
pub(crate) fn write(
    job: &Job<'_>,
    servers: &[ServerEntry],
    wanted: &[(String, Value)],
    key: Option<&str>,
) -> Result<Done, Fault> {
    let before = file::read(&job.file)?;
    let text = before.clone().unwrap_or_default();
    let entries = job.parse(&text)?;
    let others = job.in_the_way(servers)?;
    if let Some(first) = others.first().filter(|_| !job.force) {
        return Err(first.fault(&job.file));
    }
    let mut rivals = others.iter().filter_map(|other| match other {
        InTheWay::Rival(name) => Some(name),
        InTheWay::Foreign(_) => None,
    });
    let (format, container) = (job.client.format, job.client.container);
    let without = rivals.try_fold(text.clone(), |text, name| format.unset(&text, container, name));
    let after =
        without.and_then(|text| wanted.iter().try_fold(text, |text, (name, entry)| format.set(&text, container, name, entry)));
    let after = after.map_err(|why| job.unreadable(why))?;
    let mut records = Records::read(job.records);
    if after == text && before.is_some() {
        return Ok(Done::default());
    }
    let known = records.of(job.client.name).filter(|record| record.file == job.file);
    let mut record = known.cloned().unwrap_or(Record { file: job.file.clone(), ..Record::default() });
    // The backup is of the text without any entry of ours, so that undoing is exact after several runs too.
    let untouched = known.is_some_and(|record| before.as_deref().is_some_and(|text| mark(text) == record.after));
    if !untouched {
        let ours = entries.iter().filter(|(name, entry)| Client::is_ours(entry, name)).map(|(name, _)| name);
        let base = ours.into_iter().try_fold(text, |text, name| format.unset(&text, container, name));
        let base = base.map_err(|why| job.unreadable(why))?;
        record.backup = match before {
            Some(_) => {
                let place = file::backup(&job.file);
                file::write(&place, &base)?;
                Some(place)
            }
            None => None,
        };
    }
    file::write(&job.file, &after)?;
    record.after = mark(&after);
    record.servers.extend(wanted.iter().map(|(name, _)| name.clone()));
    record.keys.extend(key.map(str::to_owned));
    let backup = record.backup.clone();
    records.keep(job.records, job.client.name, Some(record))?;
    Ok(Done { changed: true, backup, keys: Vec::new() })
}

/// Takes every entry of ours away again: byte for byte where nobody edited the file since, and else entry by entry.
pub(crate) fn remove(job: &Job<'_>) -> Result<Done, Fault> {
    let mut records = Records::read(job.records);
    let record = records.of(job.client.name).filter(|record| record.file == job.file).cloned();
    let Some(text) = file::read(&job.file)? else {
        records.keep(job.records, job.client.name, None)?;
        return Ok(Done { keys: record.map(|record| record.keys.into_iter().collect()).unwrap_or_default(), ..Done::default() });
    };
    let untouched = record.as_ref().filter(|record| mark(&text) == record.after);
    let changed = match untouched {
        Some(Record { backup: Some(backup), .. }) => match file::read(backup)? {
            Some(before) => {
                file::write(&job.file, &before)?;
                file::remove(backup)?;
                true
            }
            None => single(job, &text)?,
        },
        Some(Record { backup: None, .. }) => {
            file::remove(&job.file)?;
            true
        }
        None => single(job, &text)?,
    };
    records.keep(job.records, job.client.name, None)?;
    Ok(Done { changed, backup: None, keys: record.map(|record| record.keys.into_iter().collect()).unwrap_or_default() })
}

fn single(job: &Job<'_>, text: &str) -> Result<bool, Fault> {
    let entries = job.parse(text)?;
    let ours = entries.iter().filter(|(name, entry)| Client::is_ours(entry, name)).map(|(name, _)| name);
    let unset = |text: String, name: &String| job.client.format.unset(&text, job.client.container, name);
    let after = ours.into_iter().try_fold(text.to_owned(), unset).map_err(|why| job.unreadable(why))?;
    if after != text {
        file::write(&job.file, &after)?;
    }
    Ok(after != text)
}
