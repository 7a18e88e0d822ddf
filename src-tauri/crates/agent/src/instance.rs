//! One agent for each user: a lock held for life beside the vault that it protects (LI-47).

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use secret::private;

/// Who holds the lock: on Windows nobody else can read a locked file.
const HOLDER: &str = "agent.pid";

/// The lock; the kernel releases it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Instance(#[expect(dead_code, reason = "held, never read")] File);

/// Why this process is not the one.
#[derive(Debug, thiserror::Error)]
pub enum NotTheOne {
    /// Another agent of this user runs.
    #[error("an agent of this user runs already{}", .0.map(|pid| format!(", process {pid}")).unwrap_or_default())]
    Running(Option<u32>),
    /// The lock cannot be had.
    #[error("the lock of the agent cannot be used")]
    Io(#[from] io::Error),
}

impl Instance {
    /// Takes the lock in `folder`.
    pub(crate) fn take(folder: &Path) -> Result<Self, NotTheOne> {
        let (file, holder) = (private::append(&folder.join("agent.lock"))?, folder.join(HOLDER));
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let text = private::read(&holder, 32).ok().flatten().unwrap_or_default();
                return Err(NotTheOne::Running(std::str::from_utf8(&text).ok().and_then(|text| text.parse().ok())));
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        private::write(&holder, std::process::id().to_string().as_bytes())?;
        Ok(Self(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_learns_who_the_first_is() {
        let folder = tempfile::tempdir().unwrap();
        let first = Instance::take(folder.path()).unwrap();
        match Instance::take(folder.path()) {
            Err(NotTheOne::Running(Some(pid))) => assert_eq!(pid, std::process::id()),
            other => panic!("{other:?}"),
        }
        drop(first);
        assert!(Instance::take(folder.path()).is_ok());
    }
}
