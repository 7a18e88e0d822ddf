//! Whether this starts at log-on: repaired where nobody decided otherwise. `lanyard doctor` reports it.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(windows)]
mod windows;

use std::path::{Path, PathBuf};

use agent::autostart::Autostart;

#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "macos")]
use macos as platform;
#[cfg(windows)]
use windows as platform;

/// Enters this program where nothing starts Lanyard, or an entry that starts nothing. What a person or an administrator switched
/// off stays so, and what is entered already is left alone.
pub(crate) fn repair() {
    let Some(program) = std::env::current_exe().ok().filter(|program| lasts(program)) else { return };
    if wanted(&agent::autostart::found())
        && let Err(error) = platform::enter(&program)
    {
        tracing::warn!(%error, "Lanyard could not be entered among what starts at log-on");
    }
}

fn wanted(found: &Autostart) -> bool {
    match found {
        Autostart::Absent | Autostart::Broken(_) => true,
        Autostart::Entered(_) | Autostart::SwitchedOff(_) => false,
    }
}

/// Whether a program is where people keep programs: one that was just built, or unpacked to be tried, is not entered.
fn lasts(program: &Path) -> bool {
    platform::places().iter().any(|place: &PathBuf| program.starts_with(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_decided_is_repaired() {
        assert!(wanted(&Autostart::Absent) && wanted(&Autostart::Broken("here".into())));
        assert!(!wanted(&Autostart::Entered("here".into())));
        assert!(!wanted(&Autostart::SwitchedOff("here".into())));
    }

    #[test]
    fn a_program_under_construction_is_not_entered() {
        assert!(!lasts(&std::env::current_exe().unwrap()));
    }
}
