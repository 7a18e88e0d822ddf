use jiff::Timestamp;
use serde::Serialize;

use crate::state::{Closed, Demand, Reason};
use crate::vault::Kind;
use crate::{Account, Fault};

/// What faces and doors see of the session: a copy that cannot hold a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The state's name (design: `active`, `signed-out`, ...).
    pub label: &'static str,
    /// Why signed out.
    pub reason: Option<Reason>,
    /// What the IdP wants of the person.
    pub demand: Option<Demand>,
    /// Why the vault is closed.
    pub closed: Option<Closed>,
    /// Who.
    pub account: Option<Account>,
    /// Since when they are signed in.
    pub since: Option<Timestamp>,
    /// The next renewal or try.
    pub renews_at: Option<Timestamp>,
    /// Whether tokens minted in this epoch may be served.
    pub serves: bool,
    /// Rises whenever every token minted before must be forgotten.
    pub epoch: u64,
    /// Rises with each sign-in of a person: what an earlier one was refused may be tried again.
    pub sign_ins: u64,
    /// Whether the IdP gave a refresh token; without one the session ends with its ID token.
    pub renewable: bool,
    /// Whether a browser attempt is open.
    pub signing_in: bool,
    /// What went wrong last, until something went right.
    pub fault: Option<Fault>,
    /// The vault.
    pub vault: VaultStatus,
    /// How far the IdP's clock is ahead, seconds, when it is worth a warning (over 30 s).
    pub clock_offset: Option<i64>,
}

/// Where the vault's key is and how the vault fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct VaultStatus {
    /// keychain, key-file or memory.
    pub kind: Kind,
    /// open, absent, locked, unavailable or damaged.
    pub state: VaultState,
}

/// How the vault fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum VaultState {
    /// It holds a session.
    Open,
    /// There is nothing in it.
    Absent,
    /// The keychain is locked.
    Locked,
    /// The keychain is away.
    Unavailable,
    /// What was in it was set aside.
    Damaged,
}
