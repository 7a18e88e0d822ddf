//! Enters the tray among what starts at log-on, where nobody decided otherwise.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(windows)]
mod windows;

use std::env::consts::EXE_SUFFIX;
use std::path::{Path, PathBuf};
use std::{env, io};

#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "macos")]
use macos as platform;
#[cfg(windows)]
use windows as platform;

use super::{Autostart, found};

/// The word that tells the tray that no person started it.
pub const WORD: &str = "--autostart";

/// Enters the tray of this installation where nothing starts Lanyard, or an entry that starts nothing; whether it did. What a
/// person or an administrator switched off stays so, and what is entered already is left alone.
pub fn repair() -> bool {
    let Some(program) = env::current_exe().ok().and_then(|own| tray(&own, Path::is_file)) else { return false };
    let lasts = platform::places().iter().any(|place: &PathBuf| program.starts_with(place));
    match repaired(&found(), lasts, &program) {
        Ok(repaired) => repaired,
        Err(error) => {
            tracing::warn!(%error, "Lanyard could not be entered among what starts at log-on");
            false
        }
    }
}

/// `lasts` says whether the program is where people keep programs: one that was just built, or unpacked to be tried, is not
/// entered.
fn repaired(found: &Autostart, lasts: bool, program: &Path) -> io::Result<bool> {
    match found {
        Autostart::Absent | Autostart::Broken(_) if lasts => platform::enter(program),
        Autostart::Broken(entry) => platform::uncover(entry),
        Autostart::Absent | Autostart::Entered(_) | Autostart::SwitchedOff(_) => Ok(false),
    }
}

/// The tray of the installation that `own` belongs to.
fn tray(own: &Path, exists: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    Some(own.with_file_name(format!("lanyard-tray{EXE_SUFFIX}"))).filter(|tray| exists(tray))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_decided_is_repaired_and_not_for_a_program_under_construction() {
        let program = Path::new("/nowhere/lanyard-tray");
        for decided in [Autostart::Entered("here".into()), Autostart::SwitchedOff("here".into())] {
            for lasts in [true, false] {
                assert!(!repaired(&decided, lasts, program).unwrap(), "{decided:?}");
            }
        }
        assert!(!repaired(&Autostart::Absent, false, program).unwrap());
        assert!(!repair(), "a test is under construction");
    }

    #[test]
    fn the_tray_stands_beside_the_command_line() {
        let (own, beside) = (Path::new("/opt/lanyard").join(format!("lanyard{EXE_SUFFIX}")), format!("lanyard-tray{EXE_SUFFIX}"));
        assert_eq!(tray(&own, |_| true), Some(Path::new("/opt/lanyard").join(beside)));
        assert_eq!(tray(&own, |_| false), None);
    }
}
