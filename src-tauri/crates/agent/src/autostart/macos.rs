use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Autostart;
use super::launchd::{self, program};

const LABEL: &str = "dev.lanyard.agent";
const AGENT: &str = "Library/LaunchAgents/dev.lanyard.agent.plist";

/// A launch agent of the machine or of the person.
pub(super) fn found() -> Autostart {
    let home = env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    let places = [Some(Path::new("/").join(AGENT)), home.map(|home| home.join(AGENT))];
    let mut entries = places.into_iter().flatten().filter(|path| path.is_file()).map(|path| {
        let entry = path.display().to_string();
        match (off(), starts(&path)) {
            (true, _) => Autostart::SwitchedOff(entry),
            (false, true) => Autostart::Entered(entry),
            (false, false) => Autostart::Broken(entry),
        }
    });
    // launchd keeps one job of a name: the machine's decides, also where it starts nothing.
    entries.next().unwrap_or(Autostart::Absent)
}

/// Whether the program that a launch agent names is there; one that cannot be read is not judged. The system's own reader
/// understands every form of the file.
fn starts(agent: &Path) -> bool {
    let mut plutil = Command::new("/usr/bin/plutil");
    plutil.args(["-convert", "json", "-o", "-"]).arg(agent).stdin(Stdio::null()).stderr(Stdio::null());
    let said = plutil.output().ok().filter(|said| said.status.success());
    let job = said.and_then(|said| serde_json::from_slice::<serde_json::Value>(&said.stdout).ok());
    let program = job.and_then(|job| program(&job));
    program.is_none_or(|program| program.is_file())
}

/// Whether the person switched it off, which launchd remembers.
fn off() -> bool {
    let domain = format!("gui/{}", rustix::process::getuid().as_raw());
    let mut launchctl = Command::new("/bin/launchctl");
    launchctl.args(["print-disabled", &domain]).stdin(Stdio::null()).stderr(Stdio::null());
    launchctl.output().is_ok_and(|said| launchd::holds(&String::from_utf8_lossy(&said.stdout), LABEL))
}
