use std::io;
use std::path::Path;

use secret::private;

use crate::paths::Paths;

/// Whether this log-on has had its one time. The mark lives beside the socket, in the runtime folder, which goes with the
/// log-on.
pub(super) fn take_turn(paths: &Paths) -> io::Result<bool> {
    take(paths.socket.parent().unwrap_or(Path::new("/")))
}

fn take(runtime: &Path) -> io::Result<bool> {
    match private::create(&runtime.join("auto-sign-in")) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_on_has_one_turn() {
        let runtime = tempfile::tempdir().unwrap();
        assert!(take(runtime.path()).unwrap());
        assert!(!take(runtime.path()).unwrap());
    }
}
