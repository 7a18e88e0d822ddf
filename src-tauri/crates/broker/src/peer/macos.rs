#![expect(unsafe_code, reason = "processes are known to the system's own interface only")]

use std::ffi::{OsString, c_int, c_void};
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::UnixStream;

use super::audit_token::AuditToken;
use super::{Code, Handle, Peer, Processes, Strength};

mod code;
mod holder;

/// Whether the key alone may decide where the other end of a loopback connection is not found (LI-35): macOS shows the
/// connections of this user's processes only.
pub(crate) const UNKNOWN_MAY: bool = true;

/// The longest path that the system tells of a program (`PROC_PIDPATHINFO_MAXSIZE`).
const PATH_LIMIT: usize = 4096;

unsafe extern "C" {
    /// macOS 11 and later.
    fn proc_pidpath_audittoken(token: *const AuditToken, path: *mut c_void, size: u32) -> c_int;
}

/// The peer of a connection on the socket. Its user is that of the moment it connected; its process is known by the audit
/// token, in which the number and the version are of one process that neither ended nor became another program.
pub(crate) fn of_socket(stream: &UnixStream) -> Peer {
    let Ok(credentials) = stream.peer_cred() else { return Peer::user(None) };
    let user = Some(credentials.uid().into());
    // A socket that was handed on leads to a process of its last user, who may be another.
    let Some(token) = token(stream).filter(|token| token.user() == credentials.uid()) else { return Peer::user(user) };
    let pid = token.process();
    Peer::gather(user, pid, pid.map(|_| Box::new(token) as Box<dyn Handle>), &System)
}

/// The peer of a connection on the loopback door. It is looked for only where a rule asks, because that search reads every
/// descriptor of the user; it finds this user's processes or nobody.
pub(crate) fn of_loopback(client: SocketAddr, door: SocketAddr, program: bool) -> Peer {
    let own = rustix::process::geteuid().as_raw();
    let Some(held) = program.then(|| holder::holder(client, door, own)).flatten() else { return Peer::user(None) };
    let handle = code::token_of(held.pid).map(|token| Box::new(token) as Box<dyn Handle>);
    let peer = Peer::gather(Some(own.into()), Some(held.pid), handle, &System).at_most(Strength::Pid);
    match holder::holds(held, client, door) {
        true => peer,
        // Handed on or closed while looking: it is this user's all the same, and no process is known.
        false => Peer::user(Some(own.into())),
    }
}

/// `LOCAL_PEERTOKEN`
fn token(stream: &UnixStream) -> Option<AuditToken> {
    let mut token = AuditToken([0; 8]);
    let size = size_of::<AuditToken>() as libc::socklen_t;
    let mut length = size;
    // SAFETY: the socket is open for the whole call, and the kernel writes at most `length` bytes into `token`.
    let answer = unsafe {
        libc::getsockopt(
            stream.as_fd().as_raw_fd(),
            libc::SOL_LOCAL,
            libc::LOCAL_PEERTOKEN,
            (&raw mut token).cast(),
            &raw mut length,
        )
    };
    (answer == 0 && length == size).then_some(token)
}

impl Handle for AuditToken {
    fn is_alive(&self) -> bool {
        // The system finds a process by number and version together, so no other one answers.
        told(|path, size| {
            // SAFETY: token and path live for the whole call, which writes at most `size` bytes.
            unsafe { proc_pidpath_audittoken(self, path, size) }
        })
        .is_some()
    }

    fn code(&self) -> Option<Arc<dyn Code>> {
        Some(Arc::new(code::Signed::of(*self)))
    }
}

/// The processes of macOS.
pub(crate) struct System;

impl Processes for System {
    fn started(&self, pid: u32) -> Option<u64> {
        let facts = facts(pid)?;
        facts.pbi_start_tvsec.checked_mul(1_000_000)?.checked_add(facts.pbi_start_tvusec)
    }

    fn parent(&self, pid: u32) -> Option<u32> {
        Some(facts(pid)?.pbi_ppid).filter(|parent| *parent > 1)
    }

    fn exists(&self, pid: u32) -> bool {
        facts(pid).is_some()
    }

    /// The kernel tells where the running file is now, and nothing where it is gone.
    fn executable(&self, pid: u32) -> Option<PathBuf> {
        let pid = c_int::try_from(pid).ok()?;
        // SAFETY: the path lives for the whole call, which writes at most `size` bytes.
        told(|path, size| unsafe { libc::proc_pidpath(pid, path, size) })
    }

    fn code(&self, pid: u32) -> Option<Arc<dyn Code>> {
        Some(Arc::new(code::Signed::of(code::token_of(pid)?)))
    }
}

/// A path as one of the system's calls writes it.
fn told(call: impl FnOnce(*mut c_void, u32) -> c_int) -> Option<PathBuf> {
    let mut path = vec![0_u8; PATH_LIMIT];
    let length = usize::try_from(call(path.as_mut_ptr().cast(), PATH_LIMIT as u32)).ok().filter(|length| *length > 0)?;
    path.truncate(length);
    let end = path.iter().position(|byte| *byte == 0).unwrap_or(length);
    path.truncate(end);
    path.starts_with(b"/").then(|| OsString::from_vec(path).into())
}

fn facts(pid: u32) -> Option<libc::proc_bsdinfo> {
    // SAFETY: every field is a number or an array of them, for which zeros are a value.
    let mut facts: libc::proc_bsdinfo = unsafe { std::mem::zeroed() };
    let size = size_of::<libc::proc_bsdinfo>() as c_int;
    let pid = c_int::try_from(pid).ok()?;
    // SAFETY: the system writes at most `size` bytes.
    let written = unsafe { libc::proc_pidinfo(pid, libc::PROC_PIDTBSDINFO, 0, (&raw mut facts).cast(), size) };
    (written == size).then_some(facts)
}
