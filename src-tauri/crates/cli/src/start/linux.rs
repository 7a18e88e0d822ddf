use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::inotify;
use wire::client::Client;

use super::Variables;
pub(super) use super::unix::detached;

/// The open descriptors of this process, by number.
pub(super) const DESCRIPTORS: &str = "/proc/self/fd";

/// A socket that exists may not listen yet, and nothing announces when it does.
const LOOK: Duration = Duration::from_millis(50);

/// Whether the service manager took the order.
pub(super) fn unit(variables: &Variables) -> bool {
    let mut systemctl = Command::new("systemctl");
    systemctl.args(["--user", "--quiet", "--no-block", "start", "lanyard.service"]);
    super::unix::ordered(systemctl, variables)
}

/// Whether an agent listens at `socket` before `until`: looks again whenever something happens in its folder, or in
/// the nearest one above that exists.
pub(super) fn listens(socket: &Path, until: Instant) -> bool {
    let client = Client::new(socket.into());
    let watch = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK).ok();
    let mut seen = [0; 4096];
    loop {
        let folder = socket.ancestors().skip(1).find(|folder| folder.is_dir());
        if let (Some(watch), Some(folder)) = (&watch, folder) {
            let changes = inotify::WatchFlags::CREATE | inotify::WatchFlags::MOVED_TO | inotify::WatchFlags::ATTRIB;
            let _ = inotify::add_watch(watch, folder, changes);
        }
        if client.is_running() {
            return true;
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        // Only a folder is announced; a socket that does not listen yet, or is a dead agent's, is looked at again.
        let pause = left.min(LOOK);
        match &watch {
            Some(watch) => {
                let limit = pause.try_into().ok();
                let _ = poll(&mut [PollFd::new(watch, PollFlags::IN)], limit.as_ref());
                while rustix::io::read(watch, &mut seen).is_ok_and(|read| read > 0) {}
            }
            None => thread::sleep(pause),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::net::UnixListener;
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_socket_that_appears_in_a_new_folder_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("a/b/lanyard.sock");
        let place = socket.clone();
        let (sender, receiver) = mpsc::channel();
        let listener = thread::spawn(move || {
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            let listener = UnixListener::bind(place).unwrap();
            receiver.recv().unwrap();
            drop(listener);
        });
        assert!(listens(&socket, Instant::now() + Duration::from_secs(10)));
        sender.send(()).unwrap();
        listener.join().unwrap();
    }

    #[test]
    fn a_dead_socket_is_waited_for_and_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("lanyard.sock");
        drop(UnixListener::bind(&socket).unwrap());
        assert!(!listens(&socket, Instant::now() + Duration::from_millis(200)));
    }
}
