use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use secret::private;

/// Its name in the folder of this user's state.
pub(super) const LOCK: &str = "tray.lock";

/// The lock of the one tray of this user; the kernel releases it with the process, and no bus is asked.
#[derive(Debug)]
pub(super) struct Instance(#[expect(dead_code, reason = "held, never read")] File);

/// Why this process is not the one.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotTheOne {
    /// Another tray of this user runs.
    #[error("a tray of this user runs already")]
    Running,
    /// The lock cannot be had.
    #[error("the lock of the tray cannot be used")]
    Io(#[from] io::Error),
}

impl Instance {
    /// Takes the lock in `folder`, which is made where it is missing.
    pub(super) fn take(folder: &Path) -> Result<Self, NotTheOne> {
        private::folder(folder)?;
        let file = private::append(&folder.join(LOCK))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(NotTheOne::Running),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_tray_has_the_lock_until_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("state/lanyard");
        let first = Instance::take(&below).unwrap();
        assert!(matches!(Instance::take(&below), Err(NotTheOne::Running)));
        drop(first);
        assert!(Instance::take(&below).is_ok());
    }
}
