//! Whether an agent starts when the person logs on: reported by `lanyard doctor`, and repaired by it and by the tray.

#[cfg(any(windows, test))]
mod command;
mod entry;
#[cfg(any(target_os = "macos", test))]
mod launchd;
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

pub use entry::{WORD, repair};

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

/// What several entries come to, in the order in which the system looks at them: the first that starts something decides.
#[cfg(windows)]
fn first(entries: impl Iterator<Item = Autostart>) -> Autostart {
    let mut broken = None;
    for entry in entries {
        match entry {
            Autostart::Broken(_) => broken = broken.or(Some(entry)),
            Autostart::Absent => {}
            Autostart::Entered(_) | Autostart::SwitchedOff(_) => return entry,
        }
    }
    broken.unwrap_or(Autostart::Absent)
}
