//! Who owns the other end of a loopback connection, by the kernel's tables `/proc/net/tcp` and `tcp6` (LI-35).

use std::fs::{self, File};
use std::io::Read;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::MetadataExt;

/// Longer tables are not read: a desktop has a few hundred rows of 150 bytes.
const TABLE_LIMIT: u64 = 16 * 1024 * 1024;

/// How many descriptors are looked at to find the one process that holds a socket.
const LOOK_LIMIT: usize = 20_000;

/// The owner of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Its user.
    pub uid: u32,
    /// The socket's inode, never 0.
    pub inode: u64,
}

/// The owner of the end `client` of a connection to `door`.
pub fn look_up(client: SocketAddr, door: SocketAddr) -> Option<Owner> {
    // A program may reach 127.0.0.1 through a socket of the other family; it then stands in the other table.
    ["/proc/net/tcp", "/proc/net/tcp6"].into_iter().find_map(|table| {
        let mut text = String::new();
        File::open(table).ok()?.take(TABLE_LIMIT).read_to_string(&mut text).ok()?;
        find(&text, client, door)
    })
}

/// The row of a table of connections that leads from `client` to `door`.
pub fn find(table: &str, client: SocketAddr, door: SocketAddr) -> Option<Owner> {
    let (IpAddr::V4(client_ip), IpAddr::V4(door_ip)) = (client.ip(), door.ip()) else { return None };
    // The kernel prints each 32-bit word as this machine reads it.
    let mapped = format!("{:024X}", u32::from_ne_bytes([0, 0, 0xff, 0xff]));
    let end = |ip: std::net::Ipv4Addr, port: u16| format!("{:08X}:{port:04X}", u32::from_ne_bytes(ip.octets()));
    let (local, remote) = (end(client_ip, client.port()), end(door_ip, door.port()));
    let is = |field: &str, end: &str| field == end || field.strip_prefix(mapped.as_str()) == Some(end);
    table.lines().skip(1).find_map(|row| {
        let mut fields = row.split_ascii_whitespace().skip(1);
        if !is(fields.next()?, &local) || !is(fields.next()?, &remote) {
            return None;
        }
        let uid = fields.nth(4)?.parse().ok()?;
        let inode = fields.nth(1)?.parse().ok()?;
        // A closed socket's row says user 0 and inode 0, which is nobody and above all not root.
        (inode != 0).then_some(Owner { uid, inode })
    })
}

/// A process of `uid` that holds the socket: best effort, newest process first.
pub(crate) fn holder(inode: u64, uid: u32) -> Option<u32> {
    let mut pids: Vec<u32> =
        fs::read_dir("/proc").ok()?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect();
    pids.sort_unstable_by(|a, b| b.cmp(a));
    let mut left = LOOK_LIMIT;
    pids.into_iter().find(|pid| {
        let theirs = fs::metadata(format!("/proc/{pid}")).is_ok_and(|found| found.uid() == uid);
        theirs && has(*pid, inode, &mut left)
    })
}

/// Whether the process holds the socket.
pub(crate) fn holds(pid: u32, inode: u64) -> bool {
    has(pid, inode, &mut LOOK_LIMIT.clone())
}

fn has(pid: u32, inode: u64, left: &mut usize) -> bool {
    let name = format!("socket:[{inode}]");
    let Ok(open) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    open.flatten().any(|entry| {
        if *left == 0 {
            return false;
        }
        *left -= 1;
        fs::read_link(entry.path()).is_ok_and(|link| link.as_os_str() == name.as_str())
    })
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    const HEAD: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    fn table(rows: &[&str]) -> String {
        format!("{HEAD}{}", rows.join("\n"))
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn the_row_is_the_clients_own_and_alive() {
        let client: SocketAddr = "127.0.0.1:43981".parse().unwrap();
        let door: SocketAddr = "127.0.0.1:4660".parse().unwrap();
        let tail = "00000000:00000000 00:00000000 00000000  1000        0 777 1 0 20 4 30 10 -1";
        let ours = format!("   1: 0100007F:ABCD 0100007F:1234 01 {tail}");
        let doors = format!("   0: 0100007F:1234 0100007F:ABCD 01 {}", tail.replace("1000", "1001"));
        let other = format!("   2: 0100007F:ABCE 0100007F:1234 01 {tail}");
        let waiting = "   3: 0100007F:ABCD 0100007F:1234 06 00000000:00000000 03:00000F00 00000000     0        0 0 3 0";
        let six = format!("   1: 0000000000000000FFFF00000100007F:ABCD 0000000000000000FFFF00000100007F:1234 01 {tail}");
        let expected = Some(Owner { uid: 1000, inode: 777 });
        assert_eq!(find(&table(&[&doors, &other, &ours]), client, door), expected);
        assert_eq!(find(&table(&[&six]), client, door), expected);
        for rows in [vec![doors.as_str(), other.as_str()], vec![waiting], vec![], vec!["   1: 0100007F:ABCD 0100007F:1234 01"]] {
            assert_eq!(find(&table(&rows), client, door), None, "{rows:?}");
        }
    }

    #[test]
    fn a_connection_of_this_process_is_found_with_its_holder() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (accepted, client) = listener.accept().unwrap();
        let own = rustix::process::geteuid().as_raw();
        let found = look_up(client, listener.local_addr().unwrap()).unwrap();
        assert_eq!(found.uid, own);
        assert_eq!(holder(found.inode, own), Some(std::process::id()));
        drop(stream);
        drop(accepted);
        assert!(!holds(std::process::id(), found.inode));
    }
}
