//! What the kernel of macOS says about one descriptor that is a socket: `struct socket_fdinfo` (sys/proc_info.h), which is
//! laid out alike on both of Apple's processors.

use std::net::{IpAddr, SocketAddr};

/// Its size.
pub(super) const SIZE: usize = 792;

/// Where the kind of socket stands, and the number of a TCP socket.
const KIND: usize = 256;
const TCP: u32 = 2;

/// Where the ports stand, in the network's order: the other end's and its own.
const PORTS: [usize; 2] = [264, 268];

/// Where the addresses stand, 16 bytes each, of which one of the older family fills the last four.
const ADDRESSES: [usize; 2] = [296, 312];

/// Whether the socket is the end `client` of a connection to `door`.
pub(super) fn joins(info: &[u8; SIZE], client: SocketAddr, door: SocketAddr) -> bool {
    let part = |at: usize, length: usize| &info[at..at + length];
    let is = |end: usize, wanted: SocketAddr| {
        let IpAddr::V4(ip) = wanted.ip() else { return false };
        let (head, tail) = part(ADDRESSES[end], 16).split_at(12);
        // A program may reach 127.0.0.1 through a socket of the other family.
        let older = head.iter().all(|byte| *byte == 0) || (head[..10] == [0; 10] && head[10..] == [0xff; 2]);
        older && tail == ip.octets() && part(PORTS[end], 2) == wanted.port().to_be_bytes()
    };
    part(KIND, 4) == TCP.to_ne_bytes() && is(0, door) && is(1, client)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(kind: u32, other: (&[u8], u16), own: (&[u8], u16)) -> [u8; SIZE] {
        let mut info = [0; SIZE];
        info[KIND..KIND + 4].copy_from_slice(&kind.to_ne_bytes());
        for (end, (address, port)) in [other, own].into_iter().enumerate() {
            info[PORTS[end]..PORTS[end] + 2].copy_from_slice(&port.to_be_bytes());
            info[ADDRESSES[end] + 16 - address.len()..ADDRESSES[end] + 16].copy_from_slice(address);
        }
        info
    }

    #[test]
    fn only_the_clients_own_end_joins() {
        let (client, door) = ("127.0.0.1:43981".parse().unwrap(), "127.0.0.1:4660".parse().unwrap());
        let home: &[u8] = &[127, 0, 0, 1];
        let mapped: &[u8] = &[0xff, 0xff, 127, 0, 0, 1];
        let table = [
            (info(2, (home, 4660), (home, 43981)), true),
            (info(2, (mapped, 4660), (mapped, 43981)), true),
            // The door's own end, another connection, another address, another kind, an address of the newer family whose end
            // looks alike, and nothing.
            (info(2, (home, 43981), (home, 4660)), false),
            (info(2, (home, 4660), (home, 43982)), false),
            (info(2, (&[127, 0, 0, 2], 4660), (home, 43981)), false),
            (info(1, (home, 4660), (home, 43981)), false),
            (info(2, (&[1, 0, 0, 127, 0, 0, 1], 4660), (home, 43981)), false),
            ([0; SIZE], false),
        ];
        for (at, (info, expected)) in table.iter().enumerate() {
            assert_eq!(joins(info, client, door), *expected, "{at}");
        }
        assert!(!joins(&table[0].0, "[::1]:43981".parse().unwrap(), door));
    }
}
