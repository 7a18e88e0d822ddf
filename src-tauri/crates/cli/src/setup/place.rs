//! Where each client keeps its user's configuration: pure, by what surrounds it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::os::Os;

/// What decides where files are.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    pub(crate) os: Os,
    pub(crate) home: Option<PathBuf>,
    pub(crate) variables: BTreeMap<String, String>,
}

/// A place, as clients choose theirs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// Below the home folder on every system.
    Home(&'static str),
    /// In a folder that a variable names, and else below the home folder.
    Named(&'static str, &'static str, &'static str),
    /// In the system's folder for configuration: `XDG_CONFIG_HOME` on Linux, `Application Support` on macOS, `APPDATA`
    /// on Windows.
    Config(&'static str),
    /// The same, but for macOS as on Linux.
    Xdg(&'static str, &'static str),
}

impl Surroundings {
    /// As this process sees them.
    pub(crate) fn current() -> Self {
        let variables: BTreeMap<String, String> = std::env::vars().collect();
        let home = ["HOME", "USERPROFILE"].iter().find_map(|name| variables.get(*name)).map(PathBuf::from);
        Self { os: Os::current(), home: home.filter(|home| home.is_absolute()), variables }
    }

    /// The file at a place.
    pub(crate) fn file(&self, place: Place) -> Option<PathBuf> {
        let home = self.home.as_deref();
        let named =
            |name: &str| self.variables.get(name).map(PathBuf::from).filter(|path| path.is_absolute() || self.os == Os::Windows);
        let xdg = || named("XDG_CONFIG_HOME").or_else(|| Some(home?.join(".config")));
        let appdata = || named("APPDATA").or_else(|| Some(home?.join("AppData").join("Roaming")));
        match (place, self.os) {
            (Place::Home(path), _) => Some(home?.join(path)),
            (Place::Named(variable, inside, path), _) => {
                named(variable).map(|folder| folder.join(inside)).or_else(|| Some(home?.join(path)))
            }
            (Place::Config(path), Os::Linux) | (Place::Xdg(path, _), Os::Linux) => Some(xdg()?.join(path)),
            (Place::Config(path), Os::Macos) => Some(home?.join("Library/Application Support").join(path)),
            (Place::Xdg(path, _), Os::Macos) => Some(home?.join(".config").join(path)),
            (Place::Config(path), Os::Windows) | (Place::Xdg(_, path), Os::Windows) => Some(appdata()?.join(path)),
        }
    }

    /// A program that can be started by its name.
    pub(crate) fn program(&self, name: &str, exists: impl Fn(&Path) -> bool) -> Option<PathBuf> {
        let (separator, suffixes): (char, &[&str]) = match self.os {
            Os::Windows => (';', &[".exe", ".cmd"]),
            _ => (':', &[""]),
        };
        let folders = self.variables.get("PATH").map(String::as_str).unwrap_or_default().split(separator);
        let mut candidates = folders
            .filter(|folder| !folder.is_empty())
            .flat_map(|folder| suffixes.iter().map(move |suffix| Path::new(folder).join(format!("{name}{suffix}"))));
        candidates.find(|path| exists(path))
    }
}

/// Paths are joined as the system does that runs this; the snapshot is of Unix.
#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::setup::CLIENTS;

    #[test]
    fn every_client_has_its_place_on_every_system() {
        let around = |os, home: &str, variables: &[(&str, &str)]| Surroundings {
            os,
            home: Some(home.into()),
            variables: variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        };
        let worlds = [
            ("linux", around(Os::Linux, "/home/ada", &[])),
            (
                "linux, moved",
                around(
                    Os::Linux,
                    "/home/ada",
                    &[("XDG_CONFIG_HOME", "/cfg"), ("CODEX_HOME", "/codex"), ("CLAUDE_CONFIG_DIR", "/claude")],
                ),
            ),
            ("linux, relative", around(Os::Linux, "/home/ada", &[("XDG_CONFIG_HOME", "cfg"), ("CODEX_HOME", "codex")])),
            ("macos", around(Os::Macos, "/Users/ada", &[("XDG_CONFIG_HOME", "/cfg")])),
            ("windows", around(Os::Windows, "C:/Users/ada", &[("APPDATA", "C:/Users/ada/AppData/Roaming")])),
        ];
        let mut lines = Vec::new();
        for (name, world) in &worlds {
            for client in CLIENTS {
                lines.push(format!("{name}: {}: {}", client.name, world.file(client.place).unwrap().display()));
            }
        }
        insta::assert_snapshot!(lines.join("\n"));
        assert!(Surroundings { home: None, ..worlds[0].1.clone() }.file(CLIENTS[0].place).is_none());
    }
}
