use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::windows::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use secret::private;
use windows_sys::Win32::System::Threading::{CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW};

use super::Variables;
pub(super) use super::asking::listens;

/// A longer log is set aside when an agent starts.
const LOG_LIMIT: u64 = 4 * 1024 * 1024;

/// Windows has no service manager of a person.
pub(super) fn unit(_: &Variables) -> bool {
    false
}

/// Starts `program` without a window, with these variables alone, no handle of this process (LI-52), and a log in
/// `folder`.
pub(super) fn detached(program: &Path, arguments: &[OsString], variables: &Variables, folder: Option<&Path>) -> io::Result<()> {
    let log = || folder.map(log).transpose();
    let sink = |file: Option<File>| file.map_or_else(Stdio::null, Stdio::from);
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(variables).creation_flags(CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP);
    if let Some(root) = variables.get(std::ffi::OsStr::new("SYSTEMROOT")) {
        command.current_dir(root);
    }
    command.stdin(Stdio::null()).stdout(sink(log()?)).stderr(sink(log()?));
    command.spawn().map(drop)
}

/// The agent's log, open for adding to it; one that is long is set aside first.
fn log(folder: &Path) -> io::Result<File> {
    private::folder(folder)?;
    let path = folder.join("agent.log");
    if fs::symlink_metadata(&path).is_ok_and(|found| found.len() > LOG_LIMIT) {
        fs::rename(&path, folder.join("agent.log.1"))?;
    }
    private::append(&path)
}
