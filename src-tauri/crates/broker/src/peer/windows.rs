#![expect(unsafe_code, reason = "processes and connections are known to the system's own interface only")]

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::os::windows::ffi::OsStringExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::PathBuf;
use std::ptr;
use std::sync::Arc;

use tokio::net::windows::named_pipe::NamedPipeServer;
use windows_sys::Win32::Foundation::{ERROR_INSUFFICIENT_BUFFER, FILETIME, NO_ERROR, WAIT_TIMEOUT};
use windows_sys::Win32::NetworkManagement::IpHelper::{
    GetExtendedTcpTable, MIB_TCPROW_OWNER_PID, TCP_TABLE_OWNER_PID_CONNECTIONS,
};
use windows_sys::Win32::Networking::WinSock::AF_INET;
use windows_sys::Win32::Storage::FileSystem::SYNCHRONIZE;
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW, TH32CS_SNAPPROCESS,
};
use windows_sys::Win32::System::Pipes::GetNamedPipeClientProcessId;
use windows_sys::Win32::System::Threading::{
    GetProcessTimes, OpenProcess, PROCESS_NAME_WIN32, PROCESS_QUERY_LIMITED_INFORMATION, QueryFullProcessImageNameW,
    WaitForSingleObject,
};
use wire::user::of_process;

use super::{Code, Handle, Peer, Processes, Strength};

mod signer;

/// Whether the key alone may decide where the other end of a loopback connection is not found (LI-35): a relay of WSL or
/// of a container has no process here.
pub(crate) const UNKNOWN_MAY: bool = true;

/// Longer tables are not read.
const TABLE_LIMIT: u32 = 16 * 1024 * 1024;

/// The peer of a connection on the pipe. Its access list let only this user in; the process says who that is once more.
pub(crate) fn of_socket(pipe: &NamedPipeServer) -> Peer {
    let mut pid = 0;
    // SAFETY: the pipe is open for the whole call.
    let told = unsafe { GetNamedPipeClientProcessId(pipe.as_raw_handle(), &raw mut pid) } != 0;
    if told && pid != 0 { of_process_number(pid) } else { Peer::user(None) }
}

/// The peer of a connection on the loopback door, by the system's table of connections (LI-35).
pub(crate) fn of_loopback(client: SocketAddr, door: SocketAddr, _program: bool) -> Peer {
    match holder(client, door) {
        Some(pid) => of_process_number(pid).at_most(Strength::Pid),
        None => Peer::user(None),
    }
}

fn of_process_number(pid: u32) -> Peer {
    let Some(process) = process(pid) else { return Peer::user(None) };
    let user = of_process(&process).ok();
    Peer::gather(user, Some(pid), Some(Box::new(Held(process))), &System)
}

/// A handle keeps the number from being given to another process.
struct Held(OwnedHandle);

impl Handle for Held {
    fn is_alive(&self) -> bool {
        // SAFETY: the handle is open for the whole call, which does not wait.
        unsafe { WaitForSingleObject(self.0.as_raw_handle(), 0) == WAIT_TIMEOUT }
    }

    fn code(&self) -> Option<Arc<dyn Code>> {
        code(&self.0)
    }
}

fn process(pid: u32) -> Option<OwnedHandle> {
    // SAFETY: the call takes numbers alone.
    let handle = unsafe { OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, 0, pid) };
    // SAFETY: the system made this handle for us, and nothing else owns it.
    (!handle.is_null()).then(|| unsafe { OwnedHandle::from_raw_handle(handle) })
}

/// The processes of Windows.
pub(crate) struct System;

impl Processes for System {
    fn started(&self, pid: u32) -> Option<u64> {
        let process = process(pid)?;
        let mut times = [FILETIME::default(); 4];
        let [created, exited, kernel, user] = times.each_mut().map(ptr::from_mut);
        // SAFETY: the handle is open for the whole call, which writes four times.
        let told = unsafe { GetProcessTimes(process.as_raw_handle(), created, exited, kernel, user) } != 0;
        told.then(|| u64::from(times[0].dwHighDateTime) << 32 | u64::from(times[0].dwLowDateTime))
    }

