//! Why the last start of an agent came to nothing, for whoever asks while none runs.

use std::io;
use std::path::Path;

use secret::private;

use crate::Problem;

/// Its name in the folder of the state.
const NAME: &str = "refused.json";
const LIMIT: u64 = 16 * 1024;

/// What stands in `state`; nothing where the last start went well, or is not known.
pub fn read(state: &Path) -> Option<Problem> {
    serde_json::from_slice(&private::read(&state.join(NAME), LIMIT).ok()??).ok()
}

/// Keeps why an agent did not start.
///
/// # Errors
/// When the folder takes nothing.
pub fn keep(state: &Path, problem: &Problem) -> io::Result<()> {
    private::write(&state.join(NAME), &serde_json::to_vec(problem)?)
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
        forget(state).unwrap();
        assert_eq!(read(state), None);
        std::fs::write(state.join(NAME), "{").unwrap();
        assert_eq!(read(state), None, "what is not understood is not told");
    }
}
