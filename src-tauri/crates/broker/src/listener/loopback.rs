use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::Hall;

const FILE: &str = "loopback.json";
const FILE_LIMIT: u64 = 1_024;

/// Picked from here: the dynamic ports (RFC 6335 §6) above those that Linux gives to outgoing connections by
/// default, so that a port once picked is seldom in use when the agent starts again.
const FIRST: u16 = 61_000;
const TRIES: usize = 64;

const RETRY: [u64; 5] = [5, 10, 20, 40, 60];

/// Why the loopback door is not open.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoopbackError {
    #[error("the port {port} of the loopback door is in use by another program")]
    Taken { port: u16 },
    #[error("the port {port} of the loopback door could not be opened")]
    Bind {
        port: u16,
        #[source]
        source: io::Error,
    },
    #[error("no port could be picked for the loopback door")]
    NoPort,
    #[error("the port of the loopback door could not be read or kept in {path}")]
    File {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the port of the loopback door in {0} is damaged; remove the file to have a new one picked")]
    Damaged(PathBuf),
}

#[derive(Serialize, Deserialize)]
struct Kept {
    port: u16,
}

/// Keeps the door as `wanted` says: `None` is closed, 0 is the port that was picked once for this user. `report` hears
/// of every change: the base address, or why there is none.
pub(crate) async fn keep(
    hall: Arc<Hall>,
    state_folder: PathBuf,
    mut wanted: watch::Receiver<Option<u16>>,
    mut stop: watch::Receiver<bool>,
    report: impl Fn(Option<String>, Option<String>),
) {
    let mut tries = 0;
    loop {
        let port = *wanted.borrow_and_update();
        let opened = match port {
            None => None,
            Some(port) => Some(open(&state_folder, port).await),
        };
        let wait = match opened {
            None => {
                report(None, None);
                None
            }
            Some(Err(error)) => {
                let text = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
                let text = text.map(ToString::to_string).collect::<Vec<_>>().join(": ");
                tracing::warn!(error = text, "the loopback door is not open");
                report(None, Some(text));
                let wait = RETRY[tries.min(RETRY.len() - 1)];
                tries += 1;
                Some(Duration::from_secs(wait))
            }
            Some(Ok((listener, port))) => {
                tries = 0;
                report(Some(format!("http://127.0.0.1:{port}")), None);
                let (close, closed) = watch::channel(false);
                tokio::select! {
                    () = hall.loopback(listener, port, closed) => {}
                    changed = change(&mut wanted, port) => if changed.is_err() { return },
                    _ = stop.wait_for(|stop| *stop) => {}
                }
                // Connections of the door end with it (LI-19).
                let _ = close.send(true);
                report(None, None);
                None
            }
        };
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            changed = wanted.changed(), if port.is_none() || wait.is_some() => {
                tries = 0;
                if changed.is_err() { return }
            }
            () = pause(wait), if port.is_some() => {}
        }
    }
}

async fn pause(wait: Option<Duration>) {
    if let Some(wait) = wait {
        tokio::time::sleep(wait).await;
    }
}

/// Until another port than `now` is wanted.
async fn change(wanted: &mut watch::Receiver<Option<u16>>, now: u16) -> Result<(), watch::error::RecvError> {
    let before = *wanted.borrow();
    wanted.wait_for(|wanted| *wanted != before && *wanted != Some(now)).await.map(|_| ())
}

/// Opens the port that policy names, or the one that was picked once and kept (LI-32). It is never replaced by
/// another one, because clients' configurations name it.
async fn open(state_folder: &Path, wanted: u16) -> Result<(TcpListener, u16), LoopbackError> {
    if wanted != 0 {
        return listen(wanted).await;
    }
    let path = state_folder.join(FILE);
    let fault = |source| LoopbackError::File { path: path.clone(), source };
    if let Some(bytes) = secret::private::read(&path, FILE_LIMIT).map_err(fault)? {
        let kept: Option<Kept> = serde_json::from_slice(&bytes).ok();
        let kept = kept.filter(|kept| kept.port >= 1_024).ok_or(LoopbackError::Damaged(path.clone()))?;
        return listen(kept.port).await;
    }
    for _ in 0..TRIES {
        let random = secret::random_bytes::<2>().map_err(|_| LoopbackError::NoPort)?;
        let port = FIRST + u16::from_ne_bytes(random) % (u16::MAX - FIRST);
        let Ok(opened) = listen(port).await else { continue };
        // These bytes cannot fail to be written as JSON.
        let text = serde_json::to_vec(&Kept { port }).unwrap_or_default();
        secret::private::write(&path, &text).map_err(fault)?;
        return Ok(opened);
    }
    Err(LoopbackError::NoPort)
}

/// Listens on 127.0.0.1 alone (LI-32). tokio sets SO_REUSEADDR, which on Linux lets a port be opened again while old
/// connections of it linger, and never lets two listeners share it, nor one take it that listens on every address;
/// without it a restarted agent would be without its door for a minute.
async fn listen(port: u16) -> Result<(TcpListener, u16), LoopbackError> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
        Ok(listener) => Ok((listener, port)),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(LoopbackError::Taken { port }),
        Err(source) => Err(LoopbackError::Bind { port, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_port_is_picked_once_and_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (listener, port) = open(folder.path(), 0).await.unwrap();
        assert!(port >= FIRST && listener.local_addr().unwrap().ip() == Ipv4Addr::LOCALHOST);
        assert!(matches!(open(folder.path(), 0).await, Err(LoopbackError::Taken { port: taken }) if taken == port));
        drop(listener);
        assert_eq!(open(folder.path(), 0).await.unwrap().1, port);
    }

    #[tokio::test]
    async fn somebody_who_listens_on_every_address_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let theirs = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let port = theirs.local_addr().unwrap().port();
        assert!(matches!(open(folder.path(), port).await, Err(LoopbackError::Taken { .. })));
    }

    #[tokio::test]
    async fn a_damaged_file_is_a_fault_and_no_new_port() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["", "{}", "{\"port\":80}", "{\"port\":70000}"] {
            secret::private::write(&folder.path().join(FILE), text.as_bytes()).unwrap();
            assert!(matches!(open(folder.path(), 0).await, Err(LoopbackError::Damaged(_))), "{text}");
        }
    }
}
