use std::io;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::platform::OPENERS;

/// An opener that finds no browser gives up this soon; one that runs on has found one.
const GIVING_UP: Duration = Duration::from_millis(400);

pub(super) fn open(url: &str, desktop: &[(String, String)]) -> io::Result<()> {
    let chosen = std::env::var("BROWSER").unwrap_or_default();
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    // BROWSER is a list of programs separated by colons; a `%s` stands for the address.
    for program in chosen.split(':').filter(|program| !program.is_empty()).chain(OPENERS) {
        match start(program, url, desktop) {
            Ok(()) => return Ok(()),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn start(program: &str, url: &str, desktop: &[(String, String)]) -> io::Result<()> {
    let mut words = program.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or_default());
    let mut placed = false;
    for word in words {
        placed |= word.contains("%s");
        command.arg(word.replace("%s", url));
    }
    if !placed {
        command.arg(url);
    }
    command.envs(desktop.iter().cloned()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let (sender, ended) = mpsc::channel();
    // The opener may stay as long as the browser; a thread waits so that no zombie is left.
    std::thread::spawn(move || drop(sender.send(child.wait())));
    match ended.recv_timeout(GIVING_UP) {
        Ok(status) => match status?.success() {
            true => Ok(()),
            false => Err(io::Error::other(format!("{program} could not open it"))),
        },
        Err(_) => Ok(()),
    }
}
