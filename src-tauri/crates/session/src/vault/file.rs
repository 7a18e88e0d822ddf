use std::io;
use std::path::PathBuf;

use secret::private;
use zeroize::Zeroizing;

use crate::debug::crash_point;

const LIMIT: u64 = 256 * 1024;

/// The user's own data folder.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    /// The content of a file, or none when it does not exist.
    pub(super) fn read(&self, name: &str) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        private::read(&self.0.join(name), LIMIT)
    }

    /// At every moment one whole file has the name.
    pub(super) fn replace(&self, name: &str, content: &[u8]) -> io::Result<()> {
        private::folder(&self.0)?;
        private::write_through(&self.0.join(name), content, &|step| crash_point(&format!("vault-{step}")))
    }

    pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<PathBuf> {
        let target = self.0.join(to);
        private::rename(&self.0.join(from), &target)?;
        Ok(target)
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        private::remove(&self.0.join(name))
    }
}
