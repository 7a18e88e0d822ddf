//! One window at a time: the first holds a lock and listens, a later one tells it the page and ends. No bus is needed.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use secret::private;
#[cfg(unix)]
use unix as platform;
#[cfg(windows)]
use windows as platform;
use wire::client::Client;
use wire::place::Environment;

use crate::arguments::Page;

/// How long the first may take from its lock to its listening.
const PATIENCE: Duration = Duration::from_secs(5);
const BETWEEN: Duration = Duration::from_millis(20);
/// The longest word that is a page's, and one more.
const LONGEST: u64 = 16;

/// What this window is.
pub(super) enum Place {
    /// The only one.
    First(Lock),
    /// Another is there, and was told.
    Told,
}

/// Held by the only one; the kernel releases it with the process.
pub(super) struct Lock {
    _file: File,
    door: PathBuf,
}

/// Takes the place of the only one, or tells the one that has it.
pub(super) fn take(page: Page) -> io::Result<Place> {
    let missing = || io::Error::from(io::ErrorKind::NotFound);
    let folder = Environment::current().state_folder().ok_or_else(missing)?;
    take_in(&folder, &wire::place::socket().ok_or_else(missing)?, page)
}

fn take_in(folder: &Path, socket: &Path, page: Page) -> io::Result<Place> {
    private::folder(folder)?;
    let file = private::append(&folder.join("window.lock"))?;
    let door = door(socket);
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Place::First(Lock { _file: file, door })),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => {}
        }
        match tell(&door, page) {
            Ok(()) => return Ok(Place::Told),
            // It may be about to listen, or about to end.
            Err(_) if began.elapsed() < PATIENCE => thread::sleep(BETWEEN),
            Err(error) => return Err(error),
        }
    }
}

/// Beside the agent's socket or pipe, under the same owner.
fn door(socket: &Path) -> PathBuf {
    let mut name = OsString::from(socket);
    name.push(".window");
    name.into()
}

fn tell(door: &Path, page: Page) -> io::Result<()> {
    // LI-14: the client looks whose door it is before it sends a byte.
    let mut stream = Client::new(door.into()).open().map_err(io::Error::other)?;
    stream.write_all(page.word().as_bytes())
}

/// Hears of the pages that later ones ask for.
pub(super) fn listen(lock: &Lock, hear: impl Fn(Page) + Send + 'static) -> io::Result<()> {
    platform::listen(&lock.door, move |said: &mut dyn Read| {
        if let Some(page) = understood(said) {
            hear(page);
        }
    })
}

/// A page's word and nothing else.
fn understood(said: &mut dyn Read) -> Option<Page> {
    let mut word = Vec::new();
    said.take(LONGEST).read_to_end(&mut word).ok()?;
    Page::ALL.into_iter().find(|page| page.word().as_bytes() == word)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_later_window_tells_the_first_its_page_and_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let (state, socket) = (folder.path().join("state"), folder.path().join("run/lanyard.sock"));
        let Place::First(lock) = take_in(&state, &socket, Page::Servers).unwrap() else { panic!("the first is told") };
        let (sender, heard) = mpsc::channel();
        listen(&lock, move |page| sender.send(page).unwrap()).unwrap();
        for page in Page::ALL {
            assert!(matches!(take_in(&state, &socket, page).unwrap(), Place::Told));
            assert_eq!(heard.recv_timeout(PATIENCE).unwrap(), page);
        }
        drop(lock);
        // A door that nobody holds any more is taken over.
        assert!(matches!(take_in(&state, &socket, Page::Help).unwrap(), Place::First(_)));
    }

    #[test]
    fn only_the_word_of_a_page_is_understood() {
        assert_eq!(understood(&mut &b"help"[..]), Some(Page::Help));
        for other in [&b""[..], b"helper", b"HELP", b"help\n", b"\xff", b"https://idp.example/"] {
            assert_eq!(understood(&mut &*other), None, "{other:?}");
        }
    }
}
