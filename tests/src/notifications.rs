//! A desktop's notices, as a service of a test's own: what programs post is kept, and a click is a call.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use zbus::zvariant::OwnedValue;
use zbus::{Connection, connection, interface, object_server::SignalEmitter};

use crate::desk::PATIENCE;
use crate::held::Held;

const PATH: &str = "/org/freedesktop/Notifications";

/// One that was posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    id: u32,
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
    /// Its actions: a key, then its label.
    pub actions: Vec<String>,
}

/// Everything that was posted.
pub struct Notifications {
    connection: Connection,
    posted: Arc<Held<Vec<Notification>>>,
}

struct Service(Arc<Held<Vec<Notification>>>);

#[interface(name = "org.freedesktop.Notifications")]
impl Service {
    fn get_capabilities(&self) -> Vec<String> {
        ["actions", "body", "body-markup"].map(str::to_owned).into()
    }

    #[expect(clippy::too_many_arguments, reason = "the interface of desktops")]
    fn notify(
        &self,
        _app_name: String,
        _replaces: u32,
        _icon: String,
        title: String,
        text: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        let mut posted = self.0.lock();
        let id = posted.len() as u32 + 1;
        posted.push(Notification { id, title, text, actions });
        id
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, key: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn activation_token(emitter: &SignalEmitter<'_>, id: u32, token: &str) -> zbus::Result<()>;
}

impl Notifications {
    /// Serves the bus at `address`.
    ///
    /// # Errors
    /// When the bus refuses.
    pub async fn serve(address: &str) -> zbus::Result<Self> {
        let posted = Arc::new(Held::new(Vec::new()));
        let builder = connection::Builder::address(address)?.serve_at(PATH, Service(posted.clone()))?;
        let connection = builder.name("org.freedesktop.Notifications")?.build().await?;
        Ok(Self { connection, posted })
    }

    /// Everything so far.
    pub fn all(&self) -> Vec<Notification> {
        self.posted.lock().clone()
    }

    /// Waits for one with this title.
    ///
    /// # Panics
    /// When none comes in time.
    pub async fn titled(&self, title: &str) -> Notification {
        let began = Instant::now();
        loop {
            if let Some(found) = self.all().into_iter().find(|posted| posted.title == title) {
                return found;
            }
            assert!(began.elapsed() < PATIENCE, "no notice {title}: {:?}", self.all());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A click on it.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn click(&self, notification: &Notification) -> zbus::Result<()> {
        let emitter = SignalEmitter::new(&self.connection, PATH)?;
        Service::activation_token(&emitter, notification.id, "a-token").await?;
        Service::action_invoked(&emitter, notification.id, "default").await
    }
}
