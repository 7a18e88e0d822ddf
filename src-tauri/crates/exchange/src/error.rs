use std::fmt;

use jiff::Timestamp;
use net::{NetError, Refusal};
use session::{Fault, FaultKind, SessionError};

use crate::classify::{Meaning, Row, Who};
use crate::discovery::DiscoveryError;

/// What kind of stop it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The session gives no proof.
    Session(SessionError),
    /// The IdP is away.
    IdpUnreachable,
    /// The server or its authorization server is away.
    ServerUnreachable,
    /// The IdP asks to slow down.
    IdpThrottled,
    /// The authorization server asks to slow down, or a retry budget is used up.
    Busy,
    /// The IdP says no.
    IdpRefused,
    /// The server's side says no.
    ServerRefused,
    /// It is set up so that it cannot work.
    Misconfigured,
    /// No enterprise sign-in there.
    NotSupported,
    /// Scopes beyond policy or grant.
    Scope,
    /// A stronger sign-in is wanted.
    StepUp,
    /// A person must sign in to this server in the browser (`route: interactive`).
    Interactive,
    /// The server needs no token (`route: none`).
    NoTokenNeeded,
    /// No token of this server can live as long as was asked.
    TooShort,
    /// No such server.
    Unknown,
}

/// A stop, with what an administrator needs: the cause, whom to ask, what was sent, when, and the other side's id of it (MUST 41).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeError {
    /// What kind.
    pub kind: Kind,
    /// What is known of it, in Lanyard's words.
    pub hint: String,
    /// Who can mend it.
    pub who: Option<Who>,
    /// What the other side said, as theirs.
    pub theirs: Option<String>,
    /// The other side's id of the exchange.
    pub trace: Option<String>,
    /// The exact strings sent, by parameter; never a secret.
    pub sent: Vec<(String, String)>,
    /// When.
    pub at: Timestamp,
    /// Seconds until another try is worth it.
    pub retry_after: Option<u64>,
    /// Whether a new network may clear it.
    pub by_network: bool,
}

impl ExchangeError {
    pub(crate) fn new(kind: Kind, hint: impl Into<String>) -> Self {
        Self {
            kind,
            hint: hint.into(),
            who: None,
            theirs: None,
            trace: None,
            sent: Vec::new(),
            at: Timestamp::now(),
            retry_after: None,
            by_network: false,
        }
    }

    pub(crate) fn by(mut self, who: Who) -> Self {
        self.who = Some(who);
        self
    }

    pub(crate) fn after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    pub(crate) fn sending(mut self, sent: &[(&'static str, String)]) -> Self {
        self.sent = sent.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        self
    }

    pub(crate) fn refused(row: &Row, refusal: &Refusal) -> Self {
        let kind = match row.meaning {
            Meaning::IdpRefused => Kind::IdpRefused,
            Meaning::ServerRefused => Kind::ServerRefused,
            Meaning::Misconfigured => Kind::Misconfigured,
            Meaning::NotSupported => Kind::NotSupported,
            Meaning::Scope => Kind::Scope,
            Meaning::StepUp => Kind::StepUp,
            Meaning::SignIn => Kind::Session(SessionError::SignedOut(session::state::Reason::Revoked)),
        };
        let theirs = format!("{} {}", refusal.code, refusal.description).trim().to_owned();
        Self {
            theirs: Some(theirs).filter(|theirs| !theirs.is_empty()),
            trace: refusal.trace.clone(),
            by_network: row.network,
            ..Self::new(kind, row.hint).by(row.who)
        }
    }

    /// How long it stands before the next caller causes another try, seconds; none for not at all.
    pub(crate) fn stands(&self) -> Option<u64> {
        match self.kind {
            Kind::IdpRefused | Kind::ServerRefused | Kind::Misconfigured => Some(900),
            Kind::NotSupported => Some(86_400),
            Kind::IdpThrottled | Kind::Busy | Kind::IdpUnreachable | Kind::ServerUnreachable => self.retry_after,
            // Until the next sign-in; the count of sign-ins clears it.
            Kind::StepUp => Some(86_400),
            _ => None,
        }
    }
}

impl fmt::Display for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hint)
    }
}

impl std::error::Error for ExchangeError {}

