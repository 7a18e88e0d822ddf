//! The file: one line of JSON in clear (the header), then nonce and ciphertext. The header line is the
//! AEAD's associated data, so that nothing in it can be changed (LI-43).

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use jiff::Timestamp;
use secret::Secret;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Kind, Record, VaultKey};
use crate::Account;

const VERSION: u32 = 1;
const NONCE: usize = 24;

/// What a record belongs to; a file that was copied elsewhere does not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The IdP's issuer.
    pub issuer: String,
    /// Lanyard's client id there.
    pub client_id: String,
    /// The operating system's id of the user.
    pub user: String,
    /// The operating system's id of the machine.
    pub machine: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Header {
    version: u32,
    issuer: String,
    client_id: String,
    subject: String,
    user: String,
    machine: String,
    key: KeyPlace,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum KeyPlace {
    Keychain,
    KeyFile,
}

impl Header {
    pub(super) fn read(file: &[u8]) -> Option<Self> {
        serde_json::from_slice(split(file)?.0).ok().filter(|header: &Self| header.version == VERSION)
    }

    pub(super) fn names(&self, binding: &Binding) -> bool {
        self.issuer == binding.issuer && self.client_id == binding.client_id && self.is_same_place(binding)
    }

    pub(super) fn is_same_place(&self, binding: &Binding) -> bool {
        self.user == binding.user && self.machine == binding.machine
    }

    pub(super) fn kind(&self) -> Kind {
        match self.key {
            KeyPlace::Keychain => Kind::Keychain,
            KeyPlace::KeyFile => Kind::KeyFile,
        }
    }
}

#[derive(Deserialize)]
struct Content {
    refresh_token: Secret,
    account: Account,
    since: Timestamp,
}

#[derive(Serialize)]
struct ContentOut<'a> {
    refresh_token: &'a str,
    account: &'a Account,
    since: Timestamp,
}

pub(super) fn seal(record: &Record, binding: &Binding, kind: Kind, key: &VaultKey) -> Option<Vec<u8>> {
    let header = Header {
        version: VERSION,
        issuer: binding.issuer.clone(),
        client_id: binding.client_id.clone(),
        subject: record.account.subject.clone(),
        user: binding.user.clone(),
        machine: binding.machine.clone(),
        key: if kind == Kind::KeyFile { KeyPlace::KeyFile } else { KeyPlace::Keychain },
    };
    let content = ContentOut { refresh_token: record.refresh_token.expose(), account: &record.account, since: record.since };
    let clear = Zeroizing::new(serde_json::to_vec(&content).ok()?);
    let mut file = serde_json::to_vec(&header).ok()?;
    let nonce: [u8; NONCE] = secret::random_bytes().ok()?;
    let sealed = cipher(key).encrypt(&XNonce::from(nonce), Payload { msg: &clear, aad: &file }).ok()?;
    file.push(b'\n');
    file.extend_from_slice(&nonce);
    file.extend_from_slice(&sealed);
    Some(file)
}

pub(super) fn open(file: &[u8], key: &VaultKey) -> Option<Record> {
    let header = Header::read(file)?;
    let (aad, rest) = split(file)?;
    let (nonce, sealed) = rest.split_at_checked(NONCE)?;
    let nonce: [u8; NONCE] = nonce.try_into().ok()?;
    let clear = Zeroizing::new(cipher(key).decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad }).ok()?);
    let content: Content = serde_json::from_slice(&clear).ok()?;
    (content.account.subject == header.subject).then_some(Record {
        refresh_token: content.refresh_token,
        account: content.account,
        since: content.since,
    })
}

fn cipher(key: &VaultKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&*key.0).into())
}

fn split(file: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = file.iter().position(|byte| *byte == b'\n')?;
    Some((&file[..end], &file[end + 1..]))
}
