//! MCP clients that nobody here wrote, and the tests that use them.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::npm::Installed;
use crate::process::{cargo, run as run_command};

const PLACE: &str = "tests/clients";
/// A client that brings its program by a script of its own; no other script of a package is run.
const SCRIPT: (&str, &str) = ("@anthropic-ai/claude-code", "install.cjs");
/// Tells the tests where the clients are; without it they are skipped.
const VARIABLE: &str = "LANYARD_CLIENTS";

/// Installs the clients and runs the tests that use them.
pub(crate) fn run() -> Result<(), String> {
    let (name, folder) = install()?;
    run_command(cargo(["test", "--workspace", "--tests", "clients::"]).env(name, folder))
}

/// Installs the clients below the target folder; the variable that the tests look at.
pub(crate) fn install() -> Result<(&'static str, PathBuf), String> {
    let clients = Installed::of(PLACE)?;
    let folder = clients.folder().join("node_modules").join(SCRIPT.0);
    run_command(Command::new(clients.node()).arg(SCRIPT.1).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()))?;
    Ok((VARIABLE, clients.folder().to_owned()))
}
