//! Programs that are run, and what is said about it.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// Longer than any single test, and than building what a run of tests has not built yet.
const SILENCE: Duration = Duration::from_mins(15);

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

/// Runs tests with their output shown, and lets `see` look at each line of stdout; whether they succeeded. Tests that say nothing
/// for [`SILENCE`] hang: they are ended, and what they waited for is shown.
pub(crate) fn watched(command: &mut Command, mut see: impl FnMut(&str)) -> Result<bool, String> {
    let fault = |error| format!("{error}");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(fault)?;
    let lines = BufReader::new(child.stdout.take().ok_or("no output")?).split(b'\n');
    let (sender, spoken) = mpsc::channel();
    thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
    loop {
        match spoken.recv_timeout(SILENCE) {
            Ok(line) => {
                let line = String::from_utf8_lossy(&line);
                say(&line);
                see(line.trim_end());
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                complain(&format!(
                    "{}: nothing for {} minutes, so it is ended. What runs:",
                    words(command),
                    SILENCE.as_secs() / 60
                ));
                let _unseen = run(Command::new("ps").args(["-e", "-o", "pid,ppid,etimes,stat,args", "--forest", "-ww"]));
                end(child.id());
                child.wait().map_err(fault)?;
                return Ok(false);
            }
        }
    }
    Ok(child.wait().map_err(fault)?.success())
}

/// Ends a process and all that it started, the youngest last: nothing is left to start another.
fn end(pid: u32) {
    let started = output(Command::new("ps").args(["-o", "pid=", "--ppid", &pid.to_string()])).unwrap_or_default();
    let _gone = Command::new("kill").args(["-KILL", &pid.to_string()]).stderr(Stdio::null()).status();
    started.split_whitespace().filter_map(|pid| pid.parse().ok()).for_each(end);
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
