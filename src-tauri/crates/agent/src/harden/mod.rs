//! What the process does against being read: reported by `lanyard doctor`, one sentence for each measure.

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

/// One measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Measure {
    /// What it is.
    pub(crate) name: &'static str,
    /// Whether it is in force.
    pub(crate) in_force: bool,
}

/// Takes every measure that this build takes (LI-49) and raises the limits that the doors need.
pub(crate) fn apply() {
    platform::apply();
}

/// How the measures stand, read back from the system.
pub(crate) fn measures() -> Vec<Measure> {
    platform::measures()
}
