use net::{AddressRefused, DocumentError, NetError, Refusal};

use crate::discovery::DiscoveryError;
use crate::id_token::IdTokenError;

/// What went wrong last, as far as faces show it: a kind, and what the other side said, as theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What it is.
    pub kind: FaultKind,
    /// More for an administrator, fit to be shown; the IdP's words are marked as theirs by who shows them.
    pub detail: Option<String>,
    /// The IdP's id of the exchange.
    pub trace: Option<String>,
}

/// Kinds of trouble of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The IdP cannot be reached, or fails.
    Unreachable,
    /// Its certificate is not trusted on this machine.
    Untrusted,
    /// A captive portal or proxy answered instead.
    Interference,
    /// The IdP asks to slow down.
    Throttled,
    /// The IdP refused.
    Refused,
    /// Metadata, keys or settings do not fit.
    Misconfigured,
    /// The answer cannot be believed.
    Unbelievable,
    /// The account is not allowed by policy.
    AccountNotAllowed,
    /// Another person signed in where the same one was needed.
    OtherPerson,
    /// No port for the redirect is free.
    NoPort,
    /// Nobody completed the sign-in.
    TimedOut,
    /// The vault's folder cannot be written.
    VaultStorage,
    /// Something inside failed.
    Internal,
}

impl Fault {
    pub(crate) fn new(kind: FaultKind) -> Self {
        Self { kind, detail: None, trace: None }
    }

    pub(crate) fn with(kind: FaultKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: Some(detail.into()), trace: None }
    }

    pub(crate) fn refused(refusal: &Refusal) -> Self {
        let words = [refusal.code.as_str(), refusal.description.as_str()].join(" ");
        Self { kind: FaultKind::Refused, detail: Some(words.trim().to_owned()), trace: refusal.trace.clone() }
    }

    /// Whether waiting may help.
    pub fn is_passing(&self) -> bool {
        matches!(self.kind, FaultKind::Unreachable | FaultKind::Interference | FaultKind::Throttled)
    }
}

impl From<&NetError> for Fault {
    fn from(error: &NetError) -> Self {
        let kind = match error {
            NetError::Untrusted { .. } => FaultKind::Untrusted,
            NetError::Address(AddressRefused::Private(_) | AddressRefused::NotHttps(_)) | NetError::Address(_) => {
                FaultKind::Misconfigured
            }
            NetError::Settings(_) => FaultKind::Misconfigured,
            _ => FaultKind::Unreachable,
        };
        let detail = match error {
            NetError::Address(why) => format!("{error}: {why}"),
            NetError::NoWay { source, .. } => format!("{error}: {source}"),
            NetError::Untrusted { issuer: Some(issuer), .. } => format!("{error}; it was issued by “{issuer}”"),
            _ => error.to_string(),
        };
        Self::with(kind, detail)
    }
}

impl From<&DocumentError> for Fault {
    fn from(error: &DocumentError) -> Self {
        match error {
            DocumentError::Net(error) => error.into(),
            DocumentError::Interference => Self::new(FaultKind::Interference),
            DocumentError::Status(429) => Self::new(FaultKind::Throttled),
            DocumentError::Status(500..) => Self::with(FaultKind::Unreachable, error.to_string()),
            _ => Self::with(FaultKind::Misconfigured, error.to_string()),
        }
    }
}

impl From<&DiscoveryError> for Fault {
    fn from(error: &DiscoveryError) -> Self {
        match error {
            DiscoveryError::Document(error) => error.into(),
            DiscoveryError::Issuer { found } => {
                Self::with(FaultKind::Misconfigured, format!("the metadata names the issuer “{found}”"))
            }
            _ => Self::with(FaultKind::Misconfigured, error.to_string()),
        }
    }
}

impl From<IdTokenError> for Fault {
    fn from(error: IdTokenError) -> Self {
        Self::with(FaultKind::Unbelievable, format!("the ID token was refused: {error}"))
    }
}
