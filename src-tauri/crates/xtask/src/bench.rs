//! The budgets, measured: the released program beside the sandbox.

use std::process::Command;

use crate::clients;
use crate::process::{cargo, run as run_command, say, target};

/// Builds `lanyard` as it is released and the bench, and runs it; `words` are the bench's own.
pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    say("Building Lanyard as it is released; the first time takes some minutes.");
    run_command(&mut cargo(["build", "--quiet", "--release", "--package", "lanyard-cli"]))?;
    run_command(&mut cargo(["build", "--quiet", "--package", "lanyard-tests", "--bin", "lanyard-bench"]))?;
    let target = target()?;
    let (clients, folder) = clients::install()?;
    let released = target.join("release/lanyard");
    run_command(Command::new(target.join("debug/lanyard-bench")).arg("--lanyard").arg(released).args(words).env(clients, folder))
}
