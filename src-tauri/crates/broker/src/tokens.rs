use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use exchange::{Hold, Refusal};
use jiff::Timestamp;
use secret::Secret;
use wire::Problem;

/// Work under way. Dropping it is how a caller that vanished stops its work (LI-25).
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where tokens for servers come from. Servers are named by their id in policy, never by an address (LI-21).
pub trait ServerTokens: Send + Sync + 'static {
    /// A token at hand that satisfies `ask`; `None` sends the caller on to [`ServerTokens::token`]. It is on the
    /// path of every request, so it neither waits nor does work.
    fn cached(&self, server: &str, ask: &Ask) -> Option<Served>;

    /// What a server's refusal of a token leads to: what to ask for before the request is sent once more.
    fn answered<'a>(&'a self, server: &'a str, served: &'a Served, refusal: Refusal<'a>) -> Doing<'a, Result<Ask, Problem>>;

    /// Whether what was opened with a token of `epoch` may go on, this instant.
    fn serves(&self, epoch: u64) -> bool;

    /// Why it may not.
    fn ended(&self) -> Doing<'_, Problem>;

    /// Counts tokens as in use until the guard is dropped: a stream runs with one.
    fn hold(&self) -> Hold;

    /// A token that satisfies `ask`, however long that takes within the room's own limits.
    fn token<'a>(&'a self, server: &'a str, ask: &'a Ask) -> Doing<'a, Result<Served, Problem>>;
}

/// What a caller wants of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// Scopes; absent means those of policy.
    pub scopes: Option<Vec<String>>,
    /// The least remaining life.
    pub min_ttl: Option<Duration>,
}

/// An access token for one server, and nothing beyond it (LI-22).
#[derive(Clone, Debug)]
pub struct Served {
    /// The token.
    pub token: Arc<Secret>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Its scopes, separated by spaces.
    pub scope: Arc<str>,
    /// The resource it is for.
    pub resource: Arc<str>,
    /// The session's epoch that it belongs to.
    pub epoch: u64,
    /// How it came about; `None` when it was at hand.
    pub minted: Option<Minted>,
}

/// What audit says about a token that was made for this request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Minted {
    /// The first 8 hex digits of the SHA-256 of the assertion's `jti`; none where a server needed no assertion.
    pub assertion: Option<String>,
    /// The identity provider's or server's id of the exchange.
    pub trace: Option<String>,
}
