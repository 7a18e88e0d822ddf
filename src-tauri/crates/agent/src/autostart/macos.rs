use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Autostart, disabled};

const LABEL: &str = "dev.lanyard.agent";
const AGENT: &str = "Library/LaunchAgents/dev.lanyard.agent.plist";

/// A launch agent of the machine or of the person.
pub(super) fn found() -> Autostart {
    let home = env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    let places = [Some(Path::new("/").join(AGENT)), home.map(|home| home.join(AGENT))];
    match places.into_iter().flatten().find(|path| path.is_file()) {
        None => Autostart::Absent,
        Some(path) if off() => Autostart::SwitchedOff(path.display().to_string()),
        Some(path) => Autostart::Entered(path.display().to_string()),
    }
}

/// Whether the person switched it off, which launchd remembers.
fn off() -> bool {
    let domain = format!("gui/{}", rustix::process::getuid().as_raw());
    let mut launchctl = Command::new("/bin/launchctl");
    launchctl.args(["print-disabled", &domain]).stdin(Stdio::null()).stderr(Stdio::null());
    launchctl.output().is_ok_and(|said| disabled::holds(&String::from_utf8_lossy(&said.stdout), LABEL))
}
