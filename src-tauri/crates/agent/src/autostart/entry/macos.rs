use std::path::{Path, PathBuf};
use std::{env, fs, io};

use super::WORD;

/// The folders of programs, of the machine and of a person.
pub(super) fn places() -> Vec<PathBuf> {
    let own = home().map(|home| home.join("Applications"));
    std::iter::once(PathBuf::from("/Applications")).chain(own).collect()
}

/// A launch agent of the person; whether there is room for it beside the machine's, as launchd keeps one job of a name.
pub(super) fn enter(program: &Path) -> io::Result<bool> {
    if Path::new("/Library/LaunchAgents/dev.lanyard.agent.plist").exists() {
        return Ok(false);
    }
    let folder = home().ok_or(io::ErrorKind::NotFound)?.join("Library/LaunchAgents");
    let program = escaped(program.to_str().ok_or(io::ErrorKind::InvalidInput)?);
    fs::create_dir_all(&folder)?;
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\"><dict><key>Label</key><string>dev.lanyard.agent</string>\
         <key>ProgramArguments</key><array><string>{program}</string><string>{WORD}</string></array>\
         <key>RunAtLoad</key><true/><key>LimitLoadToSessionType</key><string>Aqua</string></dict></plist>\n"
    );
    // Only an entry that starts nothing makes way: what starts something is not repaired.
    secret::private::write(&folder.join("dev.lanyard.agent.plist"), text.as_bytes())?;
    Ok(true)
}

/// The machine's entry decides: none of a person's hides it.
pub(super) fn uncover(_: &str) -> io::Result<bool> {
    Ok(false)
}

fn home() -> Option<PathBuf> {
    env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
