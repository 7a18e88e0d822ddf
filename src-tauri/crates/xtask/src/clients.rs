//! MCP clients that nobody here wrote, and the tests that use them.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::npm::Installed;
use crate::process::{cargo, run as run_command};

const PLACE: &str = "tests/clients";
/// Two clients bring their program by a script of their own; no other script of a package is run.
const SCRIPTS: [(&str, &str); 2] = [("@anthropic-ai/claude-code", "install.cjs"), ("opencode-ai", "postinstall.mjs")];
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
    for (package, script) in SCRIPTS {
        let folder = clients.folder().join("node_modules").join(package);
        run_command(Command::new("node").arg(script).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()))?;
    }
    Ok((VARIABLE, clients.folder().to_owned()))
}
