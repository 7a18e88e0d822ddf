//! VS Code itself, as code-server brings it into a browser, and the test that uses it as a person would.

use std::fs;
use std::process::{Command, Stdio};

use crate::npm::Installed;
use crate::process::{cargo, root, run as run_command, say};

const PLACE: &str = "tests/vscode";
/// VS Code within code-server, which locks its own packages.
const INNER: &str = "node_modules/code-server/lib/vscode";
const PICTURES: &str = "docs/images";

/// Installs it, runs the test, and keeps what was seen in `docs/images/vscode.png`.
pub(crate) fn run() -> Result<(), String> {
    let code = Installed::of(PLACE)?;
    let inner = code.folder().join(INNER);
    let stamp = inner.join("installed");
    if !stamp.exists() {
        say(&format!("{PLACE}: npm install in {INNER}, as its own lock file says"));
        let mut npm = Command::new("npm");
        // `npm ci` refuses its lock file, which leaves one package out. Its scripts compile what a server for many people
        // wants; one person does without.
        npm.args(["install", "--no-audit", "--no-fund", "--omit=dev", "--ignore-scripts", "--silent"])
            .current_dir(&inner)
            .stdin(Stdio::null());
        run_command(&mut npm)?;
        fs::write(&stamp, "").map_err(|error| format!("{}: {error}", stamp.display()))?;
    }
    let words = ["test", "--package", "lanyard-tests", "--test", "world", "--", "--ignored", "vscode::"];
    run_command(cargo(["build", "--workspace", "--all-targets"]).stdin(Stdio::null()))?;
    run_command(cargo(words).env("LANYARD_VSCODE", code.folder()).env("LANYARD_PICTURES", root().join(PICTURES)))
}
