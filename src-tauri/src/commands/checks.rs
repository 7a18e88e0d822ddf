//! Which check step by step is no longer wanted. The page makes one at a time, and names each.

use std::sync::{Arc, Mutex, PoisonError};

/// The last that was stopped, maybe before it was begun: the two words of the page may come in either order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Checks(Arc<Mutex<Option<String>>>);

impl Checks {
    /// This one is not wanted any more.
    pub(super) fn stop(&self, check: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(check);
    }

    /// Whether this one was stopped.
    pub(super) fn holds(&self, check: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_deref() == Some(check)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_wanted_until_it_is_stopped_and_no_other_with_it() {
        let checks = Checks::default();
        let stopped = checks.clone();
        assert!(!stopped.holds("a"));
        checks.stop("a".into());
        assert!(stopped.holds("a") && !stopped.holds("b"));
        checks.stop("b".into());
        assert!(stopped.holds("b"));
    }
}
