#[cfg(target_os = "linux")]
mod linux;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use tokio::sync::mpsc;

#[cfg(target_os = "linux")]
use linux as platform;

/// What a watched folder tells.
pub(super) enum Notice {
    /// Something that may be policy changed.
    Changed,
    /// The watcher itself is in trouble.
    Failed(String),
}

/// What a system's watcher saw.
enum Sight {
    /// This was written, came, went, or has other rights.
    At(PathBuf),
    /// More than could be told.
    Lost,
    /// Nothing more will be seen.
    Failed(io::Error),
}

/// Folders that are being watched until this is dropped.
pub(super) struct Watched {
    /// Why some change may go unnoticed.
    pub(super) trouble: Option<String>,
    _following: Option<platform::Following>,
}

impl Watched {
    /// Watches the folders of `places`, or the deepest folder above each that exists.
    pub(super) fn arm(places: &[PathBuf], notices: &mpsc::Sender<Notice>) -> Self {
        match watch(places, notices) {
            Ok(following) => Self { trouble: None, _following: Some(following) },
            Err(error) => Self { trouble: Some(error.to_string()), _following: None },
        }
    }
}

fn watch(places: &[PathBuf], notices: &mpsc::Sender<Notice>) -> io::Result<platform::Following> {
    let mut watcher = platform::Watcher::new()?;
    // A folder that appears while its parent is being armed is found on the next turn.
    let mut armed = BTreeSet::new();
    for _ in 0..4 {
        let folders: BTreeSet<_> = places.iter().map(|place| deepest(place)).collect();
        if folders == armed {
            break;
        }
        for folder in folders.difference(&armed) {
            watcher.watch(folder)?;
        }
        armed = folders;
    }
    let notices = notices.clone();
    let interest = places.to_vec();
    watcher.follow(move |sight| {
        // A full channel already says that something changed.
        let _ = match sight {
            Sight::At(path) if !near(&path, &interest) => return,
            Sight::At(_) | Sight::Lost => notices.try_send(Notice::Changed),
            Sight::Failed(error) => notices.try_send(Notice::Failed(error.to_string())),
        };
    })
}

/// The deepest existing folder at or above a place.
fn deepest(place: &Path) -> PathBuf {
    place.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("/")).to_owned()
}

/// Whether a change there can mean that policy is different.
fn near(path: &Path, interest: &[PathBuf]) -> bool {
    interest.iter().any(|place| place.starts_with(path) || path.starts_with(place))
}
