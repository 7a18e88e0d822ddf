//! The lock of the screen, as screen savers of the desktop tell it.

use futures_util::StreamExt;
use tokio::sync::mpsc;
use zbus::message::Type;
use zbus::proxy::{MethodFlags, Proxy};
use zbus::{Connection, MatchRule, MessageStream};

use super::bus::Heard;
use super::screen::{Source, Word};

/// The names that they have, with the path of each: each is an interface, too.
const SAVERS: [(&str, &str); 2] =
    [("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"), ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver")];

/// Follows them until the bus ends, and with it the desktop that was locked.
pub(super) async fn follow(bus: &Connection, heard: &mpsc::Sender<Heard>) -> zbus::Result<()> {
    let mut all = futures_util::stream::SelectAll::new();
    for (name, path) in SAVERS {
        let rule = MatchRule::builder().msg_type(Type::Signal).sender(name)?.interface(name)?.member("ActiveChanged")?;
        let signals = MessageStream::for_match_rule(rule.build(), bus, None).await?;
        all.push(signals.map(move |message| (name, message)));
        if is_active(bus, name, path).await.unwrap_or(false) && !tell(heard, name, true).await {
            return Ok(());
        }
    }
    while let Some((name, message)) = all.next().await {
        let Ok(message) = message else { break };
        if let Ok(active) = message.body().deserialize::<bool>()
            && !tell(heard, name, active).await
        {
            break;
        }
    }
    for (name, _) in SAVERS {
        tell(heard, name, false).await;
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
