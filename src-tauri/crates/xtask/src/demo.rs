//! The main job, shown: build, then the demonstration with the sandbox and a real agent.

use std::process::Command;

use crate::process::{cargo, run as run_command, say, target};

/// Builds what the demonstration needs and runs it; `words` are its own.
pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    say("Building Lanyard and the sandbox; the first time takes some minutes.");
    // The default members: everything but the tray, which needs more than Rust and a C compiler.
    run_command(&mut cargo(["build", "--quiet", "--bins"]))?;
    run_command(Command::new(target()?.join("debug/lanyard-demo")).args(words))
}
