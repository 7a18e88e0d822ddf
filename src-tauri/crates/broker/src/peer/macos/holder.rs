use std::ffi::c_int;
use std::net::SocketAddr;

use crate::peer::socket_info::{SIZE, joins};

/// Asks for the processes of one user (`PROC_UID_ONLY`).
const OF_USER: u32 = 4;
/// Asks for a socket (`PROC_PIDFDSOCKETINFO`).
const SOCKET: c_int = 3;

/// How many processes and descriptors are looked at to find the one that holds a socket.
const MOST_PROCESSES: usize = 4_096;
const LOOK_LIMIT: usize = 20_000;

/// A descriptor of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) pid: u32,
    descriptor: i32,
}

/// A process of `user` that holds the end `client` of a connection to `door`: best effort.
pub(super) fn holder(client: SocketAddr, door: SocketAddr, user: u32) -> Option<Held> {
    let sockets =
        processes(user).into_iter().flat_map(|pid| sockets(pid).into_iter().map(move |descriptor| Held { pid, descriptor }));
    sockets.take(LOOK_LIMIT).find(|held| holds(*held, client, door))
}

/// Whether the process still holds it.
pub(super) fn holds(held: Held, client: SocketAddr, door: SocketAddr) -> bool {
    let mut info = [0_u8; SIZE];
    let Ok(pid) = c_int::try_from(held.pid) else { return false };
    // SAFETY: the system writes at most `SIZE` bytes.
    let written = unsafe { libc::proc_pidfdinfo(pid, held.descriptor, SOCKET, info.as_mut_ptr().cast(), SIZE as c_int) };
    written == SIZE as c_int && joins(&info, client, door)
}

fn processes(user: u32) -> Vec<u32> {
    let mut pids = vec![0_u32; MOST_PROCESSES];
    let size = (MOST_PROCESSES * size_of::<u32>()) as c_int;
    // SAFETY: the system writes at most `size` bytes of numbers.
    let written = unsafe { libc::proc_listpids(OF_USER, user, pids.as_mut_ptr().cast(), size) };
    pids.truncate(usize::try_from(written).unwrap_or_default() / size_of::<u32>());
    pids.retain(|pid| *pid > 0);
    pids
}

/// The descriptors of a process that are sockets.
fn sockets(pid: u32) -> Vec<i32> {
    let mut open = vec![libc::proc_fdinfo { proc_fd: 0, proc_fdtype: 0 }; LOOK_LIMIT];
    let Ok(pid) = c_int::try_from(pid) else { return Vec::new() };
    let size = (LOOK_LIMIT * size_of::<libc::proc_fdinfo>()) as c_int;
    // SAFETY: the system writes at most `size` bytes of such pairs of numbers.
    let written = unsafe { libc::proc_pidinfo(pid, libc::PROC_PIDLISTFDS, 0, open.as_mut_ptr().cast(), size) };
    open.truncate(usize::try_from(written).unwrap_or_default() / size_of::<libc::proc_fdinfo>());
    let socket = |pair: &libc::proc_fdinfo| c_int::try_from(pair.proc_fdtype) == Ok(libc::PROX_FDTYPE_SOCKET);
    open.iter().filter(|pair| socket(pair)).map(|pair| pair.proc_fd).collect()
}
