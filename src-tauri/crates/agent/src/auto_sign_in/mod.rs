//! `AutoSignIn`: the browser opens once per log-on without a click.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(any(target_os = "macos", test))]
mod mark;
#[cfg(windows)]
mod windows;

use std::future::pending;
use std::time::Duration;

#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "macos")]
use macos as platform;
use session::display;
use tokio::time::{Instant, sleep_until};
#[cfg(windows)]
use windows as platform;

use crate::paths::Paths;

/// How often an agent that came before the desktop looks whether it is there.
const LOOK: Duration = Duration::from_secs(45);

/// The one turn of a log-on. It waits for a desktop: an agent that the service manager or an MCP client over the network
/// started may come before it.
#[derive(Default)]
pub(crate) struct Turn {
    over: bool,
    next_look: Option<Instant>,
}

impl Turn {
    /// Whether the browser is to open now. It is so once per log-on.
    pub(crate) async fn take(&mut self, paths: &Paths) -> bool {
        self.rest();
        if self.over {
            return false;
        }
        // It waits for the service manager.
        if !tokio::task::spawn_blocking(display::is_known).await.unwrap_or(false) {
            self.next_look = Some(Instant::now() + LOOK);
            return false;
        }
        self.over = true;
        platform::take_turn(paths).unwrap_or(false)
    }

    /// Looks for no desktop until the next [`Turn::take`].
    pub(crate) fn rest(&mut self) {
        self.next_look = None;
    }

    /// Ends when it is time to look for the desktop again.
    pub(crate) async fn due(&self) {
        match self.next_look {
            Some(at) => sleep_until(at).await,
            None => pending().await,
        }
    }
}
