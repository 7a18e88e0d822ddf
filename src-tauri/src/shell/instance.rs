use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use secret::private;

/// Its name in the folder of this user's state.
pub(super) const LOCK: &str = "tray.lock";

/// How soon a lock that is held is tried again.
const AGAIN: Duration = Duration::from_millis(100);

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
    /// Takes the lock in `folder`, which is made where it is missing; waits so long for whoever holds it.
    pub(super) fn take(folder: &Path, patience: Duration) -> Result<Self, NotTheOne> {
        private::folder(folder)?;
        let file = private::append(&folder.join(LOCK))?;
        let began = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::Error(error)) => return Err(error.into()),
                Err(TryLockError::WouldBlock) if began.elapsed() >= patience => return Err(NotTheOne::Running),
                Err(TryLockError::WouldBlock) => std::thread::sleep(AGAIN),
            }
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
        let first = Instance::take(&below, Duration::ZERO).unwrap();
        assert!(matches!(Instance::take(&below, Duration::ZERO), Err(NotTheOne::Running)));
        let waiting = std::thread::spawn(move || Instance::take(&below, Duration::from_secs(60)));
        drop(first);
        assert!(waiting.join().unwrap().is_ok());
    }
}
