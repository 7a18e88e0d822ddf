use std::io;
use std::path::Path;

use secret::private;
use windows_sys::Win32::System::SystemInformation::GetTickCount64;

use crate::paths::Paths;

/// Two log-ons of one start of the machine have different numbers, and two starts begin at different times.
const SAME_START_SECONDS: u64 = 60;

/// Whether this log-on has had its one time. The mark names the log-on, because no folder of Windows goes with it.
pub(super) fn take_turn(paths: &Paths) -> io::Result<bool> {
    take(&paths.data, wire::user::log_on()?, started())
}

fn take(folder: &Path, log_on: u64, started: u64) -> io::Result<bool> {
    let mark = folder.join("auto-sign-in");
    let kept = private::read(&mark, 64)?.unwrap_or_default();
    let kept = std::str::from_utf8(&kept).ok().and_then(|text| text.split_once(' '));
    let same = kept.is_some_and(|(number, began)| {
        number.parse() == Ok(log_on) && began.parse::<u64>().is_ok_and(|began| began.abs_diff(started) < SAME_START_SECONDS)
    });
    if !same {
        private::write(&mark, format!("{log_on} {started}").as_bytes())?;
    }
    Ok(!same)
}

/// When the machine started, Unix seconds.
#[expect(unsafe_code, reason = "the standard library does not tell")]
fn started() -> u64 {
    // SAFETY: the call takes nothing and cannot fail.
    let up = unsafe { GetTickCount64() } / 1_000;
    u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or_default().saturating_sub(up)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_on_has_one_turn_and_the_next_has_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let turns = [(7, 1_000), (7, 1_003), (8, 1_001), (8, 9_000), (8, 9_001)];
        let taken = turns.map(|(log_on, started)| take(folder.path(), log_on, started).unwrap());
        assert_eq!(taken, [true, false, true, true, false]);
    }
}
