use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use wire::client::Client;

/// Nothing announces a socket of macOS or a pipe of Windows, so it is tried again and again.
const LOOK: Duration = Duration::from_millis(50);

/// Whether an agent listens at `socket` before `until`.
pub(super) fn listens(socket: &Path, until: Instant) -> bool {
    let client = Client::new(socket.into());
    loop {
        if client.is_running() {
            return true;
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        thread::sleep(left.min(LOOK));
    }
}
