//! Sleep and the lock of the screen, as logind tells them (org.freedesktop.login1(5)).

use std::collections::{BTreeMap, HashMap};

use futures_util::stream::{StreamExt, select};
use tokio::sync::mpsc;
use zbus::fdo::{DBusProxy, PropertiesProxy};
use zbus::message::Type;
use zbus::names::{BusName, InterfaceName};
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue};
use zbus::{Connection, MatchRule, Message, MessageStream};

use super::Change;
use super::bus::{Heard, owner_changes};
use super::screen::{Source, Word};

const LOGIND: &str = "org.freedesktop.login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION: &str = "org.freedesktop.login1.Session";
const PATH: &str = "/org/freedesktop/login1";
/// What lockers set: the session is locked.
const HINT: &str = "LockedHint";

/// A row of ListSessions: id, user, name of the user, seat, path.
type Row = (String, u32, String, String, OwnedObjectPath);

/// What is known of logind, so that no signal needs a question: a reply waits behind every signal of the same connection.
struct Logind<'b> {
    /// For questions alone.
    asking: &'b Connection,
    /// Its unique name: whoever else sends its signals is not believed.
    owner: Option<String>,
    /// This user's sessions, and whether each has a screen that can be locked.
    own: BTreeMap<String, bool>,
}

/// Follows it until the bus ends. `asking` is another connection to the same bus.
pub(super) async fn follow(bus: &Connection, asking: &Connection, heard: &mpsc::Sender<Heard>) -> zbus::Result<()> {
    let rule = MatchRule::builder().msg_type(Type::Signal).sender(LOGIND)?.path_namespace(PATH)?.build();
    let signals = MessageStream::for_match_rule(rule, bus, None).await?;
    let mut all = select(signals, owner_changes(bus, LOGIND).await?);
    let mut logind = Logind { asking, owner: None, own: BTreeMap::new() };
    if !send(heard, logind.found().await).await {
        return Ok(());
    }
    while let Some(message) = all.next().await {
        let words = logind.understood(&message?).await;
        if !send(heard, words).await {
            break;
        }
    }
    Ok(())
}

/// Whether anybody still listens.
async fn send(heard: &mpsc::Sender<Heard>, word: Option<Heard>) -> bool {
    match word {
        Some(word) => heard.send(word).await.is_ok(),
        None => true,
    }
}

impl Logind<'_> {
    /// Asks for everything anew. One that is not there yet is asked when it comes.
    async fn found(&mut self) -> Option<Heard> {
        let owner = DBusProxy::new(self.asking).await.ok()?.get_name_owner(BusName::try_from(LOGIND).ok()?).await;
        self.owner = owner.ok().map(|owner| owner.to_string());
        let sessions = self.sessions().await.ok()?;
        self.own = sessions.iter().map(|(path, screen, _)| (path.clone(), *screen)).collect();
        let locked = sessions.into_iter().map(|(path, _, locked)| (Source::Session(path), locked)).collect();
        Some(Heard::Screen(Word::Sessions(locked)))
    }

    /// This user's sessions: the path, whether it has a screen, and whether that is locked.
    async fn sessions(&self) -> zbus::Result<Vec<(String, bool, bool)>> {
        let answer = self.asking.call_method(Some(LOGIND), PATH, Some(MANAGER), "ListSessions", &()).await?;
        let rows: Vec<Row> = answer.body().deserialize()?;
        let mut sessions = Vec::new();
        for (_, user, _, _, path) in rows {
            // One that ended meanwhile has no properties.
            if user == rustix::process::getuid().as_raw()
                && let Ok(known) = self.properties(&path).await
            {
                let text = |name: &str| known.get(name).and_then(|value| <&str>::try_from(value).ok());
                let screen = matches!(text("Type"), Some("x11" | "wayland" | "mir")) && text("Class") == Some("user");
                let locked = known.get(HINT).is_some_and(|hint| bool::try_from(hint).unwrap_or(false));
                sessions.push((path.to_string(), screen, locked));
            }
        }
        Ok(sessions)
    }

    async fn properties(&self, session: &ObjectPath<'_>) -> zbus::Result<HashMap<String, OwnedValue>> {
        let proxy = PropertiesProxy::builder(self.asking).destination(LOGIND)?.path(session)?.build().await?;
        Ok(proxy.get_all(InterfaceName::from_static_str(SESSION)?).await?)
    }

    async fn understood(&mut self, message: &Message) -> Option<Heard> {
        let header = message.header();
        let sender = header.sender()?.as_str();
        if header.interface()?.as_str() == "org.freedesktop.DBus" {
            // The bus itself says that logind came, went or began anew.
            return if sender == "org.freedesktop.DBus" { self.found().await } else { None };
        }
        if self.owner.as_deref() != Some(sender) {
            return None;
        }
        let (path, body) = (header.path()?.as_str(), message.body());
        let own = self.own.get(path).copied();
        let session = || Source::Session(path.to_owned());
        match (header.interface()?.as_str(), header.member()?.as_str()) {
            (MANAGER, "PrepareForSleep") => (!body.deserialize::<bool>().ok()?).then_some(Heard::Other(Change::Resumed)),
            (MANAGER, "SessionNew") => self.found().await,
            // It may be listed for a moment still, and locks nothing any more.
            (MANAGER, "SessionRemoved") => {
                let (_, path): (String, OwnedObjectPath) = body.deserialize().ok()?;
                let known = self.own.remove(path.as_str());
                known.map(|_| Heard::Screen(Word::Unlocked(Source::Session(path.to_string()))))
            }
            // Every session is told, also those at a terminal, where nothing can lock and nothing says that it is over.
            (SESSION, "Lock") => own?.then(|| Heard::Screen(Word::Ordered(session()))),
            (SESSION, "Unlock") => own.map(|_| Heard::Screen(Word::Released(session()))),
            ("org.freedesktop.DBus.Properties", "PropertiesChanged") => {
                let (interface, changed, _): (String, HashMap<String, OwnedValue>, Vec<String>) = body.deserialize().ok()?;
                let hint = changed.get(HINT).filter(|_| interface == SESSION)?;
                let word = if bool::try_from(hint).ok()? { Word::Locked } else { Word::Unlocked };
                own.map(|_| Heard::Screen(word(session())))
            }
            _ => None,
        }
    }
}
