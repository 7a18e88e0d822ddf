//! Servers that nobody here wrote: a certified IdP from npm and a resource AS from PyPI, and the tests that need them.

use std::fs;
use std::path::PathBuf;

use crate::npm::Installed;
use crate::process::{cargo, root, run as run_command};
use crate::python;

const IDP: &str = "tests/peers/idp";
const REQUIREMENTS: &str = "tests/peers/requirements.txt";
/// Node finds modules beside the program alone.
const PROGRAMS: [&str; 2] = ["main.mjs", "exchange.mjs"];
/// Tells the tests where the peers are; without it they are skipped.
const VARIABLE: &str = "LANYARD_PEERS";

/// Installs the peers and runs the tests that meet them.
pub(crate) fn run() -> Result<(), String> {
    let (name, folder) = install()?;
    run_command(cargo(["test", "--workspace", "--tests", "peers::"]).env(name, folder))
}

/// Installs the peers below the target folder; the variable that the tests look at.
pub(crate) fn install() -> Result<(&'static str, PathBuf), String> {
    let idp = Installed::of(IDP)?;
    for name in PROGRAMS {
        let from = root().join(IDP).join(name);
        fs::copy(&from, idp.folder().join(name)).map_err(|error| format!("{}: {error}", from.display()))?;
    }
    python::installed(REQUIREMENTS, &idp.folder().join("venv"))?;
    Ok((VARIABLE, idp.folder().to_owned()))
}
