use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::json::LIMIT;
use super::memory::{Held, Pass};
use super::unix::Roots;
use crate::layer::{Layer, Rank};

/// How a folder on the way is opened: to be looked at and passed through, not to be listed.
pub(super) const STEP: OFlags = OFlags::PATH;

const VENDOR: &str = "usr/lib/lanyard/policy.d";
const MAIN: &str = "etc/lanyard";
const MAIN_FILE: &str = "policy.json";
const DROP_INS: &str = "etc/lanyard/policy.d";
const VSCODE: &str = "etc/vscode";

/// The machine's policy, the weakest first, and whether there is any, good or bad.
pub(crate) fn machine(roots: &Roots, pass: &mut Pass<'_>) -> (Vec<Layer>, bool) {
    let mut vendor = drop_ins(roots, VENDOR, pass);
    let main = file(roots, Path::new(MAIN), OsStr::new(MAIN_FILE), pass);
    let drop_ins = drop_ins(roots, DROP_INS, pass);

    let exists = |held: &Held| matches!(held, Held::Values(_) | Held::Bad);
    let any = vendor.values().chain(drop_ins.values()).chain([&main]).any(exists);

    // A file of the same name replaces the packager's, and so does a mask; a bad one says nothing yet.
    vendor.retain(|name, _| !matches!(drop_ins.get(name), Some(Held::Values(_) | Held::Masked)));
    let mut layers = Vec::new();
    let mut add = |place: &str, name: &OsStr, rank, held: &Held| {
        if let Held::Values(values) = held {
            let path = roots.path(place).join(name);
            layers.push(Layer::machine(path.display().to_string(), rank, values.clone()));
        }
    };
    for (name, held) in &vendor {
        add(VENDOR, name, Rank::Base, held);
    }
    add(MAIN, OsStr::new(MAIN_FILE), Rank::Base, &main);
    for (name, held) in &drop_ins {
        add(DROP_INS, name, Rank::DropIn, held);
    }
    (layers, any)
}

/// One file of the machine.
fn file(roots: &Roots, place: &Path, name: &OsStr, pass: &mut Pass<'_>) -> Held {
    let folder = roots.path(place);
    let path = folder.join(name);
    match roots.folder(place) {
        Ok(None) => Held::Absent,
        Ok(Some(open)) => pass.file(&path, roots.content(&open, name, &path, LIMIT)),
        Err(error) => {
            let kept = pass.folder(&folder, &error);
            match kept.into_iter().find(|(file, _)| *file == path) {
                Some((_, values)) => Held::Values(values),
                None => Held::Bad,
            }
        }
    }
}

fn drop_ins(roots: &Roots, place: &str, pass: &mut Pass<'_>) -> BTreeMap<OsString, Held> {
    let folder = roots.path(place);
    let listed = roots.folder(Path::new(place)).and_then(|open| open.map(|open| Ok((roots.names(&open)?, open))).transpose());
    match listed {
        Ok(None) => BTreeMap::new(),
        Ok(Some((names, open))) => names
            .into_iter()
            .map(|name| {
                let path = folder.join(&name);
                let held = pass.file(&path, roots.content(&open, &name, &path, LIMIT));
                (name, held)
            })
            .collect(),
        Err(error) => {
            let kept = pass.folder(&folder, &error);
            let doubt = kept.is_empty().then(|| (OsString::new(), Held::Bad));
            kept.into_iter()
                .filter_map(|(file, values)| Some((file.file_name()?.to_owned(), Held::Values(values))))
                .chain(doubt)
                .collect()
        }
    }
}

/// What has to be watched to notice a change of the machine's policy.
pub(crate) fn places(roots: &Roots) -> Vec<PathBuf> {
    [VENDOR, MAIN, DROP_INS].iter().map(|place| roots.path(place)).collect()
}

/// The policy of VS Code, and where it is.
pub(crate) fn vscode(roots: &Roots, pass: &mut Pass<'_>) -> (PathBuf, Held) {
    let held = file(roots, Path::new(VSCODE), OsStr::new(MAIN_FILE), pass);
    (roots.path(VSCODE).join(MAIN_FILE), held)
}

/// What has to be watched for it.
pub(crate) fn vscode_place(roots: &Roots) -> Option<PathBuf> {
    Some(roots.path(VSCODE))
}

/// The name of the user who is logged on, for the login hint only.
pub(crate) fn user() -> Option<String> {
    ["USER", "LOGNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok())
        .filter(|name| !name.is_empty() && name.len() <= 256 && !crate::kinds::unshowable(name))
}
