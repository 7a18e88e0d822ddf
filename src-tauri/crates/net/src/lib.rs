//! The only HTTP client: operating system trust store, proxy, time limits, body caps, back-off.
//!
//! Every request names its [`Reach`]: the hosts that policy vouches for. All other hosts may be talked
//! to only over https and only at public addresses. Redirects are never followed on a POST.

mod address;
mod backoff;
mod client;
mod client_auth;
mod document;
mod error;
mod failure;
mod forward;
mod look;
mod pace;
mod prepared;
mod proxy;
mod reply;
mod resolver;
mod theirs;
mod token_endpoint;
mod trust;
mod witness;

pub use address::{AddressRefused, Reach, host_of, is_loopback_host, origin_of};
pub use backoff::{jittered, retry_delay, throttle_delay};
pub use client::{Client, Proxy, Settings};
pub use client_auth::{AssertionKey, ClientAuth, KeyUnusable};
pub use document::{DocumentError, fetch_json};
pub use error::NetError;
pub use forward::{Chunks, Forward, Forwarded};
pub use look::{Look, Presented};
pub use pace::Pace;
pub use proxy::{NoWay, ProxyAddress, Routing, Source, Way};
pub use reply::Reply;
pub use theirs::theirs;
pub use token_endpoint::{Answer, Refusal, TokenRequest};
pub use witness::issuer;

/// The most bytes read of any answer that is held in memory.
pub const BODY_CAP: usize = 256 * 1024;

/// How long one call may take, connecting included.
pub const CALL_LIMIT: std::time::Duration = std::time::Duration::from_secs(10);
