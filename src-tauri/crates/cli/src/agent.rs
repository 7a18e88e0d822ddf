//! Stands where the crate `agent` will: the same two signatures, so that every verb but `run` is whole.

use std::io::{self, Write};
use std::path::PathBuf;

pub(crate) struct Options {
    pub(crate) policy_file: Option<PathBuf>,
    pub(crate) socket: Option<PathBuf>,
}

pub(crate) fn run(options: Options) -> u8 {
    let Options { policy_file: _policy, socket: _socket } = options;
    let _ = writeln!(io::stderr(), "This build has no agent.");
    1
}

pub(crate) mod browser {
    use std::io;

    pub(crate) fn open(_: &str) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
