//! inotify(7), asked for changes alone: `/etc` is opened and read all day, and each event would wake the agent.

use std::ffi::OsStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::task::JoinHandle;

use super::Sight;

const CHANGES: WatchFlags = WatchFlags::ATTRIB
    .union(WatchFlags::CREATE)
    .union(WatchFlags::CLOSE_WRITE)
    .union(WatchFlags::MOVE)
    .union(WatchFlags::DELETE)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF);

/// Folders that are watched; nothing is told yet.
pub(super) struct Watcher {
    inotify: OwnedFd,
    // A list, because two paths may lead to one folder.
    folders: Vec<(i32, PathBuf)>,
}

/// Tells until it is dropped.
pub(super) struct Following(JoinHandle<()>);

impl Drop for Following {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Watcher {
    /// One that watches nothing.
    pub(super) fn new() -> io::Result<Self> {
        let inotify = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        Ok(Self { inotify, folders: Vec::new() })
    }

    /// Adds a folder, without what is in its folders.
    pub(super) fn watch(&mut self, folder: &Path) -> io::Result<()> {
        let watch = inotify::add_watch(&self.inotify, folder, CHANGES | WatchFlags::ONLYDIR)?;
        self.folders.push((watch, folder.to_owned()));
        Ok(())
    }

    /// Tells what changes from when it was added. Needs a tokio runtime.
    pub(super) fn follow(self, tell: impl Fn(Sight) + Send + 'static) -> io::Result<Following> {
        let Self { inotify, folders } = self;
        let inotify = AsyncFd::with_interest(inotify, Interest::READABLE)?;
        let task = tokio::spawn(async move {
            loop {
                let seen = inotify.readable().await.and_then(|mut ready| {
                    drain(inotify.get_ref(), &folders, &tell)?;
                    ready.clear_ready();
                    Ok(())
                });
                if let Err(error) = seen {
                    return tell(Sight::Failed(error));
                }
            }
        });
        Ok(Following(task))
    }
}

/// Tells everything that is there.
fn drain(inotify: &OwnedFd, folders: &[(i32, PathBuf)], tell: &impl Fn(Sight)) -> io::Result<()> {
    let mut buffer = [MaybeUninit::uninit(); 4096];
    let mut events = inotify::Reader::new(inotify, &mut buffer);
    loop {
        let event = match events.next() {
            Ok(event) => event,
            Err(Errno::WOULDBLOCK) => return Ok(()),
            Err(Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        };
        if event.events().contains(ReadFlags::QUEUE_OVERFLOW) {
            tell(Sight::Lost);
        }
        for (_, folder) in folders.iter().filter(|(watch, _)| *watch == event.wd()) {
            let path = match event.file_name() {
                Some(name) => folder.join(OsStr::from_bytes(name.to_bytes())),
                None => folder.clone(),
            };
            tell(Sight::At(path));
        }
    }
}
