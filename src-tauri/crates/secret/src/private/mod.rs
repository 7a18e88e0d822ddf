//! Small files that are this user's alone: replaced atomically, never followed through a link. On Unix they have mode
//! 0600; on Windows they rest in the user's local data, whose access list they inherit.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

#[cfg(unix)]
use unix as platform;
#[cfg(windows)]
use windows as platform;
use zeroize::Zeroizing;

/// The whole file, at most `limit` bytes; `None` when there is none. A file that others may write, or that is not
/// this user's, is an error.
///
/// # Errors
/// When it cannot be read, or is not what this module writes.
pub fn read(path: &Path, limit: u64) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let file = match platform::options().read(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    platform::ours(&file)?;
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the file is longer than Lanyard writes it"));
    }
    Ok(Some(bytes))
}

/// Replaces the file: whoever reads it, and a crash at any moment, finds the old or the new one.
///
/// # Errors
/// When the file system refuses.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_through(path, bytes, &|_| {})
}

/// [`write`], telling each step as it is done: `written`, `flushed`, `renamed`.
///
/// # Errors
/// When the file system refuses; nothing half written is left.
pub fn write_through(path: &Path, bytes: &[u8], done: &dyn Fn(&str)) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let fresh = Path::new(&name);
    remove(fresh)?;
    let written = (|| {
        let mut file = create(fresh)?;
        file.write_all(bytes)?;
        done("written");
        file.sync_all()
    })();
    if let Err(error) = written {
        // A half-written file of a full disk must not keep the disk full.
        let _ = std::fs::remove_file(fresh);
        return Err(error);
    }
    done("flushed");
    std::fs::rename(fresh, path)?;
    done("renamed");
    settle(path)
}

/// Makes the file, which must not exist, for writing.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] above all.
pub fn create(path: &Path) -> io::Result<File> {
    platform::options().write(true).create_new(true).open(path)
}

/// The file, opened for adding at its end and made when it is not there.
///
/// # Errors
/// When it cannot be opened, or is not this user's alone.
pub fn append(path: &Path) -> io::Result<File> {
    let file = platform::options().append(true).create(true).open(path)?;
    platform::ours(&file)?;
    Ok(file)
}

/// Removes the file; it is no error when there is none.
///
/// # Errors
/// When the file system refuses.
pub fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Ok(()) => settle(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Gives the file another name in its folder.
///
/// # Errors
/// When the file system refuses.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::rename(from, to)?;
    settle(to)
}

/// Makes the folder, and those above it, for this user alone.
///
/// # Errors
/// When the file system refuses.
pub fn folder(path: &Path) -> io::Result<()> {
    platform::folder(path)
}

fn settle(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), platform::settle)
}

#[cfg(test)]
mod tests;
