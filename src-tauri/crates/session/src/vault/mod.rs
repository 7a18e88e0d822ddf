//! Where the refresh token rests: an AEAD-sealed file under a key in the operating system's keychain.
//!
//! Absent, locked, unavailable and damaged are four different things (LI-46). All calls block; the
//! driver makes them on a thread of their own.

#[cfg(not(target_os = "macos"))]
mod entry;
mod file;
mod keychain;
#[cfg(target_os = "linux")]
mod linux;
mod machine;
#[cfg(target_os = "macos")]
mod macos;
mod place;
mod sealed;
#[cfg(any(target_os = "macos", test))]
mod status;
#[cfg(windows)]
mod windows;

use std::path::PathBuf;

pub use keychain::{Keychain, KeychainFault, VaultKey};
pub use sealed::Binding;

#[cfg(target_os = "linux")]
pub use linux::{SystemKeychain, machine_id};
#[cfg(target_os = "macos")]
pub use macos::{SystemKeychain, machine_id};
#[cfg(windows)]
pub use windows::{SystemKeychain, machine_id};

use crate::Account;
use file::Folder;
use keychain::KeyFile;
use secret::Secret;

/// What is kept between runs.
#[derive(Debug)]
pub struct Record {
    /// The refresh token.
    pub refresh_token: Secret,
    /// Whose it is.
    pub account: Account,
    /// When the person signed in.
    pub since: jiff::Timestamp,
}

/// `VaultFallback`: what to do on a machine without a keychain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fallback {
    /// Keep the session in memory: sign in once per log-on.
    #[default]
    MemoryOnly,
    /// A key in a file beside the vault: explicit, weaker, survives a restart.
    MachineKeyFile,
}

/// Where the vault's key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// In the operating system's keychain.
    Keychain,
    /// In a file (`VaultFallback` machine-key-file).
    KeyFile,
    /// Nothing is on disk.
    Memory,
}

/// What an attempt to open the vault found.
#[derive(Debug)]
pub enum Opened {
    /// A session of this issuer, client, user and machine.
    Session(Record),
    /// Nothing.
    Empty,
    /// A session of another issuer or client; it was removed, because policy has changed.
    OtherIdentity,
}

/// Why the vault gives nothing or takes nothing.
#[derive(Debug, thiserror::Error)]
pub enum VaultFault {
    /// The keychain is there and locked.
    #[error("the keychain is locked")]
    Locked,
    /// The keychain does not answer, and what is sealed needs it.
    #[error("the keychain is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What is sealed cannot be opened; it was set aside, never overwritten.
    #[error("the vault is damaged and was set aside")]
    Damaged {
        /// Its new name.
        set_aside: PathBuf,
    },
    /// The file system refused (a full disk, a read-only folder).
    #[error("the vault file cannot be used")]
    Storage(#[from] std::io::Error),
}

/// The vault of one user. Keeps the key in memory while open, so that a rotation never has to ask for it.
pub struct Vault {
    folder: Folder,
    keychain: Box<dyn Keychain>,
    fallback: Fallback,
    binding: Binding,
    place: place::Place,
    /// What could not be written yet; newer than the file.
    pending: Option<Record>,
}

impl Vault {
    /// A vault in `folder` (made 0700 when needed) whose records are bound to `binding`.
    pub fn new(folder: PathBuf, keychain: Box<dyn Keychain>, fallback: Fallback, binding: Binding) -> Self {
        Self { folder: Folder(folder), keychain, fallback, binding, place: place::Place::Unknown, pending: None }
    }

    /// Where the key is now.
    pub fn kind(&self) -> Kind {
        self.place.kind()
    }

    /// `VaultFallback`, for what is sealed from now on.
    pub fn set_fallback(&mut self, fallback: Fallback) {
        self.fallback = fallback;
    }

    /// Whether a record could not be written yet.
    pub fn is_pending(&self) -> bool {
        self.pending.is_some()
    }

