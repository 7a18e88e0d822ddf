use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use secret::Secret;
use windows_registry::{CURRENT_USER, Key as Open, LOCAL_MACHINE, Type, Value};
use windows_sys::Win32::Foundation::{ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND};
use windows_sys::Win32::Storage::FileSystem::{FILE_ATTRIBUTE_REPARSE_POINT, FILE_FLAG_OPEN_REPARSE_POINT};

use super::json::LIMIT;
use super::memory::{Held, Pass};
use super::registry::{self, Key, Raw};
use super::{Content, Untrusted};
use crate::fault;
use crate::layer::{Layer, Rank, Scope};

mod access;

const KEY: &str = r"SOFTWARE\Policies\Lanyard";
const MISPLACED: &str = r"SOFTWARE\WOW6432Node\Policies\Lanyard";
const VSCODE: &str = r"SOFTWARE\Policies\Microsoft\VSCode";

/// What the system says where there is no key; a registry error carries it in its lower half.
const ABSENT: [u32; 2] = [ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND];

/// Longer values are no policy.
const VALUE_LIMIT: usize = 4 * LIMIT;

/// Where the machine's places are.
#[derive(Clone, Debug)]
pub struct Roots {
    /// In tests, a key below the user's hive that stands for the machine's hive.
    instead: Option<String>,
}

impl Roots {
    /// The system's own places, which only administrators can write.
    pub fn system() -> Self {
        Self { instead: None }
    }

    /// The same places below a key of this user: for tests of debug builds (LI-58).
    #[cfg(debug_assertions)]
    pub fn under(root: PathBuf) -> Self {
        Self { instead: Some(root.to_string_lossy().into_owned()) }
    }

    /// Reads a file that policy names, such as `ExtraCaFile`: regular, reached through no link, at most `limit` bytes, and
    /// written by administrators alone, as is every folder above it.
    ///
    /// # Errors
    /// [`Untrusted`], also when there is no such file.
    pub fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, Untrusted> {
        // Without a drive it would be a file of whatever drive this process stands on.
        if !path.is_absolute() {
            return Err(Untrusted::Elsewhere);
        }
        for place in path.ancestors().filter(|place| place.parent().is_some()) {
            let found = std::fs::symlink_metadata(place).map_err(Untrusted::Unreadable)?;
            if found.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT != 0 {
                return Err(Untrusted::Link);
            }
            if self.instead.is_none() {
                access::administrators_alone(place, place == path)?;
            }
        }
        bytes(open(path)?, limit)
    }

    fn key(&self, hive: &Open, path: &str) -> Result<Option<Open>, String> {
        let opened = match &self.instead {
            Some(instead) => CURRENT_USER.open(format!(r"{instead}\{path}")),
            None => hive.open(path),
        };
        match opened {
            Ok(key) => Ok(Some(key)),
            Err(error) if ABSENT.contains(&(error.code().0 as u32 & 0xffff)) => Ok(None),
            Err(error) => Err(unreadable(error)),
        }
    }
}

/// The machine's policy over this user's, and whether the machine has any, good or bad.
pub(crate) fn machine(roots: &Roots, pass: &mut Pass<'_>) -> (Vec<Layer>, bool) {
    let origin = |hive: &str| format!(r"{hive}\{KEY}");
    let held = key(roots.key(LOCAL_MACHINE, KEY), &origin("HKLM"), pass);
    let any = matches!(held, Held::Values(_) | Held::Bad);
    if let Ok(Some(misplaced)) = roots.key(LOCAL_MACHINE, MISPLACED)
        && says_more(&misplaced, roots.key(LOCAL_MACHINE, KEY).ok().flatten().as_ref())
    {
        let message = "is in the 32-bit view of the registry, which is not read: deploy it to the 64-bit view";
        pass.fault(fault::whole(&format!(r"HKLM\{MISPLACED}"), message));
    }
    let mut layers = Vec::new();
    if roots.instead.is_none()
        && let Held::Values(values) = key(roots.key(CURRENT_USER, KEY), &origin("HKCU"), pass)
    {
        layers.push(Layer { scope: Scope::User, ..Layer::machine(origin("HKCU"), Rank::Borrowed, values) });
    }
    if let Held::Values(values) = held {
        layers.push(Layer::machine(origin("HKLM"), Rank::Base, values));
    }
    (layers, any)
}

