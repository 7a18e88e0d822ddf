//! One exchange at a time for each server. Waiters drive it together; when the last one goes, it stops (LI-25).

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};

use crate::cache::Entry;
use crate::error::ExchangeError;

pub(crate) type Outcome = Result<Arc<Entry>, ExchangeError>;
pub(crate) type Joined = Shared<BoxFuture<'static, Outcome>>;

/// An exchange that is under way, held only by those who wait for it.
pub(crate) struct Flight {
    /// The scopes that it asks for.
    pub(crate) scopes: Vec<String>,
    shared: Option<WeakShared<BoxFuture<'static, Outcome>>>,
}

impl Flight {
    /// Prepares a flight; it moves when somebody polls what is returned.
    pub(crate) fn begin(scopes: Vec<String>, work: BoxFuture<'static, Outcome>) -> (Self, Joined) {
        let joined = work.shared();
        let shared = joined.downgrade();
        (Self { scopes, shared }, joined)
    }

    /// Joins it, when it still moves and would bring every scope asked for.
    pub(crate) fn join(&self, scopes: &[String]) -> Option<Joined> {
        let joined = self.shared.as_ref()?.upgrade()?;
        (joined.peek().is_none() && scopes.iter().all(|scope| self.scopes.contains(scope))).then_some(joined)
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.shared.as_ref().and_then(WeakShared::upgrade).is_some_and(|joined| joined.peek().is_none())
    }
}

impl std::fmt::Debug for Flight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flight").field("scopes", &self.scopes).finish_non_exhaustive()
    }
}
