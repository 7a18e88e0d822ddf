use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

const NO_FOLLOW: i32 = libc::O_NOFOLLOW | libc::O_NONBLOCK;

pub(super) fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600).custom_flags(NO_FOLLOW);
    options
}

pub(super) fn ours(file: &File) -> io::Result<()> {
    let found = file.metadata()?;
    #[expect(unsafe_code, reason = "the standard library does not tell the user")]
    // SAFETY: the call takes nothing and cannot fail (geteuid(2)).
    let own = unsafe { libc::geteuid() };
    if !found.is_file() || found.uid() != own || found.mode() & 0o077 != 0 {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is not this user's alone"));
    }
    Ok(())
}

pub(super) fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// A name in a folder is on the disk once the folder is.
pub(super) fn settle(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