    fn parent(&self, pid: u32) -> Option<u32> {
        // SAFETY: the call takes numbers alone.
        let snapshot = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0) };
        // SAFETY: as in `process`; an invalid handle is -1, which is refused by the next call.
        let snapshot = unsafe { OwnedHandle::from_raw_handle(snapshot) };
        let mut entry = PROCESSENTRY32W { dwSize: size_of::<PROCESSENTRY32W>() as u32, ..PROCESSENTRY32W::default() };
        // SAFETY: the entry tells its size, and the system writes no more.
        let mut more = unsafe { Process32FirstW(snapshot.as_raw_handle(), &raw mut entry) } != 0;
        while more {
            if entry.th32ProcessID == pid {
                return Some(entry.th32ParentProcessID).filter(|parent| *parent > 4);
            }
            // SAFETY: as above.
            more = unsafe { Process32NextW(snapshot.as_raw_handle(), &raw mut entry) } != 0;
        }
        None
    }

    fn exists(&self, pid: u32) -> bool {
        process(pid).is_some_and(|process| Held(process).is_alive())
    }

    fn executable(&self, pid: u32) -> Option<PathBuf> {
        image(&process(pid)?)
    }

    fn code(&self, pid: u32) -> Option<Arc<dyn Code>> {
        code(&process(pid)?)
    }
}

fn image(process: &OwnedHandle) -> Option<PathBuf> {
    let (mut name, mut length) = (vec![0_u16; 32_768], 32_768_u32);
    // SAFETY: the system writes at most `length` units into `name`.
    let told =
        unsafe { QueryFullProcessImageNameW(process.as_raw_handle(), PROCESS_NAME_WIN32, name.as_mut_ptr(), &raw mut length) };
    (told != 0).then(|| OsString::from_wide(&name[..length as usize]).into())
}

fn code(process: &OwnedHandle) -> Option<Arc<dyn Code>> {
    Some(Arc::new(signer::Signed::of(image(process)?)))
}

/// The process that holds the end `client` of a connection to `door`.
fn holder(client: SocketAddr, door: SocketAddr) -> Option<u32> {
    let rows = table()?;
    let (IpAddr::V4(local), IpAddr::V4(remote)) = (client.ip(), door.ip()) else { return None };
    // Addresses and ports stand in the network's order, a port in the lower half of its field.
    let address = |ip: std::net::Ipv4Addr| u32::from_ne_bytes(ip.octets());
    let port = |field: u32| u16::from_be(field as u16);
    let wanted = |row: &&MIB_TCPROW_OWNER_PID| {
        (row.dwLocalAddr, port(row.dwLocalPort)) == (address(local), client.port())
            && (row.dwRemoteAddr, port(row.dwRemotePort)) == (address(remote), door.port())
    };
    // A connection that is closing belongs to nobody.
    rows.iter().find(wanted).map(|row| row.dwOwningPid).filter(|pid| *pid > 4)
}

fn table() -> Option<Vec<MIB_TCPROW_OWNER_PID>> {
    let mut room: Vec<u32> = vec![0; 4096];
    loop {
        let mut size = u32::try_from(room.len() * 4).ok()?;
        // SAFETY: the system writes at most `size` bytes into `room`, which is aligned for what it writes.
        let answer = unsafe {
            GetExtendedTcpTable(
                room.as_mut_ptr().cast(),
                &raw mut size,
                0,
                u32::from(AF_INET),
                TCP_TABLE_OWNER_PID_CONNECTIONS,
                0,
            )
        };
        match answer {
            NO_ERROR => break,
            ERROR_INSUFFICIENT_BUFFER if size <= TABLE_LIMIT => room.resize(size as usize / 4 + 1024, 0),
            _ => return None,
        }
    }
    let count = room[0] as usize;
    let rows = room[1..].as_chunks::<6>().0;
    let row = |row: &[u32; 6]| {
        let [state, local, local_port, remote, remote_port, pid] = *row;
        MIB_TCPROW_OWNER_PID {
            dwState: state,
            dwLocalAddr: local,
            dwLocalPort: local_port,
            dwRemoteAddr: remote,
            dwRemotePort: remote_port,
            dwOwningPid: pid,
        }
    };
    Some(rows.iter().take(count).map(row).collect())
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn this_process_is_known_to_itself() {
        let me = std::process::id();
        assert_eq!(System.executable(me), std::env::current_exe().ok());
        assert!(System.started(me).is_some_and(|at| System.started(me) == Some(at)));
        assert!(System.exists(me));
    }

    #[test]
    fn the_other_end_of_a_loopback_connection_is_this_user() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut accepted, client) = listener.accept().unwrap();
        // Wine knows the owner of a socket only once it was used.
        stream.write_all(b"x").unwrap();
        accepted.read_exact(&mut [0]).unwrap();
        let peer = of_loopback(client, listener.local_addr().unwrap(), true);
        assert_eq!((peer.pid, peer.user), (Some(std::process::id()), wire::User::current().ok()));
        assert_eq!(peer.strength, Strength::Pid);
    }
}
