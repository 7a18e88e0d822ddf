//! When to stop, on systems with signals.

use std::io;

use tokio::signal::ctrl_c;
use tokio::signal::unix::{SignalKind, signal};

/// Waits for Ctrl-C or SIGTERM.
pub(crate) async fn stop() -> io::Result<()> {
    let mut term = signal(SignalKind::terminate())?;
    tokio::select! {
        result = ctrl_c() => result,
        _ = term.recv() => Ok(()),
    }
}
