use std::io;
use std::path::Path;

use secret::private;

/// Whether the log-on of this name takes its turn now; the name is kept, so that it has no other.
pub(super) fn take(folder: &Path, log_on: &str) -> io::Result<bool> {
    let mark = folder.join("auto-sign-in");
    let kept = private::read(&mark, 256)?;
    let taken = kept.is_some_and(|kept| *kept == log_on.as_bytes());
    if !taken {
        private::write(&mark, log_on.as_bytes())?;
    }
    Ok(!taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_on_has_one_turn_and_the_next_has_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let taken =
            ["100005 A", "100005 A", "100006 A", "100005 B", "100005 B"].map(|log_on| take(folder.path(), log_on).unwrap());
        assert_eq!(taken, [true, false, true, true, false]);
    }
}
