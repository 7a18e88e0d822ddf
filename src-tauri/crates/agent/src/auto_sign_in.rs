//! `AutoSignIn`: the browser opens once per log-on without a click.

use std::io;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags};

/// Whether this log-on has had its one time. The mark lives in the runtime folder, which goes with the log-on.
pub(crate) fn take_turn(runtime: &Path) -> io::Result<bool> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match rustix::fs::openat(CWD, runtime.join("auto-sign-in"), flags, Mode::RUSR | Mode::WUSR) {
        Ok(_) => Ok(true),
        Err(rustix::io::Errno::EXIST) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_on_has_one_turn() {
        let runtime = tempfile::tempdir().unwrap();
        assert!(take_turn(runtime.path()).unwrap());
        assert!(!take_turn(runtime.path()).unwrap());
    }
}
