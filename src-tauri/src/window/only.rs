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
/// More than the longest word that is a page's, a space and a token.
const LONGEST: u64 = 512;

/// What a later start asks of the only one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// At which page.
    pub(super) page: Page,
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
    /// A page's word, then the token where there is one that can be sent.
    fn said(&self) -> String {
        match self.token.as_deref().filter(|token| is_token(token)) {
            Some(token) => format!("{} {token}", self.page.word()),
            None => self.page.word().to_owned(),
        }
    }
}

/// That and nothing else.
fn understood(said: &mut dyn Read) -> Option<Asked> {
    let mut words = Vec::new();
    said.take(LONGEST).read_to_end(&mut words).ok()?;
    let words = std::str::from_utf8(&words).ok()?;
    let (word, token) = words.split_once(' ').map_or((words, None), |(word, token)| (word, Some(token)));
    let page = Page::ALL.into_iter().find(|page| page.word() == word)?;
    token.is_none_or(is_token).then(|| Asked { page, token: token.map(str::to_owned) })
}

/// Desktops make tokens of a few signs.
fn is_token(text: &str) -> bool {
    (1..=256).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_later_window_tells_the_first_its_page_and_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let (state, socket) = (folder.path().join("state"), folder.path().join("run/lanyard.sock"));
        let asked = |page, token: Option<&str>| Asked { page, token: token.map(str::to_owned) };
        let first = take_in(&state, &socket, &asked(Page::Servers, None)).unwrap();
        let Place::First(lock) = first else { panic!("the first is told") };
        let (sender, heard) = mpsc::channel();
        listen(&lock, move |asked| sender.send(asked).unwrap()).unwrap();
        for (page, token) in Page::ALL.into_iter().flat_map(|page| [(page, None), (page, Some("0a-1B_TIME7"))]) {
            let said = asked(page, token);
            assert!(matches!(take_in(&state, &socket, &said).unwrap(), Place::Told));
            assert_eq!(heard.recv_timeout(PATIENCE).unwrap(), said);
        }
        // A token that is none is left out, and the page is opened all the same.
        assert!(matches!(take_in(&state, &socket, &asked(Page::Help, Some("a b\n"))).unwrap(), Place::Told));
        assert_eq!(heard.recv_timeout(PATIENCE).unwrap(), asked(Page::Help, None));
        drop(lock);
        // A door that nobody holds any more is taken over.
        assert!(matches!(take_in(&state, &socket, &asked(Page::Help, None)).unwrap(), Place::First(_)));
    }

    #[test]
    fn only_the_word_of_a_page_is_understood() {
        assert_eq!(understood(&mut &b"help"[..]), Some(Asked { page: Page::Help, token: None }));
        let long = [&b"help "[..], &[b'x'; 257]].concat();
        let others: [&[u8]; 10] = [
            b"",
            b"helper",
            b"HELP",
            b"help\n",
            b"\xff",
            b"https://idp.example/",
            b"help ",
            b"help a b",
            b"help \xc3\xa4",
            &long,
        ];
        for other in others {
            assert_eq!(understood(&mut &*other), None, "{other:?}");
        }
    }
}
