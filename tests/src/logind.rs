//! A system bus of a test's own with a stand-in for logind on it.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use zbus::zvariant::{ObjectPath, OwnedObjectPath};
use zbus::{Connection, connection, interface, object_server::SignalEmitter};

use crate::desk::Desk;

const MANAGER: &str = "/org/freedesktop/login1";
const SESSION: &str = "/org/freedesktop/login1/session/_31";
const OTHER: &str = "/org/freedesktop/login1/session/_32";
/// A log-on of this user without a screen.
const TERMINAL: &str = "/org/freedesktop/login1/session/_33";

/// The bus and what speaks on it; both end when it is dropped.
pub struct Logind {
    bus: Child,
    address: String,
    connection: Connection,
}

struct Manager {
    user: u32,
}

#[interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    fn list_sessions(&self) -> Vec<(String, u32, String, String, OwnedObjectPath)> {
        let row = |id: &str, user: u32, path: &str| {
            (id.to_owned(), user, format!("user{user}"), "seat0".to_owned(), OwnedObjectPath::try_from(path).unwrap_or_default())
        };
        vec![row("1", self.user, SESSION), row("2", self.user + 1, OTHER), row("3", self.user, TERMINAL)]
    }

    #[zbus(signal)]
    async fn session_removed(emitter: &SignalEmitter<'_>, id: &str, path: ObjectPath<'_>) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn prepare_for_sleep(emitter: &SignalEmitter<'_>, start: bool) -> zbus::Result<()>;
}

struct Session {
    user: u32,
    kind: &'static str,
    locked: bool,
}

#[interface(name = "org.freedesktop.login1.Session")]
impl Session {
    #[zbus(property)]
    fn user(&self) -> (u32, OwnedObjectPath) {
        (self.user, OwnedObjectPath::try_from("/org/freedesktop/login1/user/_0").unwrap_or_default())
    }

    #[zbus(property, name = "Type")]
    fn kind(&self) -> &str {
        self.kind
    }

    #[zbus(property)]
    fn class(&self) -> &str {
        "user"
    }

    #[zbus(property)]
    fn locked_hint(&self) -> bool {
        self.locked
    }

    #[zbus(signal)]
    async fn lock(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn unlock(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}

impl Logind {
    /// Starts it for the later processes of `desk`; none where the machine has no `dbus-daemon`.
    ///
    /// # Errors
    /// When the bus does not start or refuses the name.
    pub async fn start(desk: &mut Desk) -> zbus::Result<Option<Self>> {
        if !std::path::Path::new("/usr/bin/dbus-daemon").exists() {
            crate::desk::skipped("no dbus-daemon on this machine");
            return Ok(None);
        }
        let (bus, address) = bus(desk)?;
        desk.set("DBUS_SYSTEM_BUS_ADDRESS", &address);
        let own = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self")?);
        let connection = connection::Builder::address(address.as_str())?
            .serve_at(MANAGER, Manager { user: own })?
            .serve_at(SESSION, Session { user: own, kind: "wayland", locked: false })?
            .serve_at(OTHER, Session { user: own + 1, kind: "x11", locked: false })?
            .serve_at(TERMINAL, Session { user: own, kind: "tty", locked: false })?
            .name("org.freedesktop.login1")?
            .build()
            .await?;
        Ok(Some(Self { bus, address, connection }))
    }

    /// The machine is about to sleep.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn sleep(&self) -> zbus::Result<()> {
        Manager::prepare_for_sleep(&SignalEmitter::new(&self.connection, MANAGER)?, true).await
    }

    /// The machine has woken.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn resume(&self) -> zbus::Result<()> {
        Manager::prepare_for_sleep(&SignalEmitter::new(&self.connection, MANAGER)?, false).await
    }

    /// What locks this user's screen says that it did, or that it is over; `told` says whether anybody is told.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn hint(&self, locked: bool, told: bool) -> zbus::Result<()> {
        let session = self.connection.object_server().interface::<_, Session>(SESSION).await?;
        session.get_mut().await.locked = locked;
        match told {
            true => session.get().await.locked_hint_changed(session.signal_emitter()).await,
            false => Ok(()),
        }
    }

    /// This user's session ended.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn end(&self) -> zbus::Result<()> {
        Manager::session_removed(&SignalEmitter::new(&self.connection, MANAGER)?, "1", ObjectPath::try_from(SESSION)?).await
    }

    /// Somebody orders this user's screen to be locked or unlocked.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn screen(&self, locked: bool) -> zbus::Result<()> {
        self.say(SESSION, locked).await
    }

    /// Somebody orders the sessions to be locked that are none of this user's screens, so many times: the first is heard while
    /// the rest is still to come.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn lock_all(&self, times: usize) -> zbus::Result<()> {
        for _ in 0..times {
            for path in [OTHER, TERMINAL] {
                self.say(path, true).await?;
            }
        }
        Ok(())
    }

    /// Another program on the bus says in logind's words that this user's screen is locked or unlocked, to everybody by name,
    /// as any may.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn forged(&self, locked: bool) -> zbus::Result<()> {
        let forger = connection::Builder::address(self.address.as_str())?.build().await?;
        for name in zbus::fdo::DBusProxy::new(&forger).await?.list_names().await? {
            let to = Some(name.as_str()).filter(|name| name.starts_with(':'));
            let Some(to) = to else { continue };
            let session = "org.freedesktop.login1.Session";
            let member = if locked { "Lock" } else { "Unlock" };
            forger.emit_signal(Some(to), SESSION, session, member, &()).await?;
            let changed = std::collections::HashMap::from([("LockedHint", zbus::zvariant::Value::from(locked))]);
            let body = (session, changed, Vec::<String>::new());
            forger.emit_signal(Some(to), SESSION, "org.freedesktop.DBus.Properties", "PropertiesChanged", &body).await?;
        }
        Ok(())
    }

    /// The same for another user's.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn screen_of_another(&self, locked: bool) -> zbus::Result<()> {
        self.say(OTHER, locked).await
    }

    async fn say(&self, path: &str, locked: bool) -> zbus::Result<()> {
        let emitter = SignalEmitter::new(&self.connection, path)?;
        if locked { Session::lock(&emitter).await } else { Session::unlock(&emitter).await }
    }
}

impl Drop for Logind {
    fn drop(&mut self) {
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}

fn bus(desk: &Desk) -> io::Result<(Child, String)> {
    let config = desk.path("system-bus.conf");
    let text = format!(
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \
         \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n<busconfig><listen>unix:path={}</listen>\
         <policy context=\"default\"><allow send_destination=\"*\"/><allow receive_sender=\"*\"/><allow own=\"*\"/></policy></busconfig>",
        desk.path("run/system-bus").display()
    );
    std::fs::write(&config, text)?;
    let mut bus = Command::new("dbus-daemon")
        .args(["--nofork", "--print-address", "--config-file"])
        .arg(&config)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut address = String::new();
    if let Some(output) = bus.stdout.take() {
        BufReader::new(output).read_line(&mut address)?;
    }
    // A later bus at this place has another identifier.
    Ok((bus, address.trim().split(',').next().unwrap_or_default().to_owned()))
}