    /// Opens what an earlier run sealed. `by_person` lets the keychain ask to be unlocked.
    pub fn open(&mut self, by_person: bool) -> Result<Opened, VaultFault> {
        if let Some(record) = self.pending.take() {
            // The disk may have room again; a rotated token that is only in memory dies with the process.
            let copy = record.copy();
            let _ = self.seal(record);
            return Ok(Opened::Session(copy));
        }
        if let place::Place::Memory(Some(record)) = &self.place {
            return Ok(Opened::Session(record.copy()));
        }
        let Some(file) = self.folder.read("vault")? else {
            self.place = self.place_for_new(by_person);
            return Ok(Opened::Empty);
        };
        let Some(header) = sealed::Header::read(&file) else { return Err(self.damaged()?) };
        if !header.names(&self.binding) {
            if header.is_same_place(&self.binding) {
                self.wipe()?;
                return Ok(Opened::OtherIdentity);
            }
            return Err(self.damaged()?);
        }
        let key = match self.key_of(header.kind(), by_person)? {
            Some(key) => key,
            // The key is gone (a password reset, a new keychain): nothing can open this file any more.
            None => return Err(self.damaged()?),
        };
        match sealed::open(&file, &key) {
            Some(record) => {
                self.place = place::Place::File { kind: header.kind(), key };
                Ok(Opened::Session(record))
            }
            None => Err(self.damaged()?),
        }
    }

    /// Seals `record`, durably, before the one before it is gone (LI-44).
    pub fn seal(&mut self, record: Record) -> Result<(), VaultFault> {
        if !matches!(self.place, place::Place::File { .. }) {
            self.place = self.place_for_new(true);
        }
        match &mut self.place {
            place::Place::File { kind, key } => {
                let file =
                    sealed::seal(&record, &self.binding, *kind, key).ok_or_else(|| std::io::Error::other("sealing failed"))?;
                if let Err(error) = self.folder.replace("vault", &file) {
                    self.pending = Some(record);
                    return Err(error.into());
                }
                self.pending = None;
            }
            place::Place::Memory(held) => *held = Some(record),
            place::Place::Unknown => {}
        }
        Ok(())
    }

    /// Removes record and key (LI-48). The key is removed even when the file was not there.
    pub fn wipe(&mut self) -> Result<(), VaultFault> {
        self.place = place::Place::Unknown;
        self.pending = None;
        self.folder.remove("vault")?;
        self.folder.remove(KeyFile::NAME)?;
        match self.keychain.delete() {
            Ok(()) | Err(KeychainFault::Unavailable(_)) => Ok(()),
            Err(KeychainFault::Locked) => Ok(()),
        }
    }

    fn damaged(&mut self) -> Result<VaultFault, VaultFault> {
        self.place = place::Place::Unknown;
        let name = format!("vault.damaged-{}", jiff::Timestamp::now().as_second());
        let set_aside = self.folder.rename("vault", &name)?;
        Ok(VaultFault::Damaged { set_aside })
    }

    fn key_of(&self, kind: Kind, by_person: bool) -> Result<Option<VaultKey>, VaultFault> {
        match kind {
            Kind::KeyFile => Ok(KeyFile(&self.folder).load()?),
            _ => self.keychain.load(by_person).map_err(|fault| match fault {
                KeychainFault::Locked => VaultFault::Locked,
                KeychainFault::Unavailable(why) => VaultFault::Unavailable(why),
            }),
        }
    }

    /// A place for a record that does not exist yet; never plain text on disk (MUST 49).
    fn place_for_new(&self, by_person: bool) -> place::Place {
        let in_keychain = match self.keychain.load(by_person) {
            Ok(Some(key)) => Some(key),
            Ok(None) => VaultKey::random().filter(|key| self.keychain.store(key).is_ok()),
            Err(_) => None,
        };
        if let Some(key) = in_keychain {
            return place::Place::File { kind: Kind::Keychain, key };
        }
        match self.fallback {
            Fallback::MemoryOnly => place::Place::Memory(None),
            Fallback::MachineKeyFile => match KeyFile(&self.folder).load_or_make() {
                Ok(key) => place::Place::File { kind: Kind::KeyFile, key },
                Err(_) => place::Place::Memory(None),
            },
        }
    }
}

impl Record {
    pub(crate) fn copy(&self) -> Self {
        Self { refresh_token: Secret::from(self.refresh_token.expose()), account: self.account.clone(), since: self.since }
    }
}

#[cfg(test)]
mod tests;
