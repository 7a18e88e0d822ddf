//! What happens around the agent: resume from sleep, a new network, a clock that jumped, the screen lock.

#[cfg(target_os = "linux")]
mod bus;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod logind;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(any(target_os = "macos", test))]
mod notices;
#[cfg(target_os = "linux")]
mod saver;
#[cfg(target_os = "linux")]
mod screen;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "macos")]
use macos as platform;
use tokio::sync::mpsc;
#[cfg(windows)]
use windows as platform;

/// A change that the agent must react to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The machine woke up.
    Resumed,
    /// A network came, went or changed.
    NetworkChanged,
    /// The clock was set.
    ClockJumped,
    /// The screen was locked.
    ScreenLocked,
    /// The screen was unlocked.
    ScreenUnlocked,
}

/// Watches until the receiver is dropped. A source that is missing on this machine is left out: the session
/// then learns of a change by its timers.
pub fn follow() -> mpsc::Receiver<Change> {
    let (changes, receiver) = mpsc::channel(256);
    platform::follow(changes);
    receiver
}