/// Whether a key has names that the other has not. Where Windows shares the two views it is one key, seen twice.
fn says_more(key: &Open, than: Option<&Open>) -> bool {
    let names = |key: &Open| -> BTreeSet<String> {
        let values = key.values().into_iter().flatten().map(|(name, _)| name);
        values.chain(key.keys().into_iter().flatten()).collect()
    };
    !names(key).is_subset(&than.map(names).unwrap_or_default())
}

/// The policy of VS Code, and where it is.
pub(crate) fn vscode(roots: &Roots, pass: &mut Pass<'_>) -> (PathBuf, Held) {
    let origin = format!(r"HKLM\{VSCODE}");
    let found = roots.key(LOCAL_MACHINE, VSCODE).and_then(|key| key.map(|key| raws(&key).map(registry::foreign)).transpose());
    let held = match found.transpose() {
        None => Held::Absent,
        Some(values) => pass.values(Path::new(&origin), values),
    };
    (origin.into(), held)
}

/// What has to be watched for it: keys are watched by their hive.
pub(crate) fn vscode_place(_: &Roots) -> Option<PathBuf> {
    None
}

/// What has to be watched to notice a change of the machine's policy: no file.
pub(crate) fn places(_: &Roots) -> Vec<PathBuf> {
    Vec::new()
}

/// The name of the user who is logged on, for the login hint only.
pub(crate) fn user() -> Option<String> {
    let name = std::env::var("USERNAME").ok()?;
    (!name.is_empty() && name.len() <= 256 && !crate::kinds::unshowable(&name)).then_some(name)
}

fn key(found: Result<Option<Open>, String>, origin: &str, pass: &mut Pass<'_>) -> Held {
    let variable = |name: &str| std::env::var(name).ok();
    let values = found.and_then(|key| key.map(|key| whole(&key)).transpose());
    match values.transpose() {
        None => Held::Absent,
        // A key that says nothing is what a policy leaves behind that is gone.
        Some(Ok(key)) if key.values.is_empty() && key.keys.is_empty() => Held::Absent,
        Some(key) => pass.values(Path::new(origin), key.map(|key| registry::values(key, variable))),
    }
}

fn whole(open: &Open) -> Result<Key, String> {
    let mut keys = BTreeMap::new();
    for name in open.keys().map_err(unreadable)? {
        let inner = open.open(&name).map_err(unreadable)?;
        keys.insert(name, raws(&inner)?);
    }
    Ok(Key { values: raws(open)?, keys })
}

fn raws(open: &Open) -> Result<Vec<(String, Raw)>, String> {
    let values = open.values().map_err(unreadable)?;
    Ok(values.map(|(name, value)| (name, raw(value))).collect())
}

fn raw(value: Value) -> Raw {
    if value.len() > VALUE_LIMIT {
        return Raw::Other;
    }
    match value.ty() {
        Type::String => String::try_from(value).map_or(Raw::Other, |text| Raw::Text(Secret::new(text))),
        Type::ExpandString => String::try_from(value).map_or(Raw::Other, |text| Raw::Expandable(Secret::new(text))),
        Type::MultiString => Vec::<String>::try_from(value).map_or(Raw::Other, |mut lines| {
            // The list ends with an empty text, and each text with a zero.
            while lines.last().is_some_and(String::is_empty) {
                lines.pop();
            }
            Raw::Lines(lines.into_iter().map(Secret::new).collect())
        }),
        Type::U32 | Type::U64 => u64::try_from(value).map_or(Raw::Other, Raw::Number),
        _ => Raw::Other,
    }
}

/// Reads a file that the person named, wherever it is and whoever owns it.
pub(crate) fn anywhere(path: &Path) -> Result<Content, Untrusted> {
    match File::open(path) {
        Ok(file) => bytes(file, LIMIT).map(Content::Bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Content::Absent),
        Err(error) => Err(Untrusted::Unreadable(error)),
    }
}

fn open(path: &Path) -> Result<File, Untrusted> {
    let opened = OpenOptions::new().read(true).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT).open(path);
    opened.map_err(Untrusted::Unreadable)
}

fn bytes(file: File, limit: usize) -> Result<Vec<u8>, Untrusted> {
    if !file.metadata().map_err(Untrusted::Unreadable)?.is_file() {
        return Err(Untrusted::NotRegular);
    }
    let mut bytes = Vec::new();
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(Untrusted::Unreadable)?;
    if bytes.len() > limit { Err(Untrusted::TooLarge) } else { Ok(bytes) }
}

fn unreadable(error: impl std::fmt::Display) -> String {
    format!("it cannot be read: {error}")
}
