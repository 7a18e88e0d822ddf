//! Files in the tree that a program writes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::process::{cargo, root, run, say, target};
use crate::tray;

/// A program that writes whole folders.
struct Generator {
    /// The folders of the tree, by their names under the folder that the program is given.
    folders: &'static [(&'static str, &'static str)],
    /// The words after `cargo` that run it; the folder is the last word, and in `LANYARD_GENERATED`.
    words: &'static [&'static str],
}

const GENERATORS: &[Generator] = &[
    Generator {
        folders: &[("completions", "packaging/completions"), ("man", "packaging/man"), ("docs", "docs")],
        words: &["run", "--quiet", "--package", "lanyard-cli", "--features", "generate", "--bin", "lanyard-generate", "--"],
    },
    Generator {
        folders: &[("policies", "policies"), ("docs", "docs")],
        words: &["run", "--quiet", "--package", "lanyard-admin", "--bin", "lanyard-policies", "--"],
    },
    // A test writes it, so that what derives schemas is in no released program. The last word, a filter, matches nothing.
    Generator {
        folders: &[("docs", "docs"), ("ui", "ui/src")],
        words: &["test", "--quiet", "--package", "lanyard-wire", "--lib", "--", "the_schema_is", "the_bindings_are"],
    },
    Generator {
        folders: &[("icons", "src-tauri/icons")],
        words: &["test", "--quiet", "--package", tray::PACKAGE, "--bin", tray::PACKAGE, "--", "the_icons_of_the_program"],
    },
];

/// Folders where generated files stand beside written ones, which are left alone.
const SHARED: [&str; 2] = ["docs", "ui/src"];

/// A folder's files by name.
type Folder = BTreeMap<String, Vec<u8>>;

/// Which generated files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All of them.
    Everything,
    /// Those that the catalogue of settings decides.
    Policies,
}

/// Writes generated files into the tree.
pub(crate) fn write(extent: Extent) -> Result<(), String> {
    for (place, fresh) in fresh(extent)? {
        let folder = root().join(place);
        let old = old(place, &fresh)?;
        fs::create_dir_all(&folder).map_err(|error| format!("{place}: {error}"))?;
        for name in stale(&fresh, &old) {
            let path = folder.join(&name);
            fs::create_dir_all(path.parent().unwrap_or(&folder)).map_err(|error| format!("{place}/{name}: {error}"))?;
            let done = match fresh.get(&name) {
                Some(content) => fs::write(&path, content),
                None => fs::remove_file(&path),
            };
            done.map_err(|error| format!("{place}/{name}: {error}"))?;
            say(&format!("Generated {place}/{name}"));
        }
    }
    Ok(())
}

/// Names what is stale.
pub(crate) fn check(extent: Extent) -> Result<(), String> {
    let mut all = Vec::new();
    for (place, fresh) in fresh(extent)? {
        all.extend(stale(&fresh, &old(place, &fresh)?).into_iter().map(|name| format!("{place}/{name}")));
    }
    match all.is_empty() {
        true => Ok(()),
        false => Err(format!("Stale; run `cargo xtask generate`: {}", all.join(", "))),
    }
}

/// What stands in the tree now.
fn old(place: &str, fresh: &Folder) -> Result<Folder, String> {
    let mut old = read(&root().join(place))?;
    if SHARED.contains(&place) {
        old.retain(|name, _| fresh.contains_key(name));
    }
    Ok(old)
}

fn fresh(extent: Extent) -> Result<Vec<(&'static str, Folder)>, String> {
    let out = target()?.join("generated");
    if out.exists() {
        fs::remove_dir_all(&out).map_err(|error| format!("{out:?}: {error}"))?;
    }
    let mut folders = Vec::new();
    let everything = extent == Extent::Everything;
    // What cannot be built here cannot be stale here.
    let tray = tray::missing().is_none();
    let wanted = |generator: &&Generator| {
        let names = |wanted: &str| generator.folders.iter().any(|(name, _)| *name == wanted);
        names("policies") || everything && (tray || !names("icons"))
    };
    for (number, generator) in GENERATORS.iter().filter(wanted).enumerate() {
        let out = out.join(number.to_string());
        run(cargo(generator.words).arg(&out).env("LANYARD_GENERATED", &out))?;
        for (name, place) in generator.folders {
            let folder = read(&out.join(name))?;
            if folder.is_empty() {
                return Err(format!("nothing was generated for {place}"));
            }
            folders.push((*place, folder));
        }
    }
    Ok(folders)
}

/// Every file below a folder, by its path from there.
fn read(folder: &Path) -> Result<Folder, String> {
    let fault = |error| format!("{folder:?}: {error}");
    let mut files = Folder::new();
    if !folder.exists() {
        return Ok(files);
    }
    for entry in fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match path.is_dir() {
            true => files.extend(read(&path)?.into_iter().map(|(inner, content)| (format!("{name}/{inner}"), content))),
            false => drop(files.insert(name, fs::read(&path).map_err(fault)?)),
        }
    }
    Ok(files)
}

/// The names that are missing, differ, or are of nobody any more.
fn stale(fresh: &Folder, old: &Folder) -> Vec<String> {
    let differ = fresh.iter().filter(|(name, content)| old.get(*name) != Some(content)).map(|(name, _)| name.clone());
    let gone = old.keys().filter(|name| !fresh.contains_key(*name)).cloned();
    differ.chain(gone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> Folder {
        files.iter().map(|(name, content)| ((*name).to_owned(), content.as_bytes().to_vec())).collect()
    }

    #[test]
    fn missing_changed_and_orphaned_files_are_stale() {
        let fresh = folder(&[("a", "1"), ("b", "2"), ("c", "3")]);
        assert_eq!(stale(&fresh, &folder(&[("b", "old"), ("c", "3"), ("d", "4")])), ["a", "b", "d"]);
        assert!(stale(&fresh, &fresh).is_empty());
    }
}
