//! Servers that nobody here wrote: a certified IdP from npm and a resource AS from PyPI, and the tests that need them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::npm::Installed;
use crate::process::{cargo, root, run as run_command, say};

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
    python(&idp.folder().join("venv"))?;
    Ok((VARIABLE, idp.folder().to_owned()))
}

/// A Python of their own with exactly what `requirements.txt` names.
fn python(venv: &Path) -> Result<(), String> {
    let fault = |error: std::io::Error| format!("{}: {error}", venv.display());
    let wanted = fs::read(root().join(REQUIREMENTS)).map_err(fault)?;
    let stamp = venv.join("installed");
    if fs::read(&stamp).is_ok_and(|known| known == wanted) {
        return Ok(());
    }
    say(&format!("{REQUIREMENTS}: pip install, into a Python of its own"));
    let help = |why: String| {
        format!("{why}\nThe peers need Python and the network: `cargo xtask setup` installs python3-venv on Debian")
    };
    run_command(Command::new("python3").args(["-m", "venv", "--clear"]).arg(venv)).map_err(help)?;
    let mut pip = Command::new(venv.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"])
        .args(["--requirement".into(), root().join(REQUIREMENTS)])
        .stdin(Stdio::null());
    run_command(&mut pip).map_err(help)?;
    fs::write(&stamp, wanted).map_err(fault)
}
