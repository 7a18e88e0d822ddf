//! Programs that are run, and what is said about it.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// A line to the person who started it.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// A line about what went wrong.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// This `cargo`, at the root of the workspace.
pub(crate) fn cargo<I: IntoIterator<Item: AsRef<OsStr>>>(words: I) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(words).current_dir(root());
    command
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    // src-tauri/crates/xtask
    for _ in 0..3 {
        root.pop();
    }
    root
}

/// Runs it to its end with its output shown.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("{}: {error}", words(command)))?;
    status.success().then_some(()).ok_or_else(|| format!("{}: {status}", words(command)))
}

/// What it prints, where it succeeds.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| format!("{}: {error}", words(command)))?;
    match output.status.success() {
        true => String::from_utf8(output.stdout).map_err(|error| format!("{}: {error}", words(command))),
        false => Err(format!("{}: {}", words(command), output.status)),
    }
}

/// Runs it with its output shown, and lets `see` look at each line of stdout; whether it succeeded.
pub(crate) fn watched(command: &mut Command, mut see: impl FnMut(&str)) -> Result<bool, String> {
    let fault = |error| format!("{error}");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(fault)?;
    let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).map_err(fault)? > 0 {
        let _ = io::stdout().lock().write_all(&line);
        see(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
    Ok(child.wait().map_err(fault)?.success())
}

/// `cargo metadata` of the workspace, asked once.
pub(crate) fn metadata() -> Result<&'static Value, String> {
    static METADATA: OnceLock<Result<Value, String>> = OnceLock::new();
    let read = || {
        let text = output(&mut cargo(["metadata", "--format-version", "1", "--no-deps"]))?;
        serde_json::from_str(&text).map_err(|error| error.to_string())
    };
    METADATA.get_or_init(read).as_ref().map_err(Clone::clone)
}

/// Where built files go.
pub(crate) fn target() -> Result<PathBuf, String> {
    metadata()?["target_directory"].as_str().map(PathBuf::from).ok_or_else(|| "cargo metadata names no target folder".into())
}

fn words(command: &Command) -> String {
    let name = command.get_program().to_string_lossy();
    let name = name.rsplit('/').next().unwrap_or(&name).to_owned();
    command.get_args().fold(name, |line, word| format!("{line} {}", word.to_string_lossy()))
}
