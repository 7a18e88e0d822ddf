use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, thread};

use crate::arguments::Opening;

/// What Linux adds to the path of a program whose file was replaced while it runs.
const REPLACED: &str = " (deleted)";

/// Starts the window: this same program, found by no search path.
pub(super) fn window(opening: Opening, token: Option<String>) -> io::Result<()> {
    let mut command = Command::new(program(env::current_exe()?, Path::exists));
    command.args(opening.words()).envs(agent::display::variables()).stdin(Stdio::null()).stdout(Stdio::null());
    if let Some(token) = token {
        // Wayland and X11 each have a name for it.
        command.env("XDG_ACTIVATION_TOKEN", &token).env("DESKTOP_STARTUP_ID", &token);
    }
    let mut child = command.spawn()?;
    // Its end is awaited, so that the system can forget it.
    thread::Builder::new().name("window".into()).spawn(move || child.wait()).map(drop)
}

/// The program as an update left it.
fn program(own: PathBuf, exists: impl Fn(&Path) -> bool) -> PathBuf {
    let text = own.to_string_lossy();
    let fresh = text.strip_suffix(REPLACED).map(PathBuf::from);
    fresh.filter(|fresh| !exists(&own) && exists(fresh)).unwrap_or(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_updated_program_starts_its_new_file() {
        let path = |text: &str| PathBuf::from(text);
        let there = |known: &'static str| move |asked: &Path| asked == Path::new(known);
        assert_eq!(program(path("/usr/bin/tray"), there("/usr/bin/tray")), path("/usr/bin/tray"));
        assert_eq!(program(path("/usr/bin/tray (deleted)"), there("/usr/bin/tray")), path("/usr/bin/tray"));
        // A file may be called so.
        let odd = "/opt/tray (deleted)";
        assert_eq!(program(path(odd), there("/opt/tray (deleted)")), path(odd));
        assert_eq!(program(path(odd), |_| false), path(odd));
    }
}
