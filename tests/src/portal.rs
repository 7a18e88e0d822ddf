//! A session bus of a test's own with a stand-in for the desktop's portal on it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use zbus::{Connection, connection, interface};

use crate::desk::Desk;

/// The bus and what answers on it; both end when it is dropped.
pub struct Portal {
    bus: Child,
    asked: Arc<Mutex<Vec<String>>>,
    _connection: Connection,
}

struct Resolver {
    ways: Vec<String>,
    asked: Arc<Mutex<Vec<String>>>,
}

#[interface(name = "org.freedesktop.portal.ProxyResolver")]
impl Resolver {
    fn lookup(&self, uri: String) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(uri);
        self.ways.clone()
    }
}

impl Portal {
    /// Starts one that gives `ways` for every address, for the later processes of `desk`; none where the machine has no
    /// `dbus-daemon`.
    ///
    /// # Errors
    /// When the bus does not start or refuses the name.
    pub async fn start(desk: &mut Desk, ways: &[&str]) -> zbus::Result<Option<Self>> {
        if !std::path::Path::new("/usr/bin/dbus-daemon").exists() {
            crate::desk::skipped("no dbus-daemon on this machine");
            return Ok(None);
        }
        let mut bus = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address", "--address"])
            .arg(format!("unix:path={}", desk.path("run/bus").display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut address = String::new();
        if let Some(output) = bus.stdout.take() {
            BufReader::new(output).read_line(&mut address)?;
        }
        let address = address.trim();
        desk.set("DBUS_SESSION_BUS_ADDRESS", address);
        let asked = Arc::new(Mutex::new(Vec::new()));
        let resolver = Resolver { ways: ways.iter().map(|way| (*way).to_owned()).collect(), asked: asked.clone() };
        let connection = connection::Builder::address(address)?
            .serve_at("/org/freedesktop/portal/desktop", resolver)?
            .name("org.freedesktop.portal.Desktop")?
            .build()
            .await?;
        Ok(Some(Self { bus, asked, _connection: connection }))
    }

    /// The addresses that were asked about so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}
