//! A client's file on disk.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Fault;

/// The text of a file; none where there is none.
pub(super) fn read(path: &Path) -> Result<Option<String>, Fault> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(fault(path, error)),
    }
}

/// Replaces a file at once: whoever reads it sees the old text or the new one. A link stays a link, and its mode stays;
/// a new file is its owner's alone, because it may hold a key.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Fault> {
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("/"));
    let done = (|| {
        fs::create_dir_all(folder)?;
        let mut new = tempfile::Builder::new().prefix(".lanyard-").tempfile_in(folder)?;
        if let Ok(old) = fs::metadata(path) {
            new.as_file().set_permissions(old.permissions())?;
        }
        new.write_all(text.as_bytes())?;
        new.as_file().sync_all()?;
        new.persist(path).map_err(|error| error.error)?;
        Ok(())
    })();
    done.map_err(|error| fault(path, error))
}

/// Removes a file.
pub(super) fn remove(path: &Path) -> Result<(), Fault> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(fault(path, error)),
        _ => Ok(()),
    }
}

/// Where the backup of a file stands: beside it.
pub(super) fn backup(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".before-lanyard");
    path.with_file_name(name)
}

fn fault(path: &Path, error: io::Error) -> Fault {
    Fault::File(path.display().to_string(), error)
}
