use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Read as _;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{CWD, Dir, FileType, Mode, OFlags, Stat, fstat, open, openat, readlinkat};
use rustix::io::Errno;

use super::json::LIMIT;
use super::platform::STEP;
use super::trust::{Content, Untrusted};

/// The most drop-ins of one folder.
const MOST_FILES: usize = 256;

/// Where the machine's places are, and who must own them.
#[derive(Clone, Debug)]
pub struct Roots {
    root: PathBuf,
    owner: u32,
}

impl From<Errno> for Untrusted {
    fn from(errno: Errno) -> Self {
        Self::Unreadable(errno.into())
    }
}

impl Roots {
    /// The system's own places, which only root can write.
    pub fn system() -> Self {
        Self { root: PathBuf::from("/"), owner: 0 }
    }

    /// The same places under a prefix that belongs to whoever runs this process: for tests of debug builds (LI-58).
    #[cfg(debug_assertions)]
    pub fn under(root: PathBuf) -> Self {
        Self { root, owner: rustix::process::geteuid().as_raw() }
    }

    /// The same places, believed only when somebody else owns them.
    #[cfg(test)]
    pub(crate) fn owned_by(self, owner: u32) -> Self {
        Self { owner, ..self }
    }

    /// Where one of the machine's places is.
    pub(crate) fn path(&self, place: impl AsRef<Path>) -> PathBuf {
        self.root.join(place)
    }

    /// Reads a file that policy names, such as `ExtraCaFile`, with the same checks as policy itself: owner, mode and kind of
    /// it and of every folder above it, no links, at most `limit` bytes.
    ///
    /// # Errors
    /// [`Untrusted`], also when there is no such file.
    pub fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, Untrusted> {
        if !path.is_absolute() {
            return Err(Untrusted::Elsewhere);
        }
        let inner = path.strip_prefix(&self.root).unwrap_or(path);
        let absent = || Untrusted::Unreadable(std::io::ErrorKind::NotFound.into());
        let name = inner.file_name().ok_or_else(absent)?;
        let folder = self.folder(inner.parent().unwrap_or(Path::new("")))?.ok_or_else(absent)?;
        match self.content(&folder, name, &self.root.join(inner), limit)? {
            Content::Bytes(bytes) => Ok(bytes),
            Content::Absent => Err(absent()),
            Content::Masked => Err(Untrusted::Link),
        }
    }

    /// Opens a folder of the machine, step by step, so that what was checked is what is read. `None` when it is absent: an
    /// absent folder cannot be distrusted.
    pub(crate) fn folder(&self, place: &Path) -> Result<Option<OwnedFd>, Untrusted> {
        let flags = STEP | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let mut path = self.root.clone();
        let mut folder = match open(&path, flags, Mode::empty()) {
            Ok(folder) => folder,
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(errno.into()),
        };
        let mut refusal = self.judge(&fstat(&folder)?, &path).err();
        let steps = place.components().filter_map(|step| match step {
            Component::Normal(name) => Some(name),
            _ => None,
        });
        for step in steps {
            path.push(step);
            // LI-54: no link anywhere on the way.
            folder = match openat(&folder, step, flags | OFlags::NOFOLLOW, Mode::empty()) {
                Ok(inner) => inner,
                Err(Errno::NOENT) => return Ok(None),
                Err(Errno::LOOP) => return Err(Untrusted::Link),
                Err(Errno::NOTDIR) => {
                    return Err(match readlinkat(&folder, step, Vec::new()) {
                        Ok(_) => Untrusted::Link,
                        Err(_) => Untrusted::NotFolder,
                    });
                }
                Err(errno) => return Err(errno.into()),
            };
            refusal = refusal.or(self.judge(&fstat(&folder)?, &path).err());
        }
        match refusal {
            Some(refusal) => Err(refusal),
            None => Ok(Some(folder)),
        }
    }

    /// The names in a folder that are policy files, in lexical order.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux has folders of policy"))]
    pub(crate) fn names(&self, folder: &OwnedFd) -> Result<Vec<OsString>, Untrusted> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let mut names = Vec::new();
        for entry in Dir::new(openat(folder, ".", flags, Mode::empty())?)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            let bytes = name.as_bytes();
            if bytes.ends_with(b".json") && !bytes.starts_with(b".") {
                names.push(name.to_owned());
            }
            if names.len() > MOST_FILES {
                return Err(Untrusted::TooMany);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// What stands at `name` in a folder that [`Roots::folder`] opened; `path` is the same for messages.
    pub(crate) fn content(&self, folder: &OwnedFd, name: &OsStr, path: &Path, limit: usize) -> Result<Content, Untrusted> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = match openat(folder, name, flags, Mode::empty()) {
            Ok(file) => file,
            Err(Errno::NOENT) => return Ok(Content::Absent),
            Err(Errno::LOOP) => {
                let target = readlinkat(folder, name, Vec::new())?;
                return match target.to_bytes() {
                    b"/dev/null" => Ok(Content::Masked),
                    _ => Err(Untrusted::Link),
                };
            }
            // Sockets cannot be opened at all.
            Err(Errno::NXIO) => return Err(Untrusted::NotRegular),
            Err(errno) => return Err(errno.into()),
        };
        let stat = fstat(&file)?;
        regular(&stat)?;
        self.judge(&stat, path)?;
        bytes(file, limit).map(Content::Bytes)
    }

    fn judge(&self, stat: &Stat, path: &Path) -> Result<(), Untrusted> {
        let path = || path.to_owned();
        if stat.st_uid != self.owner {
            return Err(Untrusted::Owner { path: path(), owner: stat.st_uid.to_string() });
        }
        let mode = Mode::from_raw_mode(stat.st_mode);
        if mode.intersects(Mode::WGRP | Mode::WOTH) {
            return Err(Untrusted::Writable { path: path(), mode: format!("{:o}", mode.as_raw_mode()) });
        }
        Ok(())
    }
}

/// Reads a file that the person named, wherever it is and whoever owns it.
pub(crate) fn anywhere(path: &Path) -> Result<Content, Untrusted> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = match openat(CWD, path, flags, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(Content::Absent),
        Err(errno) => return Err(errno.into()),
    };
    regular(&fstat(&file)?)?;
    bytes(file, LIMIT).map(Content::Bytes)
}

fn regular(stat: &Stat) -> Result<(), Untrusted> {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(()),
        _ => Err(Untrusted::NotRegular),
    }
}

fn bytes(file: OwnedFd, limit: usize) -> Result<Vec<u8>, Untrusted> {
    let size = usize::try_from(fstat(file.as_fd())?.st_size).unwrap_or(usize::MAX);
    if size > limit {
        return Err(Untrusted::TooLarge);
    }
    let mut bytes = Vec::with_capacity(size + 1);
    File::from(file).take(limit as u64 + 1).read_to_end(&mut bytes).map_err(Untrusted::Unreadable)?;
    if bytes.len() > limit {
        return Err(Untrusted::TooLarge);
    }
    Ok(bytes)
}
