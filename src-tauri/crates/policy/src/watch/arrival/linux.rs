use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use inotify::{EventMask, EventOwned, EventStream, Inotify, WatchDescriptor, WatchMask};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::watch::files::Notice;

/// What can bring a folder, or take away the one that is watched for it.
const WANTED: WatchMask = WatchMask::CREATE
    .union(WatchMask::MOVED_TO)
    .union(WatchMask::DELETE_SELF)
    .union(WatchMask::MOVE_SELF)
    .union(WatchMask::ONLYDIR);

/// Room for some events; more come with the next reading.
const BUFFER: usize = 4096;

/// Folders whose arrival is awaited until this is dropped.
pub(in crate::watch) struct Arrival(JoinHandle<()>);

/// One folder that is watched, and the name that is awaited in it.
struct Await {
    watch: WatchDescriptor,
    name: OsString,
}

impl Arrival {
    /// Awaits each place, given with the deepest folder above it that exists. It must run within a tokio runtime.
    pub(in crate::watch) fn of(places: &[(PathBuf, PathBuf)], notices: &mpsc::Sender<Notice>) -> io::Result<Option<Self>> {
        if places.is_empty() {
            return Ok(None);
        }
        let inotify = Inotify::init()?;
        let mut awaited = Vec::new();
        for (folder, place) in places {
            let Some(name) = next(folder, place) else { continue };
            awaited.push(Await { watch: inotify.watches().add(folder, WANTED)?, name: name.to_owned() });
        }
        let events = inotify.into_event_stream(vec![0; BUFFER])?;
        Ok(Some(Self(tokio::spawn(follow(events, awaited, notices.clone())))))
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The first name below `folder` on the way to `place`.
fn next<'p>(folder: &Path, place: &'p Path) -> Option<&'p OsStr> {
    place.strip_prefix(folder).ok()?.components().next().map(|name| name.as_os_str())
}

async fn follow(mut events: EventStream<Vec<u8>>, awaited: Vec<Await>, notices: mpsc::Sender<Notice>) {
    while let Some(event) = events.next().await {
        // A full channel already says that something changed.
        let _ = match event {
            Ok(event) if matters(&event, &awaited) => notices.try_send(Notice::Changed),
            Ok(_) => continue,
            Err(error) => notices.try_send(Notice::Failed(error.to_string())),
        };
    }
}

/// Whether an event is one that was waited for; an overflow may have been one.
fn matters(event: &EventOwned, awaited: &[Await]) -> bool {
    let Some(name) = &event.name else { return !event.mask.contains(EventMask::IGNORED) };
    awaited.iter().any(|one| one.watch == event.wd && one.name == *name)
}
