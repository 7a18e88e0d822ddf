//! The `lanyard` beside this program, for what it already does well.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::env::consts::EXE_SUFFIX;
use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tauri::Manager;
#[cfg(unix)]
use unix as platform;
#[cfg(windows)]
use windows as platform;
use wire::client::ClientError;
use wire::{Code, Problem};

use super::asking::Answer;
use super::documents::Shown;
use super::problem;

/// Looking for twelve clients asks each its version; starting an agent takes up to ten seconds.
const PATIENCE: Duration = Duration::from_secs(60);
/// No document of `lanyard` is longer.
const LONGEST: u64 = 4 * 1024 * 1024;

/// Runs `lanyard WORDS --json`, and reads what it says.
pub(super) async fn ask<T: Shown + DeserializeOwned>(words: Vec<OsString>) -> Answer<T> {
    let said = tauri::async_runtime::spawn_blocking(move || run(&words)).await;
    match said {
        Ok(Ok((good, text))) => read(good, &text),
        Ok(Err(error)) => Err(not_run(&error)),
        Err(_) => Err(Code::Internal.problem(None)),
    }
}

/// A client's name as a word of the command line, which must not be taken for an option.
pub(super) fn client(name: &str) -> Answer<OsString> {
    let fits = name.len() <= 32 && name.starts_with(|c: char| c.is_ascii_lowercase());
    match fits && name.chars().all(|c| c.is_ascii_lowercase() || c == '-') {
        true => Ok(name.into()),
        false => Err(Code::BadRequest.problem(None).because("There is no program of this name.")),
    }
}

/// Where a support bundle goes.
pub(super) fn bundle(app: &tauri::AppHandle) -> Answer<OsString> {
    let folder = app.path().download_dir().ok().filter(|folder| folder.is_dir()).or_else(|| app.path().home_dir().ok());
    let name = Timestamp::now().strftime("lanyard-diagnostics-%Y%m%d-%H%M%S.zip").to_string();
    match folder {
        Some(folder) => Ok(folder.join(name).into_os_string()),
        None => {
            let detail = "You have no folder to save it in.".into();
            Err(problem::defect("No folder", detail, "Run `lanyard diagnostics FILE` instead."))
        }
    }
}

/// Beside this program, never by a search path: what stands there was installed with it.
fn program(own: &Path) -> io::Result<PathBuf> {
    let folder = own.parent().ok_or(io::ErrorKind::NotFound)?;
    Ok(folder.join(format!("lanyard{EXE_SUFFIX}")))
}

fn run(words: &[OsString]) -> io::Result<(bool, Vec<u8>)> {
    let mut command = Command::new(program(&std::env::current_exe()?)?);
    command.args(words).arg("--json").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = platform::unseen(&mut command).spawn()?;
    let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        let read = output.take(LONGEST).read_to_end(&mut text);
        // Nobody waits any more where the limit has passed.
        let _late = sender.send(read.map(|_| text));
    });
    let text = receiver.recv_timeout(PATIENCE);
    if text.is_err() {
        child.kill()?;
    }
    let status = child.wait()?;
    let text = text.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    Ok((status.success(), text))
}

fn read<T: DeserializeOwned>(good: bool, text: &[u8]) -> Answer<T> {
    if good {
        return serde_json::from_slice(text).map_err(|_| problem::of(&ClientError::Answer));
    }
    let document: Value = serde_json::from_slice(text).unwrap_or_default();
    // The one code outside the closed list.
    if document["code"] == "agent-not-running" {
        return Err(problem::of(&ClientError::NotRunning));
    }
    Err(serde_json::from_value::<Problem>(document).unwrap_or_else(|_| problem::of(&ClientError::Answer)))
}

fn not_run(error: &io::Error) -> Problem {
    let detail = format!("The program `lanyard` beside this window could not be used: {error}.");
    problem::defect("Not installed whole", detail, "Let IT install Lanyard again.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clients_name_becomes_a_word_of_the_command_line() {
        assert_eq!(client("claude-code").unwrap(), "claude-code");
        for hostile in ["", "-x", "--socket", "a b", "a/b", "key", "A", "a=b", "ä", &"a".repeat(33)] {
            assert_eq!(client(hostile).is_err(), hostile != "key", "{hostile:?}");
        }
    }

    #[test]
    fn the_program_is_found_beside_this_one_alone() {
        let found = program(Path::new("/usr/bin/lanyard-tray")).unwrap();
        assert_eq!(found, Path::new("/usr/bin").join(format!("lanyard{EXE_SUFFIX}")));
    }

    #[test]
    fn a_refusal_keeps_its_own_sentences_and_noise_gets_some() {
        let own = Code::DoorClosed.problem(None);
        let said = serde_json::to_vec(&own).unwrap();
        assert_eq!(read::<Value>(false, &said).unwrap_err(), own);
        let away = br#"{"code":"agent-not-running","title":"x"}"#;
        assert_eq!(read::<Value>(false, away).unwrap_err().title, "Lanyard is not running");
        for noise in [&b"panicked"[..], b"", b"{}"] {
            assert_eq!(read::<Value>(false, noise).unwrap_err().code, Code::Internal);
        }
        assert_eq!(read::<Value>(true, b"{\"a\":1}").unwrap()["a"], 1);
    }
}
