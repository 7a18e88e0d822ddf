//! What each party of the sandbox believes the time to be.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// A clock that a test can push: the world's, the IdP's and each resource AS's may differ.
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    /// Unix seconds as this party sees them.
    pub fn now(&self) -> i64 {
        Timestamp::now().as_second() + self.0.load(Ordering::Relaxed)
    }

    /// Moves this party's clock by `seconds` from where it is.
    pub fn shift(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

/// `seconds` since the epoch in the form of an HTTP `Date` header (RFC 9110 §5.6.7).
pub(crate) fn http_date(seconds: i64) -> String {
    Timestamp::from_second(seconds)
        .ok()
        .and_then(|time| jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&time).ok())
        .unwrap_or_default()
}

/// `seconds` since the epoch as RFC 3339.
pub(crate) fn stamp(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| String::new(), |time| time.to_string())
}
