use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::json::LIMIT;
use super::memory::{Held, Pass};
use super::unix::Roots;
use super::{Content, plist};
use crate::fault::sentence;
use crate::layer::{Layer, Rank, Scope, Values};

const FOLDER: &str = "Library/Managed Preferences";
const FILE: &str = "dev.lanyard.agent.plist";
const VSCODE: &str = "com.microsoft.VSCode.plist";

/// The device's preferences over this user's, and whether there are any, good or bad. Only what management forces stands
/// in these folders, which belong to root.
pub(crate) fn machine(roots: &Roots, pass: &mut Pass<'_>) -> (Vec<Layer>, bool) {
    let device = file(roots, Path::new(FOLDER), FILE, pass);
    let any = matches!(device, Held::Values(_) | Held::Bad);
    let mut layers = Vec::new();
    if let Some(user) = user() {
        let folder = Path::new(FOLDER).join(user);
        if let Held::Values(values) = file(roots, &folder, FILE, pass) {
            let origin = roots.path(&folder).join(FILE).display().to_string();
            layers.push(Layer { scope: Scope::User, ..Layer::machine(origin, Rank::Borrowed, values) });
        }
    }
    if let Held::Values(values) = device {
        layers.push(Layer::machine(roots.path(FOLDER).join(FILE).display().to_string(), Rank::Base, values));
    }
    (layers, any)
}

/// The policy of VS Code, and where it is.
pub(crate) fn vscode(roots: &Roots, pass: &mut Pass<'_>) -> (PathBuf, Held) {
    (roots.path(FOLDER).join(VSCODE), file(roots, Path::new(FOLDER), VSCODE, pass))
}

/// What has to be watched for it: nothing that is not watched anyway.
pub(crate) fn vscode_place(_: &Roots) -> Option<PathBuf> {
    None
}

fn file(roots: &Roots, folder: &Path, name: &str, pass: &mut Pass<'_>) -> Held {
    let path = roots.path(folder).join(name);
    let content = match roots.folder(folder) {
        Ok(None) => return Held::Absent,
        Ok(Some(open)) => roots.content(&open, &OsString::from(name), &path, LIMIT),
        Err(error) => Err(error),
    };
    let values: Result<Arc<Values>, String> = match content {
        Ok(Content::Absent | Content::Masked) => return Held::Absent,
        Ok(Content::Bytes(bytes)) => plist::values(&bytes).map(Arc::new).map_err(|error| sentence(&error)),
        Err(error) => Err(sentence(&error)),
    };
    pass.values(&path, values.map(Arc::unwrap_or_clone))
}

/// What has to be watched to notice a change of the machine's policy.
pub(crate) fn places(roots: &Roots) -> Vec<PathBuf> {
    let user = user().map(|user| roots.path(FOLDER).join(user));
    std::iter::once(roots.path(FOLDER)).chain(user).collect()
}

/// The name of the user who is logged on.
pub(crate) fn user() -> Option<String> {
    let name = std::env::var("USER").ok()?;
    let plain = !name.is_empty() && name.len() <= 256 && !name.contains('/') && name != "." && name != "..";
    (plain && !crate::kinds::unshowable(&name)).then_some(name)
}
