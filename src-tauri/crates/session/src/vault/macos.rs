use std::error::Error as _;

use apple_native_keyring_store::keychain::Store;
use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};
use security_framework::os::macos::keychain::{KeychainUserInteractionLock, SecKeychain};

use super::status::{Meaning, meaning};
use super::{Keychain, KeychainFault, VaultKey, machine};

const SERVICE: &str = "dev.lanyard.agent";
const ENTRY: &str = "vault-key";

/// The person's login keychain. It is a file on this machine, which iCloud does not carry to another (LI-45).
#[derive(Debug, Default)]
pub struct SystemKeychain;

impl SystemKeychain {
    fn entry(&self) -> Result<Entry, KeychainFault> {
        let store = Store::new().map_err(unavailable)?;
        store.build(SERVICE, ENTRY, None).map_err(unavailable)
    }

    /// While it is held the system asks nobody: what would need a question fails instead.
    fn quiet(&self) -> Result<KeychainUserInteractionLock, KeychainFault> {
        SecKeychain::disable_user_interaction().map_err(|error| KeychainFault::Unavailable(Box::new(error)))
    }
}

impl Keychain for SystemKeychain {
    fn load(&self, by_person: bool) -> Result<Option<VaultKey>, KeychainFault> {
        let _quiet = if by_person { None } else { Some(self.quiet()?) };
        match self.entry()?.get_secret() {
            Ok(bytes) => Ok(VaultKey::from_bytes(&zeroize::Zeroizing::new(bytes))),
            Err(error) => absent(error).map(|()| None),
        }
    }

    fn store(&self, key: &VaultKey) -> Result<(), KeychainFault> {
        self.entry()?.set_secret(key.expose()).map_err(fault)
    }

    fn delete(&self) -> Result<(), KeychainFault> {
        let _quiet = self.quiet()?;
        self.entry()?.delete_credential().or_else(absent)
    }
}

/// No fault where the keychain said that there is no entry.
fn absent(error: Error) -> Result<(), KeychainFault> {
    match error {
        Error::NoEntry => Ok(()),
        error if of(&error) == Meaning::Absent => Ok(()),
        error => Err(fault(error)),
    }
}

fn fault(error: Error) -> KeychainFault {
    match of(&error) {
        Meaning::Locked => KeychainFault::Locked,
        _ => unavailable(error),
    }
}

fn unavailable(error: Error) -> KeychainFault {
    KeychainFault::Unavailable(Box::new(error))
}

/// By the system's own number, which the store keeps as the source: its own words call every refusal the same.
fn of(error: &Error) -> Meaning {
    let status = error.source().and_then(|source| source.downcast_ref::<security_framework::base::Error>());
    status.map_or(Meaning::Unavailable, |status| meaning(status.code()))
}

/// An id of this machine that does not leave it: the hardware's id, hashed.
pub fn machine_id() -> String {
    machine::hashed(hardware().unwrap_or_default())
}

#[expect(unsafe_code, reason = "only the C library tells the hardware's id")]
fn hardware() -> Option<[u8; 16]> {
    let (mut id, patience) = ([0; 16], libc::timespec { tv_sec: 5, tv_nsec: 0 });
    // SAFETY: the call writes 16 bytes (gethostuuid(3)) and reads one limit of time; both live for the whole call.
    let answer = unsafe { libc::gethostuuid(id.as_mut_ptr(), &raw const patience) };
    (answer == 0).then_some(id)
}
