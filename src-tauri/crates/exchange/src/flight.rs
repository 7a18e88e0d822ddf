//! One exchange at a time for each server. Waiters drive it together; when the last one goes, it stops (LI-25).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
    over: Arc<AtomicBool>,
}

/// Goes with a flight and is dropped at its end, also where the last who waits has gone: says then that it is over. What is
/// shared looks under way for a moment longer, in which nobody would be told.
struct Landing<F: Fn()> {
    over: Arc<AtomicBool>,
    tell: F,
}

impl<F: Fn()> Drop for Landing<F> {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        (self.tell)();
    }
}

impl Flight {
    /// Prepares a flight; it moves when somebody polls what is returned, and `tell` is called when it is over.
    pub(crate) fn begin(
        scopes: Vec<String>,
        work: BoxFuture<'static, Outcome>,
        tell: impl Fn() + Send + 'static,
    ) -> (Self, Joined) {
        let over = Arc::new(AtomicBool::new(false));
        let landing = Landing { over: over.clone(), tell };
        let joined = async move {
            let _landing = landing;
            work.await
        }
        .boxed()
        .shared();
        let shared = joined.downgrade();
        (Self { scopes, shared, over }, joined)
    }

    /// Joins it, when it still moves and would bring every scope asked for.
    pub(crate) fn join(&self, scopes: &[String]) -> Option<Joined> {
        let joined = self.shared.as_ref()?.upgrade()?;
        (joined.peek().is_none() && scopes.iter().all(|scope| self.scopes.contains(scope))).then_some(joined)
    }

    pub(crate) fn is_alive(&self) -> bool {
        !self.over.load(Ordering::Acquire)
            && self.shared.as_ref().and_then(WeakShared::upgrade).is_some_and(|joined| joined.peek().is_none())
    }
}

impl std::fmt::Debug for Flight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flight").field("scopes", &self.scopes).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::pending;

    use super::*;
    use crate::error::Kind;

    fn begun(work: BoxFuture<'static, Outcome>) -> (Arc<AtomicBool>, Flight, Joined) {
        let told = Arc::new(AtomicBool::new(false));
        let tell = told.clone();
        let (flight, joined) = Flight::begin(Vec::new(), work, move || tell.store(true, Ordering::Relaxed));
        (told, flight, joined)
    }

    #[tokio::test]
    async fn the_end_of_a_flight_is_told_when_it_no_longer_looks_under_way() {
        let (told, flight, joined) = begun(async { Err(crate::error::ExchangeError::new(Kind::Busy, "")) }.boxed());
        assert!(flight.is_alive() && !told.load(Ordering::Relaxed));
        assert!(joined.await.is_err());
        assert!(!flight.is_alive() && told.load(Ordering::Relaxed));
    }

    #[test]
    fn a_flight_that_everybody_left_is_told_to_be_over() {
        let (told, flight, joined) = begun(pending().boxed());
        drop(joined);
        assert!(!flight.is_alive() && told.load(Ordering::Relaxed));
    }
}
