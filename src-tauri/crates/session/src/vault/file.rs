use std::io::{self, Read, Write};
use std::path::PathBuf;

use rustix::fs::{CWD, Mode, OFlags};
use zeroize::Zeroizing;

use crate::debug::crash_point;

const LIMIT: u64 = 256 * 1024;

/// The user's own data folder. Files in it are 0600, replaced atomically and never followed through a link.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    /// The content of a file, or none when it does not exist.
    pub(super) fn read(&self, name: &str) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        let opened =
            rustix::fs::openat(CWD, self.0.join(name), OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty());
        let file = match opened {
            Ok(file) => std::fs::File::from(file),
            Err(rustix::io::Errno::NOENT) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut content = Zeroizing::new(Vec::new());
        file.take(LIMIT).read_to_end(&mut content)?;
        Ok(Some(content))
    }

    /// Writes beside, flushes, renames, flushes the folder: at every moment one whole file has the name.
    pub(super) fn replace(&self, name: &str, content: &[u8]) -> io::Result<()> {
        self.make()?;
        let new = self.0.join(format!("{name}.new"));
        match std::fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let written = (|| {
            let mut file = std::fs::File::from(rustix::fs::openat(CWD, &new, flags, Mode::RUSR | Mode::WUSR)?);
            file.write_all(content)?;
            crash_point("vault-written");
            file.sync_all()
        })();
        if let Err(error) = written {
            // A half-written file of a full disk must not keep the disk full.
            let _ = std::fs::remove_file(&new);
            return Err(error);
        }
        crash_point("vault-flushed");
        std::fs::rename(&new, self.0.join(name))?;
        crash_point("vault-renamed");
        self.flush()
    }

    pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<PathBuf> {
        let target = self.0.join(to);
        std::fs::rename(self.0.join(from), &target)?;
        self.flush()?;
        Ok(target)
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        match std::fs::remove_file(self.0.join(name)) {
            Ok(()) => self.flush(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn make(&self) -> io::Result<()> {
        use std::os::unix::fs::DirBuilderExt;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0)
    }

    fn flush(&self) -> io::Result<()> {
        std::fs::File::open(&self.0)?.sync_all()
    }
}
