use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Autostart, disabled, first};

const LABEL: &str = "dev.lanyard.agent";
const AGENT: &str = "Library/LaunchAgents/dev.lanyard.agent.plist";

/// A launch agent of the machine or of the person.
pub(super) fn found() -> Autostart {
    let home = env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    let places = [Some(Path::new("/").join(AGENT)), home.map(|home| home.join(AGENT))];
    let entries = places.into_iter().flatten().filter(|path| path.is_file()).map(|path| {
        let entry = path.display().to_string();
        match (off(), starts(&path)) {
            (true, _) => Autostart::SwitchedOff(entry),
            (false, true) => Autostart::Entered(entry),
            (false, false) => Autostart::Broken(entry),
        }
    });
    first(entries)
}

/// Whether the program that a launch agent names is there. The system's own reader understands every form of the file.
fn starts(agent: &Path) -> bool {
    let mut plutil = Command::new("/usr/bin/plutil");
    plutil.args(["-extract", "ProgramArguments.0", "raw", "-o", "-"]).arg(agent).stdin(Stdio::null()).stderr(Stdio::null());
    plutil.output().is_ok_and(|said| Path::new(String::from_utf8_lossy(&said.stdout).trim()).is_file())
}

/// Whether the person switched it off, which launchd remembers.
fn off() -> bool {
    let domain = format!("gui/{}", rustix::process::getuid().as_raw());
    let mut launchctl = Command::new("/bin/launchctl");
    launchctl.args(["print-disabled", &domain]).stdin(Stdio::null()).stderr(Stdio::null());
    launchctl.output().is_ok_and(|said| disabled::holds(&String::from_utf8_lossy(&said.stdout), LABEL))
}
