use std::io;
use std::path::{Path, PathBuf};

use wire::place::Environment;

/// The agent's folders, made and private.
#[derive(Clone, Debug)]
pub(crate) struct Paths {
    /// Status file, audit, pins, logs.
    pub(crate) state: PathBuf,
    /// The vault and the lock of the one agent.
    pub(crate) data: PathBuf,
    /// The socket.
    pub(crate) socket: PathBuf,
}

impl Paths {
    /// Finds and makes them.
    ///
    /// # Errors
    /// When there is no home, or a folder cannot be made.
    pub(crate) fn make(environment: &Environment) -> io::Result<Self> {
        let nowhere = || io::Error::new(io::ErrorKind::NotFound, "there is no home folder");
        let paths = Self {
            state: environment.state_folder().ok_or_else(nowhere)?,
            data: environment.data_folder().ok_or_else(nowhere)?,
            socket: environment.socket(Path::is_dir).ok_or_else(nowhere)?,
        };
        for folder in [&paths.state, &paths.data] {
            secret::private::folder(folder)?;
        }
        Ok(paths)
    }
}
