//! Sleep and the lock of the screen, as logind tells them (org.freedesktop.login1(5)).

use std::collections::HashMap;

use futures_util::StreamExt;
use tokio::sync::mpsc;
use zbus::message::Type;
use zbus::names::InterfaceName;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue};
use zbus::{Connection, MatchRule, Message, MessageStream};

use super::Change;
use super::bus::Heard;
use super::screen::{Source, Word};

const LOGIND: &str = "org.freedesktop.login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION: &str = "org.freedesktop.login1.Session";
const PATH: &str = "/org/freedesktop/login1";
/// What lockers set: the session is locked.
const HINT: &str = "LockedHint";

/// A row of ListSessions: id, user, name of the user, seat, path.
type Row = (String, u32, String, String, OwnedObjectPath);

/// Follows it until the bus ends.
pub(super) async fn follow(bus: &Connection, heard: &mpsc::Sender<Heard>) -> zbus::Result<()> {
    let rule = MatchRule::builder().msg_type(Type::Signal).sender(LOGIND)?.path_namespace(PATH)?.build();
    let mut signals = MessageStream::for_match_rule(rule, bus, None).await?;
    // One that is not there yet is heard when it comes.
    if let Ok(sessions) = sessions(bus).await
        && heard.send(Heard::Screen(Word::Sessions(sessions))).await.is_err()
    {
        return Ok(());
    }
    while let Some(message) = signals.next().await {
        if let Some(word) = understood(bus, &message?).await
            && heard.send(word).await.is_err()
        {
            break;
        }
    }
    Ok(())
}

/// This user's sessions, and whether each is locked.
async fn sessions(bus: &Connection) -> zbus::Result<Vec<(Source, bool)>> {
    let answer = bus.call_method(Some(LOGIND), PATH, Some(MANAGER), "ListSessions", &()).await?;
    let rows: Vec<Row> = answer.body().deserialize()?;
    let mut sessions = Vec::new();
    for (_, user, _, _, path) in rows {
        // One that ended meanwhile has no hint.
        if user == own()
            && let Ok(hint) = property(bus, &path, HINT).await
        {
            sessions.push((session(&path), bool::try_from(hint)?));
        }
    }
    Ok(sessions)
}

async fn understood(bus: &Connection, message: &Message) -> Option<Heard> {
    let header = message.header();
    let (path, member) = (header.path()?, header.member()?.as_str());
    let body = message.body();
    match (header.interface()?.as_str(), member) {
        (MANAGER, "PrepareForSleep") => (!body.deserialize::<bool>().ok()?).then_some(Heard::Other(Change::Resumed)),
        // A session that is gone locks nothing.
        (MANAGER, "SessionRemoved") => {
            let (_, path): (String, OwnedObjectPath) = body.deserialize().ok()?;
            Some(Heard::Screen(Word::Unlocked(session(&path))))
        }
        (SESSION, "Lock") => is_own(bus, path).await.then(|| Heard::Screen(Word::Ordered(session(path)))),
        (SESSION, "Unlock") => is_own(bus, path).await.then(|| Heard::Screen(Word::Released(session(path)))),
        ("org.freedesktop.DBus.Properties", "PropertiesChanged") => {
            let (interface, changed, _): (String, HashMap<String, OwnedValue>, Vec<String>) = body.deserialize().ok()?;
            let hint = changed.get(HINT).filter(|_| interface == SESSION)?;
            let word = if bool::try_from(hint).ok()? { Word::Locked } else { Word::Unlocked };
            is_own(bus, path).await.then(|| Heard::Screen(word(session(path))))
        }
        _ => None,
    }
}

fn session(path: &ObjectPath<'_>) -> Source {
    Source::Session(path.to_string())
}

/// Whether a session is this user's: others lock and unlock theirs on the same bus.
async fn is_own(bus: &Connection, session: &ObjectPath<'_>) -> bool {
    let user = property(bus, session, "User").await;
    let owner = user.and_then(|user| Ok(<(u32, OwnedObjectPath)>::try_from(user)?.0));
    owner.is_ok_and(|owner| owner == own())
}

async fn property(bus: &Connection, session: &ObjectPath<'_>, name: &'static str) -> zbus::Result<OwnedValue> {
    let proxy = zbus::fdo::PropertiesProxy::builder(bus).destination(LOGIND)?.path(session)?.build().await?;
    Ok(proxy.get(InterfaceName::from_static_str(SESSION)?, name).await?)
}

fn own() -> u32 {
    rustix::process::getuid().as_raw()
}
