//! What one place said, before anything is judged.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::source::json::Json;

/// A value as a source found it, or why it could not be found.
pub type Given = Result<Json, String>;

/// The values of one place by name.
pub type Values = BTreeMap<String, Given>;

/// Who may set a setting, and for whom a place speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The machine alone.
    Machine,
    /// The machine, or the user where the machine says nothing.
    User,
}

/// How a place relates to the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// Another product's policy, or a user's: lowest.
    Borrowed,
    /// What the packager ships, or the only place of its kind.
    Base,
    /// One of several drop-ins of the administrator, no two of which should set the same.
    DropIn,
}

/// What one place said.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// The place, as administrators know it.
    pub origin: String,
    /// For whom it speaks.
    pub scope: Scope,
    /// How it relates to the other layers.
    pub rank: Rank,
    /// What it said.
    pub values: Arc<Values>,
}

impl Layer {
    /// A layer of the machine.
    pub fn machine(origin: impl Into<String>, rank: Rank, values: Arc<Values>) -> Self {
        Self { origin: origin.into(), scope: Scope::Machine, rank, values }
    }
}
