use std::sync::Arc;

use keyring_core::Entry;
use keyring_core::api::CredentialStoreApi;
use zbus::blocking::Connection;
use zbus::zvariant::OwnedObjectPath;
use zbus_secret_service_keyring_store::Store;

use super::{Keychain, KeychainFault, VaultKey, entry, machine};

/// The Secret Service of the user's session (GNOME Keyring, KWallet, KeePassXC). Connected anew for each
/// call: an agent that starts before the keyring must find it later.
#[derive(Debug, Default)]
pub struct SystemKeychain;

impl SystemKeychain {
    fn entry(&self) -> Result<Entry, KeychainFault> {
        let store: Arc<Store> = Store::new().map_err(entry::fault)?;
        store.build(entry::SERVICE, entry::NAME, None).map_err(entry::fault)
    }

    /// Reading from a locked collection makes the keyring ask; only a person's act may lead to that.
    fn is_locked(&self) -> Result<bool, zbus::Error> {
        let bus = Connection::session()?;
        let secrets = "org.freedesktop.secrets";
        let found = bus.call_method(
            Some(secrets),
            "/org/freedesktop/secrets",
            Some("org.freedesktop.Secret.Service"),
            "ReadAlias",
            &("default",),
        )?;
        let collection: OwnedObjectPath = found.body().deserialize()?;
        if collection.as_str() == "/" {
            return Ok(false);
        }
        let properties = zbus::blocking::fdo::PropertiesProxy::builder(&bus).destination(secrets)?.path(collection)?.build()?;
        let interface = zbus::names::InterfaceName::from_static_str_unchecked("org.freedesktop.Secret.Collection");
        let locked = properties.get(interface, "Locked")?;
        Ok(bool::try_from(locked).unwrap_or(true))
    }
}

impl Keychain for SystemKeychain {
    fn load(&self, by_person: bool) -> Result<Option<VaultKey>, KeychainFault> {
        if !by_person && self.is_locked().map_err(|error| KeychainFault::Unavailable(error.into()))? {
            return Err(KeychainFault::Locked);
        }
        entry::load(&self.entry()?)
    }

    fn store(&self, key: &VaultKey) -> Result<(), KeychainFault> {
        self.entry()?.set_secret(key.expose()).map_err(entry::fault)
    }

    fn delete(&self) -> Result<(), KeychainFault> {
        if self.is_locked().map_err(|error| KeychainFault::Unavailable(error.into()))? {
            return Err(KeychainFault::Locked);
        }
        entry::delete(&self.entry()?)
    }
}

/// An id of this machine that does not leave it: the systemd machine id, hashed.
pub fn machine_id() -> String {
    let id = ["/etc/machine-id", "/var/lib/dbus/machine-id"].iter().find_map(|path| std::fs::read_to_string(path).ok());
    machine::hashed(id.unwrap_or_default().trim())
}
