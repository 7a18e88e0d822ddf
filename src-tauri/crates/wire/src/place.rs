//! Where the agent's files and the socket are. Client and agent look in the same order.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(test)]
mod tests;
#[cfg(windows)]
mod windows;

use std::path::{Path, PathBuf};

#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "macos")]
use macos as platform;
#[cfg(windows)]
use windows as platform;

use crate::User;

/// The longest path of a Unix socket with its closing zero: 108 bytes on Linux, 104 on macOS.
const SOCKET_PATH_LIMIT: usize = if cfg!(target_os = "macos") { 104 } else { 108 };

/// Whose customs decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Customs {
    /// The XDG base directories.
    #[default]
    Xdg,
    /// `~/Library/Application Support`.
    MacOs,
    /// `%LOCALAPPDATA%`, and a pipe.
    Windows,
}

/// The variables that decide, read once so that decisions are pure.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// The customs of this system.
    pub customs: Customs,
    /// `XDG_RUNTIME_DIR`.
    pub runtime: Option<PathBuf>,
    /// `XDG_STATE_HOME`.
    pub state: Option<PathBuf>,
    /// `XDG_DATA_HOME`; on Windows `LOCALAPPDATA`.
    pub data: Option<PathBuf>,
    /// `HOME`; on Windows `USERPROFILE`.
    pub home: Option<PathBuf>,
    /// The user, where the system tells.
    pub user: Option<User>,
}

impl Environment {
    /// As this process sees it. Relative values are ignored, as the XDG specification demands.
    pub fn current() -> Self {
        Self {
            user: User::current().ok(),
            ..platform::current(|name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute()))
        }
    }

    /// Status file, audit, pins, logs: `$XDG_STATE_HOME/lanyard`, or the one folder of the system's own.
    pub fn state_folder(&self) -> Option<PathBuf> {
        match self.customs {
            Customs::Xdg => self.under(&self.state, ".local/state"),
            _ => self.own_folder(),
        }
    }

    /// The vault: `$XDG_DATA_HOME/lanyard`, or the one folder of the system's own.
    pub fn data_folder(&self) -> Option<PathBuf> {
        match self.customs {
            Customs::Xdg => self.under(&self.data, ".local/share"),
            _ => self.own_folder(),
        }
    }

    /// The socket or pipe (LI-3, LI-8). Under XDG in the runtime folder, in `/run/user/<uid>`, or in the state folder
    /// where those are missing or too long; never in `/tmp`.
    pub fn socket(&self, exists: impl Fn(&Path) -> bool) -> Option<PathBuf> {
        match self.customs {
            Customs::Xdg => self.xdg_socket(exists),
            Customs::MacOs => Some(self.own_folder()?.join("run/lanyard.sock")).filter(|socket| fits(socket)),
            Customs::Windows => Some(format!(r"\\.\pipe\Lanyard.{}", self.user.as_ref()?).into()),
        }
    }

    fn xdg_socket(&self, exists: impl Fn(&Path) -> bool) -> Option<PathBuf> {
        let by_user = || self.user.as_ref().map(|user| PathBuf::from(format!("/run/user/{user}")));
        let runtime = self.runtime.clone().or_else(by_user).filter(|folder| exists(folder));
        let first = runtime.map(|folder| folder.join("lanyard/lanyard.sock")).filter(|socket| fits(socket));
        first.or_else(|| self.state_folder().map(|folder| folder.join("run/lanyard.sock")).filter(|socket| fits(socket)))
    }

    fn under(&self, chosen: &Option<PathBuf>, usual: &str) -> Option<PathBuf> {
        let base = chosen.clone().or_else(|| self.home.as_ref().map(|home| home.join(usual)))?;
        Some(base.join("lanyard"))
    }

    fn own_folder(&self) -> Option<PathBuf> {
        match self.customs {
            Customs::Windows => {
                let usual = || self.home.as_ref().map(|home| home.join("AppData").join("Local"));
                Some(self.data.clone().or_else(usual)?.join("Lanyard"))
            }
            _ => Some(self.home.as_ref()?.join("Library/Application Support/Lanyard")),
        }
    }
}

fn fits(socket: &Path) -> bool {
    socket.as_os_str().len() < SOCKET_PATH_LIMIT
}

/// The socket of this user's agent.
pub fn socket() -> Option<PathBuf> {
    Environment::current().socket(|path| path.is_dir())
}
