//! Packages that come from PyPI by a committed list of exact versions.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::process::{root, run, say};

/// Makes a Python of its own at `venv` with exactly what `requirements` names; nothing where that is there already.
pub(crate) fn installed(requirements: &str, venv: &Path) -> Result<(), String> {
    let fault = |error: std::io::Error| format!("{}: {error}", venv.display());
    let wanted = fs::read(root().join(requirements)).map_err(fault)?;
    let stamp = venv.join("installed");
    if fs::read(&stamp).is_ok_and(|known| known == wanted) {
        return Ok(());
    }
    say(&format!("{requirements}: pip install, into a Python of its own"));
    let help = |why: String| {
        format!("{why}\n{requirements} needs Python and the network: `cargo xtask setup` installs python3-venv on Debian")
    };
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(venv)).map_err(help)?;
    let mut pip = Command::new(venv.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"])
        .args(["--requirement".into(), root().join(requirements)])
        .stdin(Stdio::null());
    run(&mut pip).map_err(help)?;
    fs::write(&stamp, wanted).map_err(fault)
}
