use crate::address::AddressRefused;
use crate::proxy::NoWay;

/// Why no usable answer arrived. Hosts only: a path or query may carry a secret.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// We refused to call this address.
    #[error("the address was refused before anything was sent")]
    Address(#[from] AddressRefused),
    /// No connection: name resolution, routing, refused, reset.
    #[error("no connection to {host}")]
    Unreachable {
        /// The host that was called.
        host: String,
        /// What the HTTP client reported.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The server's certificate is not trusted on this machine (a missing company root, or an attack).
    #[error("the certificate of {host} is not trusted")]
    Untrusted {
        /// The host that was called.
        host: String,
        /// Who issued the certificate that was presented, as theirs.
        issuer: Option<String>,
        /// What the TLS library reported.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Which proxy leads there is not known, or none that is spoken here.
    #[error("no way to {host}")]
    NoWay {
        /// The host that was to be called.
        host: String,
        /// Why.
        #[source]
        source: NoWay,
    },
    /// Nothing complete within the time limit.
    #[error("{host} did not answer in time")]
    TimedOut {
        /// The host that was called.
        host: String,
    },
    /// The answer is larger than [`crate::BODY_CAP`].
    #[error("the answer of {host} is too large")]
    TooLarge {
        /// The host that was called.
        host: String,
    },
    /// The connection broke in the middle of the answer.
    #[error("the answer of {host} broke off")]
    Cut {
        /// The host that was called.
        host: String,
        /// What the HTTP client reported.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The trust store, the extra CA file or the proxy setting is unusable.
    #[error("the network settings are unusable: {0}")]
    Settings(String),
}

impl NetError {
    /// Whether waiting for the network may help; false where only an administrator can.
    pub fn is_passing(&self) -> bool {
        !matches!(self, Self::Address(_) | Self::Untrusted { .. } | Self::Settings(_))
    }

    /// Whether the request may have reached the server although no answer arrived.
    pub fn may_have_arrived(&self) -> bool {
        matches!(self, Self::TimedOut { .. } | Self::Cut { .. } | Self::TooLarge { .. } | Self::Unreachable { .. })
    }
}
