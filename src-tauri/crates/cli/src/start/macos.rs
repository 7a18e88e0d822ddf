use std::process::Command;

use super::Variables;
pub(super) use super::asking::listens;
pub(super) use super::unix::detached;

/// The open descriptors of this process, by number.
pub(super) const DESCRIPTORS: &str = "/dev/fd";

/// Whether launchd took the order: it knows the LaunchAgent where the person is logged on at the screen.
pub(super) fn unit(variables: &Variables) -> bool {
    let mut launchctl = Command::new("/bin/launchctl");
    launchctl.arg("kickstart").arg(format!("gui/{}/{}", rustix::process::geteuid().as_raw(), super::LABEL));
    super::unix::ordered(launchctl, variables)
}
