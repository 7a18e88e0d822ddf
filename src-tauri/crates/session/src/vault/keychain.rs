use std::fmt;

use zeroize::Zeroizing;

use super::file::Folder;

/// The 32-byte key that seals the vault.
pub struct VaultKey(pub(super) Zeroizing<[u8; 32]>);

impl VaultKey {
    /// A new random key; none when the system has no randomness.
    pub fn random() -> Option<Self> {
        secret::random_bytes().ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    /// A key of exactly 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    /// The bytes, for a keychain to keep.
    pub fn expose(&self) -> &[u8] {
        self.0.as_slice()
    }
}

impl fmt::Debug for VaultKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[vault key]")
    }
}

/// Why a keychain gives nothing.
#[derive(Debug, thiserror::Error)]
pub enum KeychainFault {
    /// It is there and locked.
    #[error("the keychain is locked")]
    Locked,
    /// It is not there, or fails.
    #[error("the keychain is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The operating system's keychain, as far as the vault needs it. Calls may block.
pub trait Keychain: Send {
    /// The key, or none when there is none. Asks a person to unlock only when `by_person`.
    fn load(&self, by_person: bool) -> Result<Option<VaultKey>, KeychainFault>;
    /// Keeps the key on this machine only (LI-45).
    fn store(&self, key: &VaultKey) -> Result<(), KeychainFault>;
    /// Removes the key; it is no fault when there is none.
    fn delete(&self) -> Result<(), KeychainFault>;
}

/// `VaultFallback` machine-key-file: the key in a file beside the vault, 0600.
pub(super) struct KeyFile<'a>(pub(super) &'a Folder);

impl KeyFile<'_> {
    pub(super) const NAME: &'static str = "vault.key";

    pub(super) fn load(&self) -> std::io::Result<Option<VaultKey>> {
        Ok(self.0.read(Self::NAME)?.and_then(|bytes| VaultKey::from_bytes(&bytes)))
    }

    pub(super) fn load_or_make(&self) -> std::io::Result<VaultKey> {
        if let Some(key) = self.load()? {
            return Ok(key);
        }
        let key = VaultKey::random().ok_or_else(|| std::io::Error::other("no randomness"))?;
        self.0.replace(Self::NAME, key.expose())?;
        Ok(key)
    }
}
