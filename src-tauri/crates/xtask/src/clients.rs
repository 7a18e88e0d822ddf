//! MCP clients that nobody here wrote, and the tests that use them.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::npm::Installed;
use crate::process::{cargo, root, run as run_command};
use crate::python;

const PLACE: &str = "tests/clients";
const REQUIREMENTS: &str = "tests/clients/requirements.txt";
/// Programs of the tests' own that use SDKs; Node finds modules beside the program alone.
const PROGRAMS: [&str; 2] = ["sdk.mjs", "sdk.py"];
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
    for name in PROGRAMS {
        let from = root().join(PLACE).join(name);
        fs::copy(&from, clients.folder().join(name)).map_err(|error| format!("{}: {error}", from.display()))?;
    }
    python::installed(REQUIREMENTS, &clients.folder().join("venv"))?;
    Ok((VARIABLE, clients.folder().to_owned()))
}
