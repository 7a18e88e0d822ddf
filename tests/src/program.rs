//! Programs that are run to their end.

use std::fs;
use std::io::{Read, Seek};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// How long a program may take that is run to its end; installing a package takes long.
const LIMIT: Duration = Duration::from_secs(300);

/// Between two looks at whether it has ended.
const BETWEEN: Duration = Duration::from_millis(2);

/// What a command came to.
#[derive(Debug)]
pub struct Said {
    /// The exit code; -1 when a signal ended it.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
}

/// Runs a program to its end. What it says goes to files: one that it leaves behind, as Wine does, would keep a pipe open.
///
/// # Panics
/// When it does not start, or does not end in time.
#[expect(clippy::unwrap_used, reason = "a desk that cannot be used has nothing to tell")]
pub fn said(command: &mut Command) -> Said {
    let (output, errors) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    command.stdin(Stdio::null()).stdout(output.try_clone().unwrap()).stderr(errors.try_clone().unwrap());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let ended = ended(&mut child, LIMIT);
    let text = |mut file: fs::File| {
        let mut bytes = Vec::new();
        file.rewind().and_then(|()| file.read_to_end(&mut bytes)).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let code = ended.and_then(|status| status.code()).unwrap_or(-1);
    let said = Said { code, stdout: text(output), stderr: text(errors) };
    assert!(ended.is_some(), "{command:?} does not end: {said:?}");
    said
}

/// Waits until a process ends by itself; kills it, and returns nothing, where it does not.
///
/// # Panics
/// When the system does not tell.
#[expect(clippy::unwrap_used, reason = "a desk that cannot be used has nothing to tell")]
pub fn ended(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let began = Instant::now();
    loop {
        match child.try_wait().unwrap() {
            Some(status) => return Some(status),
            None if began.elapsed() < limit => std::thread::sleep(BETWEEN),
            None => {
                child.kill().unwrap();
                child.wait().unwrap();
                return None;
            }
        }
    }
}
