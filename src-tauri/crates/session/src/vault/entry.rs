//! The one entry in a keychain, through the store of the system.

use keyring_core::{Entry, Error};

use super::{KeychainFault, VaultKey};

/// The entry's names.
pub(super) const SERVICE: &str = "dev.lanyard.agent";
pub(super) const NAME: &str = "vault-key";

/// The key in it, where it holds one.
pub(super) fn load(entry: &Entry) -> Result<Option<VaultKey>, KeychainFault> {
    match entry.get_secret() {
        Ok(bytes) => Ok(VaultKey::from_bytes(&zeroize::Zeroizing::new(bytes))),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(fault(error)),
    }
}

/// An entry that is not there is as good as one that is gone.
pub(super) fn delete(entry: &Entry) -> Result<(), KeychainFault> {
    match entry.delete_credential() {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(fault(error)),
    }
}

/// What the store's refusal means.
pub(super) fn fault(error: Error) -> KeychainFault {
    match error {
        Error::NoStorageAccess(_) => KeychainFault::Locked,
        other => KeychainFault::Unavailable(Box::new(other)),
    }
}
