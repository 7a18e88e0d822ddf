use std::io;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType};
use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec};
use tokio::sync::mpsc;

use super::{Change, bus};

/// Addresses and routes of both families (rtnetlink(7)).
const GROUPS: u32 = 0x10 | 0x40 | 0x100 | 0x400;
/// A new network announces itself with many messages.
const SETTLE: Duration = Duration::from_secs(1);

pub(super) fn follow(changes: mpsc::Sender<Change>) {
    let kernel = changes.clone();
    let started = std::thread::Builder::new().name("surroundings".into()).spawn(move || {
        if let Err(error) = watch_kernel(&kernel) {
            tracing::info!(%error, "network and clock changes are not followed");
        }
    });
    if let Err(error) = started {
        tracing::info!(%error, "network and clock changes are not followed");
    }
    bus::follow(changes);
}

/// Sleeps in `poll` on the network's and the clock's descriptors; no timer ever wakes it.
fn watch_kernel(changes: &mpsc::Sender<Change>) -> io::Result<()> {
    let network = network_changes()?;
    let clock = rustix::time::timerfd_create(TimerfdClockId::Realtime, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
    arm(&clock)?;
    loop {
        let mut ready = [PollFd::new(&network, PollFlags::IN), PollFd::new(&clock, PollFlags::IN)];
        match rustix::event::poll(&mut ready, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let [network_ready, clock_ready] = ready.map(|fd| !fd.revents().is_empty());
        if network_ready {
            std::thread::sleep(SETTLE);
            drain(&network)?;
        }
        let mut count = [0_u8; 8];
        let jumped = clock_ready && matches!(rustix::io::read(&clock, &mut count), Err(Errno::CANCELED));
        if clock_ready {
            arm(&clock)?;
        }
        for change in
            [network_ready.then_some(Change::NetworkChanged), jumped.then_some(Change::ClockJumped)].into_iter().flatten()
        {
            if changes.blocking_send(change).is_err() {
                return Ok(());
            }
        }
    }
}

fn network_changes() -> io::Result<OwnedFd> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = rustix::net::socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None)?;
    rustix::net::bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
    Ok(socket)
}

/// Throws the messages away: that there were some is all that matters.
fn drain(socket: &OwnedFd) -> io::Result<()> {
    let mut buffer = [0_u8; 8192];
    loop {
        match rustix::net::recv(socket, &mut buffer[..], RecvFlags::empty()) {
            Ok(_) | Err(Errno::NOBUFS | Errno::INTR) => {}
            Err(Errno::AGAIN) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// A timer far in the future that the kernel cancels when somebody sets the clock (timerfd_create(2)).
fn arm(clock: &OwnedFd) -> io::Result<()> {
    let never = Timespec { tv_sec: 0, tv_nsec: 0 };
    let far = Timespec { tv_sec: i64::from(u32::MAX), tv_nsec: 0 };
    let timer = Itimerspec { it_interval: never, it_value: far };
    rustix::time::timerfd_settime(clock, TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET, &timer)?;
    Ok(())
}
