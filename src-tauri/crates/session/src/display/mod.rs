//! The person's desktop, for what is started on it. An agent that the service manager or an MCP client started came before
//! the desktop, or was told nothing of it.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "macos")]
use macos as platform;
#[cfg(windows)]
use windows as platform;

/// Variables that lead a program to the person's desktop; none where this process's own do, or none is needed or known.
/// Waits for the service manager, a second at most.
pub fn variables() -> Vec<(String, String)> {
    platform::variables()
}

/// Whether there is a desktop to start a program on, by this process's own variables or by those. Waits as they do.
pub fn is_known() -> bool {
    platform::is_known()
}
