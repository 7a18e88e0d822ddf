//! A process of its own, and orders to a service manager.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::fd::BorrowedFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::fs::OFlags;
use rustix::io::{FdFlags, fcntl_setfd};

use super::Variables;
use super::platform::DESCRIPTORS;

/// A longer log is set aside when an agent starts.
const LOG_LIMIT: u64 = 4 * 1024 * 1024;

/// Whether the service manager took the order.
pub(super) fn ordered(mut manager: Command, variables: &Variables) -> bool {
    manager.env_clear().envs(variables).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let (sender, receiver) = mpsc::channel();
    // A thread, because a service manager that hangs must not hold the caller.
    thread::spawn(move || sender.send(manager.status().is_ok_and(|status| status.success())));
    receiver.recv_timeout(Duration::from_secs(3)).unwrap_or(false)
}

/// Starts `program` in a session of its own, with these variables alone, no descriptor of this process (LI-52), and a
/// log in `folder`.
pub(super) fn detached(program: &Path, arguments: &[OsString], variables: &Variables, folder: Option<&Path>) -> io::Result<()> {
    close_on_exec()?;
    let log = || folder.map(log).transpose();
    let sink = |file: Option<File>| file.map_or_else(Stdio::null, Stdio::from);
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(variables).current_dir("/");
    command.stdin(Stdio::null()).stdout(sink(log()?)).stderr(sink(log()?));
    #[expect(unsafe_code, reason = "the standard library has no other way into a new session")]
    // SAFETY: between fork and exec only one system call is made, and nothing is allocated or locked.
    unsafe {
        command.pre_exec(|| rustix::process::setsid().map(|_| ()).map_err(io::Error::from));
    }
    let mut child = command.spawn()?;
    // It outlives this process as a rule; where it does not, it leaves no zombie.
    thread::spawn(move || child.wait());
    Ok(())
}

/// The agent's log, open for adding to it; one that is long is set aside first.
fn log(folder: &Path) -> io::Result<File> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let path = folder.join("agent.log");
    if fs::symlink_metadata(&path).is_ok_and(|found| found.len() > LOG_LIMIT) {
        fs::rename(&path, folder.join("agent.log.1"))?;
    }
    let no_links = OFlags::NOFOLLOW.bits() as i32;
    OpenOptions::new().append(true).create(true).mode(0o600).custom_flags(no_links).open(path)
}

/// Descriptors that this process inherited end with it: a caller's pipe must not be held open by an agent.
fn close_on_exec() -> io::Result<()> {
    let open: Vec<i32> = fs::read_dir(DESCRIPTORS)?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect();
    for number in open.into_iter().filter(|number| *number > 2) {
        #[expect(unsafe_code, reason = "an inherited descriptor is known by its number only")]
        // SAFETY: the number is used for this one call, which neither closes, reads nor writes; a number that was closed
        // meanwhile gives an error that is ignored.
        let descriptor = unsafe { BorrowedFd::borrow_raw(number) };
        let _ = fcntl_setfd(descriptor, FdFlags::CLOEXEC);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::time::Instant;

    use super::*;

    fn script(folder: &Path, body: &str) -> std::path::PathBuf {
        let path = folder.join("program");
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        path
    }

    fn lines(path: &Path) -> Vec<String> {
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let text = fs::read_to_string(path).unwrap_or_default();
            if text.ends_with("end\n") {
                return text.lines().map(str::to_owned).collect();
            }
            assert!(Instant::now() < until, "the program wrote {text:?}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn a_detached_agent_has_its_own_session_a_private_log_and_nothing_of_its_caller() {
        let folder = tempfile::tempdir().unwrap();
        let held = File::open("/etc/hostname").unwrap();
        // The test harness opens files close-on-exec; a caller's shell does not.
        fcntl_setfd(&held, FdFlags::empty()).unwrap();
        let body = "echo \"args $*\"; env; ls -l /proc/$$/fd | grep -c hostname; cut -d' ' -f1,6 /proc/$$/stat; pwd; echo end";
        let program = script(folder.path(), body);
        let variables = Variables::from([("PATH".into(), "/usr/bin:/bin".into()), ("MARK".into(), "yes".into())]);
        let logs = folder.path().join("state/log");
        detached(&program, &["run".into(), "x y".into()], &variables, Some(&logs)).unwrap();

        let log = logs.join("agent.log");
        let written = lines(&log);
        assert_eq!(written[0], "args run x y");
        assert!(written.contains(&"MARK=yes".to_owned()));
        assert!(!written.iter().any(|line| line.starts_with("CARGO")), "{written:?}");
        let [.., inherited, ids, pwd, _] = &written[..] else { panic!("{written:?}") };
        assert_eq!(inherited, "0");
        let (process, session) = ids.split_once(' ').unwrap();
        assert_eq!(process, session);
        assert_eq!(pwd, "/");
        assert_eq!(fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&logs).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_log_that_is_a_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/dev/null", folder.path().join("agent.log")).unwrap();
        assert!(log(folder.path()).is_err());
    }
}
