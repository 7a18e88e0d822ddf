//! The two doors: what listens, and who gets in as far as the router.

mod connection;
mod loopback;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) use connection::Hall;
pub(crate) use loopback::keep;
pub(crate) use platform::{Listener, Socket, raise_descriptor_limit};
#[cfg(unix)]
use unix as platform;
#[cfg(windows)]
use windows as platform;

/// How much is served at once, and how long anybody is waited for (LI-17, LI-20).
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections over both doors.
    pub connections: usize,
    /// Connections that only get told why they are not served; beyond it they are closed without a word.
    pub turned_away: usize,
    /// How long a request's head may take, and how long a connection may rest between two requests.
    pub head: Duration,
    /// The longest head, bytes.
    pub head_bytes: usize,
    /// How long a body may take.
    pub body: Duration,
    /// How long a caller waits for the rooms behind.
    pub work: Duration,
    /// How long requests may take to end when a door closes.
    pub farewell: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 2_048,
            turned_away: 64,
            head: Duration::from_secs(10),
            head_bytes: 16 * 1024,
            body: Duration::from_secs(10),
            work: Duration::from_secs(60),
            farewell: Duration::from_secs(2),
        }
    }
}

/// Why the broker does not serve.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The system does not tell who this user is.
    #[error("the system does not tell who this user is")]
    User(#[source] io::Error),
    /// The socket's folder cannot be made or opened.
    #[error("the folder {path} for the socket could not be made or opened")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The folder is another user's or open to others (LI-2).
    #[error("the folder {0} for the socket must belong to this user and be open to nobody else (mode 0700)")]
    FolderOpen(PathBuf),
    /// The path is too long for a socket (LI-8).
    #[error("the socket's path {0} is longer than the system allows")]
    TooLong(PathBuf),
    /// Another agent listens there (LI-4).
    #[error("another agent serves {0}")]
    Served(PathBuf),
    /// Something is there, and whether it is alive is not clear (LI-4).
    #[error("something stands at {path}, and whether it is an agent is not clear")]
    Unclear {
        /// The socket.
        path: PathBuf,
        /// What connecting to it said.
        #[source]
        source: io::Error,
    },
    /// What is there is no socket of this user.
    #[error("what stands at {0} is not a socket of this user")]
    NotSocket(PathBuf),
    /// The socket cannot be made.
    #[error("the socket {path} could not be made")]
    Bind {
        /// The socket.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// After it was made, the socket was not what was made (LI-2).
    #[error("the socket {0} is not as it was made")]
    Changed(PathBuf),
}
