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

use crate::arguments::{Opening, Page, Reason};

/// How long the first may take from its lock to its listening.
const PATIENCE: Duration = Duration::from_secs(5);
const BETWEEN: Duration = Duration::from_millis(20);
/// More than the words of a page and a reason, and a token.
const LONGEST: u64 = 512;

/// Stands for what is not said.
const NONE: &str = "-";

/// What a later start asks of the only one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// At which page, and why.
    pub(super) opening: Opening,
    /// The desktop's leave to come to the front (xdg-activation-v1).
    pub(super) token: Option<String>,
}

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
pub(super) fn take(asked: &Asked) -> io::Result<Place> {
    let missing = || io::Error::from(io::ErrorKind::NotFound);
    let folder = Environment::current().state_folder().ok_or_else(missing)?;
    take_in(&folder, &wire::place::socket().ok_or_else(missing)?, asked)
}

fn take_in(folder: &Path, socket: &Path, asked: &Asked) -> io::Result<Place> {
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
        match tell(&door, asked) {
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

fn tell(door: &Path, asked: &Asked) -> io::Result<()> {
    // LI-14: the client looks whose door it is before it sends a byte.
    let mut stream = Client::new(door.into()).open().map_err(io::Error::other)?;
    stream.write_all(asked.said().as_bytes())
}

/// Hears of what later ones ask for.
pub(super) fn listen(lock: &Lock, hear: impl Fn(Asked) + Send + 'static) -> io::Result<()> {
    platform::listen(&lock.door, move |said: &mut dyn Read| {
        if let Some(asked) = understood(said) {
            hear(asked);
        }
    })
}

impl Asked {
    /// The words of page and reason, then the token where there is one that can be sent.
    fn said(&self) -> String {
        let reason = self.opening.reason.map_or(NONE, Reason::word);
        let token = self.token.as_deref().filter(|token| is_token(token)).unwrap_or(NONE);
        format!("{} {reason} {token}", self.opening.page.word())
    }
}

/// That and nothing else.
fn understood(said: &mut dyn Read) -> Option<Asked> {
    let mut words = Vec::new();
    said.take(LONGEST).read_to_end(&mut words).ok()?;
    let words: Vec<&str> = std::str::from_utf8(&words).ok()?.split(' ').collect();
    let [page, reason, token] = words[..] else { return None };
    let page = Page::named(page)?;
    let reason = if reason == NONE { None } else { Some(Reason::named(reason)?) };
    let token = if token == NONE { None } else { Some(token.to_owned()).filter(|token| is_token(token)) };
    Some(Asked { opening: Opening { page, reason }, token })
}

/// Desktops make tokens of a few signs.
fn is_token(text: &str) -> bool {
    (1..=256).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn asked(page: Page, reason: Option<Reason>, token: Option<&str>) -> Asked {
        Asked { opening: Opening { page, reason }, token: token.map(str::to_owned) }
    }

    #[test]
    fn a_later_window_tells_the_first_its_page_and_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let (state, socket) = (folder.path().join("state"), folder.path().join("run/lanyard.sock"));
        let first = take_in(&state, &socket, &asked(Page::Servers, None, None)).unwrap();
        let Place::First(lock) = first else { panic!("the first is told") };
        let (sender, heard) = mpsc::channel();
        listen(&lock, move |asked| sender.send(asked).unwrap()).unwrap();
        for page in Page::ALL {
            for said in [asked(page, None, None), asked(page, Some(Reason::NoBrowser), Some("0a-1B_TIME7"))] {
                assert!(matches!(take_in(&state, &socket, &said).unwrap(), Place::Told));
                assert_eq!(heard.recv_timeout(PATIENCE).unwrap(), said);
            }
        }
        // A token that is none is left out, and the page is opened all the same.
        assert!(matches!(take_in(&state, &socket, &asked(Page::Help, None, Some("a b\n"))).unwrap(), Place::Told));
        assert_eq!(heard.recv_timeout(PATIENCE).unwrap(), asked(Page::Help, None, None));
        drop(lock);
        // A door that nobody holds any more is taken over.
        assert!(matches!(take_in(&state, &socket, &asked(Page::Help, None, None)).unwrap(), Place::First(_)));
    }

    #[test]
    fn only_words_of_this_program_are_understood() {
        assert_eq!(understood(&mut &b"help - -"[..]), Some(asked(Page::Help, None, None)));
        assert_eq!(understood(&mut &b"help failed \xc3\xa4"[..]), Some(asked(Page::Help, Some(Reason::Failed), None)));
        let long = [&b"help - "[..], &[b'x'; 600]].concat();
        let others: [&[u8]; 9] = [
            b"",
            b"help",
            b"helper - -",
            b"HELP - -",
            b"help - -\n - ",
            b"help because -",
            b"help - a b",
            b"\xff - -",
            b"https://idp.example/",
        ];
        for other in others {
            assert_eq!(understood(&mut &*other), None, "{other:?}");
        }
        assert_eq!(understood(&mut &*long).unwrap().token, None);
    }
}
