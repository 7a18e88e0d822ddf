use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use windows_sys::Win32::Storage::FileSystem::{FILE_ATTRIBUTE_REPARSE_POINT, FILE_FLAG_OPEN_REPARSE_POINT};

/// What `%LOCALAPPDATA%` hands down: this user, the system and administrators. A link is opened itself, not followed.
pub(super) fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
    options
}

pub(super) fn ours(file: &File) -> io::Result<()> {
    let found = file.metadata()?;
    if !found.is_file() || found.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT != 0 {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is not a regular one"));
    }
    Ok(())
}

pub(super) fn folder(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

/// The file system keeps the order of its own journal; a folder cannot be flushed.
pub(super) fn settle(_: &Path) -> io::Result<()> {
    Ok(())
}
