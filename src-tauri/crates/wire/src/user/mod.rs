//! A user as the operating system knows one.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::fmt;
use std::io;

#[cfg(unix)]
use unix as platform;
#[cfg(windows)]
use windows as platform;
#[cfg(windows)]
pub use windows::{log_on, of_process, owner_of};

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum User {
    /// A user id of Unix.
    Id(u32),
    /// A security identifier of Windows, in its text form (`S-1-5-21-...`).
    Sid(String),
}

impl User {
    /// The user whom this process acts for.
    ///
    /// # Errors
    /// On Windows, when the process' own token cannot be read.
    pub fn current() -> io::Result<Self> {
        platform::current()
    }
}

impl From<u32> for User {
    fn from(id: u32) -> Self {
        Self::Id(id)
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Sid(sid) => sid.fmt(f),
        }
    }
}
