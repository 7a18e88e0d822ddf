//! The lock of the screen, as screen savers of the desktop tell it.

use futures_util::stream::{BoxStream, SelectAll, StreamExt};
use tokio::sync::mpsc;
use zbus::message::Type;
use zbus::proxy::{MethodFlags, Proxy};
use zbus::{Connection, MatchRule, Message, MessageStream};

use super::bus::{Heard, owner_changes};
use super::screen::{Source, Word};

/// The names that they have, with the path of each: each is an interface, too.
const SAVERS: [(&str, &str); 5] = [
    ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
    ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
    ("org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver"),
    ("org.mate.ScreenSaver", "/org/mate/ScreenSaver"),
    ("org.xfce.ScreenSaver", "/org/xfce/ScreenSaver"),
];

/// Follows them until the bus ends, and with it the desktop that was locked.
pub(super) async fn follow(bus: &Connection, heard: &mpsc::Sender<Heard>) -> zbus::Result<()> {
    let ended = listen(bus, heard).await;
    for (name, _) in SAVERS {
        tell(heard, name, false).await;
    }
    ended
}

async fn listen(bus: &Connection, heard: &mpsc::Sender<Heard>) -> zbus::Result<()> {
    let mut all: SelectAll<BoxStream<'static, (usize, zbus::Result<Message>)>> = SelectAll::new();
    for (at, (name, path)) in SAVERS.into_iter().enumerate() {
        let rule = MatchRule::builder().msg_type(Type::Signal).sender(name)?.interface(name)?.member("ActiveChanged")?;
        let signals = MessageStream::for_match_rule(rule.build(), bus, None).await?;
        all.push(signals.map(move |message| (at, message)).boxed());
        all.push(owner_changes(bus, name).await?.map(move |message| (at, message)).boxed());
        if !tell(heard, name, is_active(bus, name, path).await.unwrap_or(false)).await {
            return Ok(());
        }
    }
    while let Some((at, message)) = all.next().await {
        let (message, (name, _)) = (message?, SAVERS[at]);
        // One that left the bus covers nothing, and one that came says so.
        let active = match message.header().member().is_some_and(|member| member == "ActiveChanged") {
            true => message.body().deserialize::<bool>().unwrap_or(true),
            false => false,
        };
        if !tell(heard, name, active).await {
            break;
        }
    }
    Ok(())
}

/// None is started to be asked.
async fn is_active(bus: &Connection, name: &'static str, path: &'static str) -> zbus::Result<bool> {
    let saver = Proxy::new(bus, name, path, name).await?;
    Ok(saver.call_with_flags("GetActive", MethodFlags::NoAutoStart.into(), &()).await?.unwrap_or(false))
}

/// Whether anybody still listens.
async fn tell(heard: &mpsc::Sender<Heard>, name: &'static str, active: bool) -> bool {
    let word = if active { Word::Locked } else { Word::Unlocked };
    heard.send(Heard::Screen(word(Source::Saver(name)))).await.is_ok()
}
