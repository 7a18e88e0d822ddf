//! One agent for each user: a lock held for life beside the vault that it protects (LI-47).

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use rustix::fs::{CWD, FlockOperation, Mode, OFlags};

/// The lock; the kernel releases it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Instance(#[expect(dead_code, reason = "held, never read")] File);

/// Why this process is not the one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTheOne {
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
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened =
            rustix::fs::openat(CWD, folder.join("agent.lock"), flags, Mode::RUSR | Mode::WUSR).map_err(io::Error::from)?;
        let mut file = File::from(opened);
        if rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut text = String::new();
            let _ = (&file).take(32).read_to_string(&mut text);
            return Err(NotTheOne::Running(text.trim().parse().ok()));
        }
        file.set_len(0)?;
        file.rewind()?;
        write!(file, "{}", std::process::id())?;
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
