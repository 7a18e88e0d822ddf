//! What is too slow for every change and is run before an issue is resolved.

use std::process::Command;

use crate::process::{cargo, run as run_command, target};
use crate::{ci, fuzz};

/// Seconds for each fuzz target.
const FUZZ_SECONDS: u32 = 60;

/// Every check, a minute of each fuzz target, and the released program looked into.
pub(crate) fn run() -> Result<(), String> {
    ci::run()?;
    fuzz::run(FUZZ_SECONDS, None)?;
    run_command(&mut cargo(["build", "--release", "--package", "lanyard-cli"]))?;
    hatches()
}

/// LI-58: the released program knows no debug hatch.
fn hatches() -> Result<(), String> {
    let program = target()?.join("release/lanyard");
    let bytes = std::fs::read(&program).map_err(|error| format!("{}: {error}", program.display()))?;
    let found = bytes.windows(HATCH.len()).any(|window| window == HATCH);
    // The file must be the program at all, or the search proves nothing.
    let version = Command::new(&program).arg("--version").output().map_err(|error| error.to_string())?;
    match (found, version.status.success()) {
        (false, true) => Ok(()),
        (true, _) => Err("the released program holds a debug hatch".into()),
        (_, false) => Err("the released program does not run".into()),
    }
}

const HATCH: &[u8] = b"LANYARD_DEBUG";
