//! Why the last start of an agent came to nothing, for whoever asks while none runs.

use std::io;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use secret::private;
use serde::{Deserialize, Serialize};

use crate::Problem;

/// Its name in the folder of the state.
const NAME: &str = "refused.json";
const LIMIT: u64 = 16 * 1024;

/// Whoever hosts an agent tries again each minute: what is older is of a host that is gone.
const FRESH: SignedDuration = SignedDuration::from_mins(3);

/// What is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    at: Timestamp,
    problem: Problem,
}

/// What stands in `state`; nothing where the last start went well, or is not known, or was so long ago that nobody tries
/// any more.
pub fn read(state: &Path) -> Option<Problem> {
    read_at(state, Timestamp::now())
}

fn read_at(state: &Path, now: Timestamp) -> Option<Problem> {
    let kept: Kept = serde_json::from_slice(&private::read(&state.join(NAME), LIMIT).ok()??).ok()?;
    (now.duration_since(kept.at).abs() < FRESH).then_some(kept.problem)
}

/// Keeps why an agent did not start.
///
/// # Errors
/// When the folder takes nothing.
pub fn keep(state: &Path, problem: &Problem) -> io::Result<()> {
    let kept = Kept { at: Timestamp::now(), problem: problem.clone() };
    private::write(&state.join(NAME), &serde_json::to_vec(&kept)?)
}

/// Forgets it: an agent runs.
///
/// # Errors
/// When the file cannot be removed.
pub fn forget(state: &Path) -> io::Result<()> {
    private::remove(&state.join(NAME))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    #[test]
    fn what_was_kept_is_read_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path();
        assert_eq!(read(state), None);
        forget(state).unwrap();
        let problem = Code::Internal.problem(None).because("The disk is full.");
        keep(state, &problem).unwrap();
        assert_eq!(read(state), Some(problem));
        for (minutes, told) in [(2, true), (4, false), (-4, false)] {
            let then = Timestamp::now() + SignedDuration::from_mins(minutes);
            assert_eq!(read_at(state, then).is_some(), told, "{minutes} minutes later");
        }
        forget(state).unwrap();
        assert_eq!(read(state), None);
        std::fs::write(state.join(NAME), "{").unwrap();
        assert_eq!(read(state), None, "what is not understood is not told");
    }
}
