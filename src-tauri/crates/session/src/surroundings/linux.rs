use std::io;
use std::time::Duration;

use futures_util::StreamExt;
use rustix::event::{PollFd, PollFlags};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType};
use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec};
use tokio::sync::mpsc;
use zbus::zvariant::OwnedObjectPath;
use zbus::{MatchRule, Message, MessageStream};

use super::Change;

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
    tokio::spawn(async move {
        if let Err(error) = logind(changes).await {
            tracing::info!(%error, "sleep and screen lock are not followed");
        }
    });
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

async fn logind(changes: mpsc::Sender<Change>) -> zbus::Result<()> {
    let bus = zbus::Connection::system().await?;
    let rule = |interface: &'static str, member: &'static str| -> zbus::Result<MatchRule<'static>> {
        let rule = MatchRule::builder().msg_type(zbus::message::Type::Signal).sender("org.freedesktop.login1")?;
        Ok(rule.interface(interface)?.member(member)?.build())
    };
    let sleep = MessageStream::for_match_rule(rule("org.freedesktop.login1.Manager", "PrepareForSleep")?, &bus, None).await?;
    let lock = MessageStream::for_match_rule(rule("org.freedesktop.login1.Session", "Lock")?, &bus, None).await?;
    let unlock = MessageStream::for_match_rule(rule("org.freedesktop.login1.Session", "Unlock")?, &bus, None).await?;
    let resumed = sleep.filter_map(|message| async move {
        let before: bool = message.ok()?.body().deserialize().ok()?;
        (!before).then_some(Change::Resumed)
    });
    let own = |change: Change| {
        let bus = bus.clone();
        move |message: zbus::Result<Message>| {
            let bus = bus.clone();
            async move { is_own(&bus, &message.ok()?).await.then_some(change) }
        }
    };
    let locked = lock.filter_map(own(Change::ScreenLocked));
    let unlocked = unlock.filter_map(own(Change::ScreenUnlocked));
    let mut all = std::pin::pin!(futures_util::stream::select(resumed, futures_util::stream::select(locked, unlocked)));
    while let Some(change) = all.next().await {
        if changes.send(change).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// Whether the signal is about a session of this user: others lock and unlock theirs on the same bus.
async fn is_own(bus: &zbus::Connection, message: &Message) -> bool {
    let header = message.header();
    let Some(path) = header.path() else { return false };
    let properties =
        zbus::fdo::PropertiesProxy::builder(bus).destination("org.freedesktop.login1").and_then(|builder| builder.path(path));
    let Ok(builder) = properties else { return false };
    let Ok(proxy) = builder.build().await else { return false };
    let interface = zbus::names::InterfaceName::from_static_str_unchecked("org.freedesktop.login1.Session");
    let Ok(user) = proxy.get(interface, "User").await else { return false };
    let owner = <(u32, OwnedObjectPath)>::try_from(user).map(|(uid, _)| uid);
    owner.is_ok_and(|uid| uid == rustix::process::getuid().as_raw())
}
