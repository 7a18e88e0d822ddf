//! What fleet tools run, and the tests that try it.

use std::path::PathBuf;

use crate::process::{cargo, run as run_command, target};
use crate::python;

const REQUIREMENTS: &str = "tests/recipes/requirements.txt";

/// Tells the tests where Ansible and a parser of PowerShell are; without it those tests are skipped.
const VARIABLE: &str = "LANYARD_RECIPES";

/// Installs the tools and runs the tests that use them.
pub(crate) fn run() -> Result<(), String> {
    let (name, folder) = install()?;
    run_command(cargo(["test", "--package", "lanyard-tests", "--test", "world", "recipes::"]).env(name, folder))
}

/// Installs the tools below the target folder; the variable that the tests look at.
pub(crate) fn install() -> Result<(&'static str, PathBuf), String> {
    let folder = target()?.join("recipes");
    python::installed(REQUIREMENTS, &folder)?;
    Ok((VARIABLE, folder))
}
