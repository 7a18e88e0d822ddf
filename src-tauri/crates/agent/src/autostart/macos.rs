use std::env;
use std::path::{Path, PathBuf};

use super::Autostart;

const AGENT: &str = "Library/LaunchAgents/dev.lanyard.agent.plist";

/// A launch agent of the machine or of the person. One that was switched off in the settings is not told apart: launchd
/// keeps that in files of its own.
pub(super) fn found() -> Autostart {
    let home = env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    let places = [Some(Path::new("/").join(AGENT)), home.map(|home| home.join(AGENT))];
    let found = places.into_iter().flatten().find(|path| path.is_file());
    found.map_or(Autostart::Absent, |path| Autostart::Entered(path.display().to_string()))
}