impl From<SessionError> for ExchangeError {
    fn from(error: SessionError) -> Self {
        match &error {
            SessionError::Waiting { fault, retry_at } => {
                let seconds = retry_at.map(|at| u64::try_from(at.as_second() - Timestamp::now().as_second()).unwrap_or(0).max(1));
                Self { retry_after: seconds, ..waiting(fault.as_ref()) }
            }
            SessionError::NoSuchToken => {
                Self::new(Kind::Misconfigured, "The identity provider gives no ID token here; see the setting SubjectToken.")
                    .by(Who::Idp)
            }
            SessionError::Stopped => Self::new(Kind::Busy, "Lanyard is shutting down."),
            _ => Self::new(Kind::Session(error), ""),
        }
    }
}

fn waiting(fault: Option<&Fault>) -> ExchangeError {
    let (kind, hint) = match fault.map(|fault| fault.kind) {
        Some(FaultKind::Throttled) => (Kind::IdpThrottled, ""),
        Some(FaultKind::Untrusted) => (
            Kind::Misconfigured,
            "This computer does not trust the certificate of the identity provider; a company root may be missing.",
        ),
        Some(FaultKind::Interference) => {
            (Kind::IdpUnreachable, "A web page came instead of an answer; the network may want you to sign in to it first.")
        }
        Some(FaultKind::Refused | FaultKind::Misconfigured | FaultKind::Unbelievable) => {
            (Kind::Misconfigured, "The identity provider does not renew the sign-in as it is set up.")
        }
        _ => (Kind::IdpUnreachable, ""),
    };
    let theirs = fault.and_then(|fault| fault.detail.clone());
    let who = matches!(kind, Kind::Misconfigured).then_some(Who::Idp);
    ExchangeError { theirs, who, trace: fault.and_then(|fault| fault.trace.clone()), ..ExchangeError::new(kind, hint) }
}

/// Which side a failing call was meant for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Idp,
    Server,
}

impl ExchangeError {
    pub(crate) fn from_net(error: &NetError, side: Side) -> Self {
        match error {
            NetError::Untrusted { host, issuer, .. } => {
                let hint = format!(
                    "This computer does not trust the certificate of {host}; a company root may be missing (see ExtraCaFile)."
                );
                let theirs = issuer.as_ref().map(|issuer| format!("its certificate was issued by “{issuer}”"));
                Self { theirs, ..Self::new(Kind::Misconfigured, hint) }.by(Who::Policy)
            }
            NetError::NoWay { source, .. } => Self::away(side).because(source),
            NetError::Address(why) => {
                Self::new(Kind::Misconfigured, format!("An address was refused before anything was sent: {why}.")).by(Who::Policy)
            }
            NetError::Settings(why) => {
                Self::new(Kind::Misconfigured, format!("The network settings cannot be used: {why}.")).by(Who::Policy)
            }
            _ => Self::away(side).because(error),
        }
    }

    pub(crate) fn away(side: Side) -> Self {
        let kind = if side == Side::Idp { Kind::IdpUnreachable } else { Kind::ServerUnreachable };
        Self::new(kind, "").after(5)
    }

    pub(crate) fn interference(side: Side) -> Self {
        Self {
            hint: "A web page came instead of an answer; the network may want you to sign in to it first.".to_owned(),
            ..Self::away(side)
        }
    }

    fn because(mut self, error: &dyn std::error::Error) -> Self {
        self.hint = format!("{}.", capitalised(&error.to_string()));
        self
    }
}

impl From<&DiscoveryError> for ExchangeError {
    fn from(error: &DiscoveryError) -> Self {
        if let DiscoveryError::Document { what, source } = error {
            if let net::DocumentError::Net(error) = source {
                return Self::from_net(error, Side::Server);
            }
            if source.is_passing() {
                return Self { hint: format!("Lanyard did not get {what}: {source}."), ..Self::away(Side::Server) };
            }
            return Self::new(Kind::Misconfigured, format!("Lanyard did not get {what}: {source}.")).by(Who::App);
        }
        let who = match error {
            DiscoveryError::OtherResource { .. } | DiscoveryError::Moved { .. } | DiscoveryError::NoServer => Who::Policy,
            _ => Who::App,
        };
        Self::new(Kind::Misconfigured, format!("{}.", capitalised(&error.to_string()))).by(who)
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
