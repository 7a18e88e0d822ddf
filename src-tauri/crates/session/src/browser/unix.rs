use std::io;
use std::process::{Command, Stdio};

use super::platform::OPENERS;

pub(super) fn open(url: &str) -> io::Result<()> {
    let chosen = std::env::var("BROWSER").unwrap_or_default();
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    // BROWSER is a list of programs separated by colons; a `%s` stands for the address.
    for program in chosen.split(':').filter(|program| !program.is_empty()).chain(OPENERS) {
        match start(program, url) {
            Ok(()) => return Ok(()),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn start(program: &str, url: &str) -> io::Result<()> {
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
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    // The opener may stay as long as the browser; a thread waits so that no zombie is left.
    std::thread::spawn(move || child.wait());
    Ok(())
}
