//! Whether an agent starts when the person logs on: reported by `lanyard doctor`, repaired by the tray.

#[cfg(any(target_os = "macos", test))]
mod disabled;
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

/// How it is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Autostart {
    /// By this entry.
    Entered(String),
    /// There is this entry, and it was switched off.
    SwitchedOff(String),
    /// There is this entry, and what it starts is not there.
    Broken(String),
    /// By nothing.
    Absent,
}

/// What the system has.
pub fn found() -> Autostart {
    platform::found()
}
