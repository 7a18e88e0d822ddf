use std::path::PathBuf;

use notify::{Config, Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use crate::watch::files::Notice;

/// Folders whose arrival is awaited until this is dropped.
pub(in crate::watch) struct Arrival(#[expect(dead_code, reason = "held, never read")] RecommendedWatcher);

impl Arrival {
    /// Awaits each place, given with the deepest folder above it that exists.
    pub(in crate::watch) fn of(places: &[(PathBuf, PathBuf)], notices: &mpsc::Sender<Notice>) -> notify::Result<Option<Self>> {
        if places.is_empty() {
            return Ok(None);
        }
        let (notices, awaited) = (notices.clone(), places.to_vec());
        let told = move |event: notify::Result<Event>| {
            let on_the_way =
                |event: &Event| event.paths.iter().any(|path| awaited.iter().any(|(_, place)| place.starts_with(path)));
            // A full channel already says that something changed.
            let _ = match event {
                Ok(event) if on_the_way(&event) => notices.try_send(Notice::Changed),
                Ok(_) => return,
                Err(error) => notices.try_send(Notice::Failed(error.to_string())),
            };
        };
        let mut watcher = RecommendedWatcher::new(told, Config::default())?;
        for (folder, _) in places {
            watcher.watch(folder, RecursiveMode::NonRecursive)?;
        }
        Ok(Some(Self(watcher)))
    }
}
