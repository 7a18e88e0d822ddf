//! A stand-in for the service manager of a person's log-on, which knows where their desktop is.

use zbus::{Connection, connection, interface};

/// Answers on a session bus until it is dropped.
pub struct Systemd {
    _connection: Connection,
}

struct Environment(Vec<String>);

#[interface(name = "org.freedesktop.systemd1.Manager")]
impl Environment {
    #[zbus(property)]
    fn environment(&self) -> Vec<String> {
        self.0.clone()
    }
}

impl Systemd {
    /// Serves on the bus at `address`, with this environment.
    ///
    /// # Errors
    /// When the bus refuses the name.
    pub async fn serve_at(address: &str, environment: &[(&str, &str)]) -> zbus::Result<Self> {
        let environment = environment.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let connection = connection::Builder::address(address)?
            .serve_at("/org/freedesktop/systemd1", Environment(environment))?
            .name("org.freedesktop.systemd1")?
            .build()
            .await?;
        Ok(Self { _connection: connection })
    }
}
