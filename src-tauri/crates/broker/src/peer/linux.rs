use std::fs::{self, OpenOptions};
use std::io::Read as _;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::net::UnixStream;

use super::application::{flatpak, snap};
use super::{Handle, Peer, Processes, Strength, owner};

/// Whether the key alone may decide where the other end of a loopback connection is not found (LI-35).
pub(crate) const UNKNOWN_MAY: bool = false;

/// The peer of a connection on the socket. The credentials are those of the moment it connected, translated into
/// this user namespace.
pub(crate) fn of_socket(stream: &UnixStream) -> Peer {
    let Ok(credentials) = stream.peer_cred() else { return Peer::user(None) };
    // A process of another pid namespace has the number 0 here.
    let pid = credentials.pid().and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid > 0);
    // The number and the handle are of the same kernel object, so the number is right while the handle is alive.
    let handle = peer_handle(stream).map(|handle| Box::new(handle) as Box<dyn Handle>);
    Peer::gather(Some(credentials.uid().into()), pid, handle, &System)
}

/// The peer of a connection on the loopback door: its user by the kernel's table of connections (LI-35). Its process
/// is looked for only where a rule asks, because that search reads every descriptor of the user.
pub(crate) fn of_loopback(client: SocketAddr, door: SocketAddr, program: bool) -> Peer {
    let Some(found) = owner::look_up(client, door) else { return Peer::user(None) };
    let own = rustix::process::geteuid().as_raw();
    let pid = if program && found.uid == own { owner::holder(found.inode, own) } else { None };
    let peer = Peer::gather(Some(found.uid.into()), pid, None, &System).at_most(Strength::Pid);
    match pid {
        Some(pid) if !owner::holds(pid, found.inode) => Peer::user(Some(found.uid.into())),
        _ => peer,
    }
}

/// `/proc`.
pub(crate) struct System;

impl Processes for System {
    fn started(&self, pid: u32) -> Option<u64> {
        started(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    fn parent(&self, pid: u32) -> Option<u32> {
        parent(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?).filter(|parent| *parent > 1)
    }

    fn exists(&self, pid: u32) -> bool {
        fs::exists(format!("/proc/{pid}")).unwrap_or(false)
    }

    fn executable(&self, pid: u32) -> Option<PathBuf> {
        let link = format!("/proc/{pid}/exe");
        let path = fs::read_link(&link).ok()?;
        // A deleted program, another mount namespace and a bind mount all show a path that is not the running
        // file's here. Only a path that leads to the same file names the program.
        let (running, named) = (fs::metadata(&link).ok()?, fs::metadata(&path).ok()?);
        let same = running.dev() == named.dev() && running.ino() == named.ino();
        same.then_some(path)
    }

    fn application(&self, pid: u32, executable: Option<&Path>) -> Option<String> {
        match executable {
            None => flatpak(&theirs(&format!("/proc/{pid}/root/.flatpak-info"))?),
            Some(path) if SNAPS.iter().any(|folder| path.starts_with(folder)) => {
                snap(&theirs(&format!("/proc/{pid}/attr/current"))?)
            }
            Some(_) => None,
        }
    }
}

/// Where the programs of snaps are.
const SNAPS: [&str; 2] = ["/snap", "/var/lib/snapd/snap"];

/// Longer texts are no description of an application.
const TEXT_LIMIT: u64 = 64 * 1024;

/// The text of a file that another process may have put there: never waited for, never a link, and bounded.
fn theirs(path: &str) -> Option<String> {
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_CLOEXEC;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    file.take(TEXT_LIMIT).read_to_string(&mut text).ok()?;
    Some(text)
}

/// The start time in a line of `/proc/<pid>/stat` (proc_pid_stat(5), field 22). The second field is the program's
/// own name in brackets, which may hold anything.
pub fn started(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_ascii_whitespace().nth(19)?.parse().ok()
}

/// The parent in a line of `/proc/<pid>/stat` (proc_pid_stat(5), field 4).
fn parent(stat: &str) -> Option<u32> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_ascii_whitespace().nth(1)?.parse().ok()
}

struct PidFd(OwnedFd);

impl Handle for PidFd {
    fn is_alive(&self) -> bool {
        // A pidfd becomes readable when its process ends (pidfd_open(2)).
        let mut fds = [PollFd::new(&self.0, PollFlags::IN)];
        matches!(poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })), Ok(0))
    }
}

/// `SO_PEERPIDFD`, Linux 6.5 and later; `None` on older kernels and for a process that is gone.
#[expect(unsafe_code, reason = "no safe wrapper knows this socket option")]
fn peer_handle(stream: &UnixStream) -> Option<PidFd> {
    let mut fd: libc::c_int = -1;
    let mut length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the socket is open for the whole call, and the kernel writes at most `length` bytes into `fd`.
    let answer = unsafe {
        libc::getsockopt(stream.as_fd().as_raw_fd(), libc::SOL_SOCKET, libc::SO_PEERPIDFD, (&raw mut fd).cast(), &raw mut length)
    };
    if answer != 0 || fd < 0 {
        return None;
    }
    // SAFETY: the kernel made this descriptor for us (close-on-exec), and nothing else owns it.
    Some(PidFd(unsafe { OwnedFd::from_raw_fd(fd) }))
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;
    use crate::peer::Executable;

    #[test]
    fn the_start_time_stands_after_the_last_bracket() {
        let rest = "S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4242 20";
        assert_eq!(started(&format!("7 (node) {rest}")), Some(4242));
        assert_eq!(started(&format!("7 (a) b) (c) {rest}")), Some(4242));
        for broken in ["", "7 (node", "7 (node) S 1", "7 (node) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 x"] {
            assert_eq!(started(broken), None);
        }
    }

    #[test]
    fn this_process_is_known_to_itself() {
        let me = std::process::id();
        assert_eq!(System.executable(me), std::env::current_exe().ok());
        assert!(System.started(me).is_some_and(|at| System.started(me) == Some(at)));
    }

    #[test]
    fn a_program_that_was_deleted_is_unknown() {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("sleep");
        fs::copy("/bin/sleep", &copy).unwrap();
        let mut child = Command::new(&copy).arg("60").stdin(Stdio::null()).spawn().unwrap();
        let before = System.executable(child.id());
        fs::remove_file(&copy).unwrap();
        let deleted = System.executable(child.id());
        fs::copy("/bin/true", &copy).unwrap();
        let replaced = System.executable(child.id());
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!((before, deleted, replaced), (Some(copy.canonicalize().unwrap()), None, None));
    }

    #[tokio::test]
    async fn the_other_end_of_a_socket_is_held() {
        let (one, _other) = UnixStream::pair().unwrap();
        let peer = of_socket(&one);
        assert_eq!(peer.user, wire::User::current().ok());
        assert_eq!(peer.pid, Some(std::process::id()));
        assert_eq!(peer.program.as_ref().map(Executable::path), std::env::current_exe().ok().as_deref());
        assert!(peer.strength >= Strength::StartTime);
        assert!(peer.is_there(&System));
    }
}
