//! What the notices of macOS mean.

use super::Change;

/// The kernel's client of power asks whether the machine may sleep (`kIOMessageCanSystemSleep`, IOMessage.h).
const MAY_SLEEP: u32 = 0xe000_0270;
/// It will sleep (`kIOMessageSystemWillSleep`).
const WILL_SLEEP: u32 = 0xe000_0280;
/// It is awake (`kIOMessageSystemHasPoweredOn`).
const AWAKE: u32 = 0xe000_0300;

/// Told to every program of a log-on when its screen is locked or unlocked.
pub(super) const SCREEN: [&str; 2] = ["com.apple.screenIsLocked", "com.apple.screenIsUnlocked"];

/// What a message about power asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Power {
    /// An answer, without which sleep is held up for half a minute.
    Answer,
    /// That the agent knows.
    Tell(Change),
    /// Nothing.
    Ignore,
}

/// What a message about power means.
pub(super) fn power(message: u32) -> Power {
    match message {
        MAY_SLEEP | WILL_SLEEP => Power::Answer,
        AWAKE => Power::Tell(Change::Resumed),
        _ => Power::Ignore,
    }
}

/// What a notice about the screen means.
pub(super) fn screen(name: &str) -> Option<Change> {
    match name {
        name if name == SCREEN[0] => Some(Change::ScreenLocked),
        name if name == SCREEN[1] => Some(Change::ScreenUnlocked),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleep_is_answered_and_waking_is_told() {
        let table = [
            (0xe000_0270, Power::Answer),
            (0xe000_0280, Power::Answer),
            (0xe000_0290, Power::Ignore),
            (0xe000_0320, Power::Ignore),
            (0xe000_0300, Power::Tell(Change::Resumed)),
            (0, Power::Ignore),
        ];
        for (message, expected) in table {
            assert_eq!(power(message), expected, "{message:x}");
        }
    }

    #[test]
    fn a_lock_is_no_unlock() {
        assert_eq!(SCREEN.map(screen), [Some(Change::ScreenLocked), Some(Change::ScreenUnlocked)]);
        assert_eq!(screen("com.apple.screenIsLockedAgain"), None);
    }
}
