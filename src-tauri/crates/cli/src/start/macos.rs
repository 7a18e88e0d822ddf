use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use wire::client::Client;

use super::Variables;
pub(super) use super::unix::detached;

/// The open descriptors of this process, by number.
pub(super) const DESCRIPTORS: &str = "/dev/fd";

/// Nothing announces a socket.
const LOOK: Duration = Duration::from_millis(50);

/// Whether launchd took the order: it knows the LaunchAgent where the person is logged on at the screen.
pub(super) fn unit(variables: &Variables) -> bool {
    let mut launchctl = Command::new("/bin/launchctl");
    launchctl.arg("kickstart").arg(format!("gui/{}/{}", rustix::process::geteuid().as_raw(), super::LABEL));
    super::unix::ordered(launchctl, variables)
}

/// Whether an agent listens at `socket` before `until`.
pub(super) fn listens(socket: &Path, until: Instant) -> bool {
    let client = Client::new(socket.into());
    loop {
        if client.is_running() {
            return true;
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        thread::sleep(left.min(LOOK));
    }
}
