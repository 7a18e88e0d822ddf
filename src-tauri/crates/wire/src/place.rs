//! Where the agent's files and the socket are. Client and agent look in the same order.

use std::path::{Path, PathBuf};

/// The longest path of a Unix socket with its closing zero: 108 bytes on Linux.
const SOCKET_PATH_LIMIT: usize = 108;

/// The variables that decide, read once so that decisions are pure.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `XDG_RUNTIME_DIR`.
    pub runtime: Option<PathBuf>,
    /// `XDG_STATE_HOME`.
    pub state: Option<PathBuf>,
    /// `XDG_DATA_HOME`.
    pub data: Option<PathBuf>,
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// The user's id.
    pub uid: u32,
}

impl Environment {
    /// As this process sees it. Relative values are ignored, as the XDG specification demands.
    pub fn current() -> Self {
        let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        Self {
            runtime: absolute("XDG_RUNTIME_DIR"),
            state: absolute("XDG_STATE_HOME"),
            data: absolute("XDG_DATA_HOME"),
            home: absolute("HOME"),
            uid: rustix::process::getuid().as_raw(),
        }
    }

    /// `$XDG_STATE_HOME/lanyard`: status file, audit, pins, logs.
    pub fn state_folder(&self) -> Option<PathBuf> {
        self.under(&self.state, ".local/state")
    }

    /// `$XDG_DATA_HOME/lanyard`: the vault.
    pub fn data_folder(&self) -> Option<PathBuf> {
        self.under(&self.data, ".local/share")
    }

    /// The folder that holds the socket (LI-8): the runtime folder, `/run/user/<uid>`, or the state folder
    /// where those are missing or too long. Never `/tmp` (LI-3).
    pub fn socket_folder(&self, exists: impl Fn(&Path) -> bool) -> Option<PathBuf> {
        let fits = |folder: &PathBuf| folder.join("lanyard.sock").as_os_str().len() < SOCKET_PATH_LIMIT;
        let by_uid = PathBuf::from(format!("/run/user/{}", self.uid));
        let runtime = match &self.runtime {
            Some(runtime) => Some(runtime.clone()),
            None => Some(by_uid),
        };
        let first = runtime.filter(|folder| exists(folder)).map(|folder| folder.join("lanyard")).filter(|folder| fits(folder));
        first.or_else(|| self.state_folder().map(|folder| folder.join("run")).filter(|folder| fits(folder)))
    }

    fn under(&self, chosen: &Option<PathBuf>, usual: &str) -> Option<PathBuf> {
        let base = chosen.clone().or_else(|| self.home.as_ref().map(|home| home.join(usual)))?;
        Some(base.join("lanyard"))
    }
}

/// The socket of this user's agent.
pub fn socket() -> Option<PathBuf> {
    let folder = Environment::current().socket_folder(|path| path.is_dir())?;
    Some(folder.join("lanyard.sock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(runtime: Option<&str>) -> Environment {
        Environment { runtime: runtime.map(Into::into), home: Some("/home/ada".into()), uid: 1000, ..Environment::default() }
    }

    #[test]
    fn the_socket_has_three_places_in_order() {
        let long = format!("/{}", "x".repeat(120));
        let table: [(Environment, &[&str], &str); 4] = [
            (environment(Some("/run/user/1000")), &["/run/user/1000"], "/run/user/1000/lanyard"),
            (environment(None), &["/run/user/1000"], "/run/user/1000/lanyard"),
            (environment(None), &[], "/home/ada/.local/state/lanyard/run"),
            (environment(Some(&long)), &[&long], "/home/ada/.local/state/lanyard/run"),
        ];
        for (environment, existing, expected) in table {
            let found = environment.socket_folder(|path| existing.iter().any(|one| Path::new(one) == path));
            assert_eq!(found, Some(PathBuf::from(expected)));
        }
    }

    #[test]
    fn no_place_is_better_than_a_bad_one() {
        let nowhere = Environment { home: Some(format!("/{}", "h".repeat(120)).into()), ..environment(None) };
        assert_eq!(nowhere.socket_folder(|_| false), None);
    }
}
