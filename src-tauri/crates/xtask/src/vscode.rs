//! VS Code itself, as code-server brings it into a browser, and the test that uses it as a person would.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::npm::Installed;
use crate::process::{cargo, root, run as run_command, say};

const PLACE: &str = "tests/vscode";
/// VS Code within code-server, which locks its own packages.
const INNER: &str = "node_modules/code-server/lib/vscode";
const PICTURES: &str = "docs/images";

/// Tells the test where it is; without it the test is skipped.
const VARIABLE: &str = "LANYARD_VSCODE";

/// Installs it, runs the test, and keeps what was seen in `docs/images/vscode.png`.
pub(crate) fn run() -> Result<(), String> {
    let (name, folder) = install()?;
    run_command(&mut cargo(["build", "--workspace", "--all-targets"]))?;
    let words = ["test", "--package", "lanyard-tests", "--test", "world", "--", "vscode::"];
    run_command(cargo(words).env(name, folder).env("LANYARD_PICTURES", root().join(PICTURES)))
}

/// Installs it below the target folder; the variable that the test looks at.
pub(crate) fn install() -> Result<(&'static str, PathBuf), String> {
    let code = Installed::of(PLACE)?;
    let inner = code.folder().join(INNER);
    let stamp = inner.join("installed");
    if !stamp.exists() {
        say(&format!("{PLACE}: npm install in {INNER}, as its own lock file says"));
        let mut npm = Command::new("npm");
        // `npm ci` refuses its lock file, which leaves one package out. Its scripts compile what a server for many people
        // wants; one person does without.
        npm.args(["install", "--no-audit", "--no-fund", "--omit=dev", "--ignore-scripts", "--silent"]);
        run_command(npm.current_dir(&inner).stdin(Stdio::null()))?;
        fs::write(&stamp, "").map_err(|error| format!("{}: {error}", stamp.display()))?;
    }
    Ok((VARIABLE, code.folder().to_owned()))
}
