use super::{Kind, Record, VaultKey};

/// Where records go, once that is known.
pub(super) enum Place {
    Unknown,
    File { kind: Kind, key: VaultKey },
    Memory(Option<Record>),
}

impl Place {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::File { kind, .. } => *kind,
            Self::Memory(_) => Kind::Memory,
            Self::Unknown => Kind::Keychain,
        }
    }
}
