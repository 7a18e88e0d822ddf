//! A desktop's screen saver, as a service of a test's own.

use zbus::{Connection, connection, interface, object_server::SignalEmitter};

const PATH: &str = "/org/freedesktop/ScreenSaver";

/// It; it leaves the bus when it is dropped.
pub struct Saver(Connection);

struct Service {
    active: bool,
}

#[interface(name = "org.freedesktop.ScreenSaver")]
impl Service {
    fn get_active(&self) -> bool {
        self.active
    }

    #[zbus(signal)]
    async fn active_changed(emitter: &SignalEmitter<'_>, active: bool) -> zbus::Result<()>;
}

impl Saver {
    /// Serves the bus at `address`.
    ///
    /// # Errors
    /// When the bus refuses.
    pub async fn serve(address: &str, active: bool) -> zbus::Result<Self> {
        let builder = connection::Builder::address(address)?.serve_at(PATH, Service { active })?;
        Ok(Self(builder.name("org.freedesktop.ScreenSaver")?.build().await?))
    }

    /// It covers the screen, or no longer.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn set(&self, active: bool) -> zbus::Result<()> {
        let service = self.0.object_server().interface::<_, Service>(PATH).await?;
        service.get_mut().await.active = active;
        Service::active_changed(service.signal_emitter(), active).await
    }
}
