use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{Config, Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use super::Hives;
use super::arrival::Arrival;

/// What a watched folder tells.
pub(super) enum Notice {
    /// Something that may be policy changed.
    Changed,
    /// The watcher itself is in trouble.
    Failed(String),
}

/// Folders that are being watched until this is dropped.
pub(super) struct Watched {
    /// Why some change may go unnoticed.
    pub(super) trouble: Option<String>,
    _watcher: Option<RecommendedWatcher>,
    _arrival: Option<Arrival>,
    _hives: Option<Hives>,
}

impl Watched {
    /// Watches the folders of `places`, and for those that are missing the deepest folder above each that exists.
    pub(super) fn arm(places: &[PathBuf], notices: &mpsc::Sender<Notice>) -> Self {
        let (hives, blind) = match Hives::watch(notices) {
            Ok(hives) => (Some(hives), None),
            Err(error) => (None, Some(error.to_string())),
        };
        match watch(places, notices) {
            Ok((watcher, arrival)) => Self { trouble: blind, _watcher: Some(watcher), _arrival: arrival, _hives: hives },
            Err(error) => Self { trouble: Some(error.to_string()), _watcher: None, _arrival: None, _hives: hives },
        }
    }
}

fn watch(places: &[PathBuf], notices: &mpsc::Sender<Notice>) -> notify::Result<(RecommendedWatcher, Option<Arrival>)> {
    let sender = notices;
    let notices = notices.clone();
    let interest = places.to_vec();
    let told = move |event: notify::Result<Event>| {
        // A full channel already says that something changed.
        let _ = match event {
            Ok(event) if matters(&event, &interest) => notices.try_send(Notice::Changed),
            Ok(_) => return,
            Err(error) => notices.try_send(Notice::Failed(error.to_string())),
        };
    };
    let mut watcher = RecommendedWatcher::new(told, Config::default())?;
    // A folder that appears while its parent is being armed is found on the next turn.
    let (mut watched, mut arrival) = ((BTreeSet::new(), Vec::new()), None);
    for turn in 0..4 {
        let found = folders(places);
        if turn > 0 && found == watched {
            break;
        }
        for folder in found.0.difference(&watched.0) {
            watcher.watch(folder, RecursiveMode::NonRecursive)?;
        }
        arrival = Arrival::of(&found.1, sender)?;
        watched = found;
    }
    Ok((watcher, arrival))
}

/// The folders of places, and the places whose folder is missing, each with the deepest folder above it.
fn folders(places: &[PathBuf]) -> (BTreeSet<PathBuf>, Vec<(PathBuf, PathBuf)>) {
    let (mut near, mut far) = (BTreeSet::new(), Vec::new());
    for place in places {
        let folder = deepest(place);
        // A file is watched by its folder, so that one that is replaced or comes back is seen.
        let own = if place.is_file() { place.parent() } else { Some(place.as_path()) };
        if own == Some(&folder) {
            near.insert(folder);
        } else {
            far.push((folder, place.clone()));
        }
    }
    (near, far)
}

/// The deepest existing folder at or above a place.
fn deepest(place: &Path) -> PathBuf {
    place.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("/")).to_owned()
}

/// Whether an event can mean that policy is different; reading alone never does.
fn matters(event: &Event, interest: &[PathBuf]) -> bool {
    let changes = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    };
    let near = |path: &PathBuf| interest.iter().any(|place| place.starts_with(path) || path.starts_with(place));
    event.need_rescan() || (changes && event.paths.iter().any(near))
}
