//! Which check step by step is wanted: the last that was begun, until it is stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts them.
#[derive(Debug, Default)]
pub(crate) struct Checks(Arc<AtomicU64>);

impl Checks {
    /// Begins one, which ends every other; tells whether it is still wanted.
    pub(super) fn begin(&self) -> impl Fn() -> bool + Send + 'static {
        let (counter, own) = (self.0.clone(), self.0.fetch_add(1, Ordering::Relaxed) + 1);
        move || counter.load(Ordering::Relaxed) == own
    }

    /// None is wanted any more.
    pub(super) fn end(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_check_is_wanted_until_it_is_stopped() {
        let checks = Checks::default();
        let first = checks.begin();
        assert!(first());
        let second = checks.begin();
        assert!(!first() && second());
        checks.end();
        assert!(!second());
    }
}
