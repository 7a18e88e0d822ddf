//! How often errors may cause another call, for each server: pure.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use crate::classify::Leg;

/// At most this many calls a leg within [`WINDOW`] because of errors.
const CALLS: usize = 3;
const WINDOW: SignedDuration = SignedDuration::from_mins(5);
/// How long the breaker stays open.
const OPEN: SignedDuration = SignedDuration::from_mins(15);

/// The failed calls of one server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Budget {
    failures: [VecDeque<Timestamp>; 2],
    open_until: Option<Timestamp>,
}

impl Budget {
    /// Notes a failed call; returns whether another one may follow.
    pub(crate) fn failed(&mut self, leg: Leg, now: Timestamp) -> bool {
        let failures = &mut self.failures[leg as usize];
        failures.retain(|at| now.duration_since(*at) < WINDOW);
        failures.push_back(now);
        if failures.len() >= CALLS {
            failures.clear();
            self.open_until = Some(now + OPEN);
            return false;
        }
        true
    }

    /// Seconds until calls are allowed again; none when they are.
    pub(crate) fn closed_for(&self, now: Timestamp) -> Option<u64> {
        let left = self.open_until?.duration_since(now).as_secs();
        u64::try_from(left).ok().filter(|left| *left > 0)
    }

    /// A success, a person's retry, a new sign-in, a changed policy.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn three_failures_in_five_minutes_open_the_breaker_for_fifteen() {
        let mut budget = Budget::default();
        assert!(budget.failed(Leg::Exchange, at(0)));
        assert!(budget.failed(Leg::Redeem, at(1)), "each leg has its own");
        assert!(budget.failed(Leg::Exchange, at(2)));
        assert_eq!(budget.closed_for(at(2)), None);
        assert!(!budget.failed(Leg::Exchange, at(3)));
        assert_eq!(budget.closed_for(at(3)), Some(900));
        assert_eq!(budget.closed_for(at(903)), None);
    }

    #[test]
    fn old_failures_are_forgotten() {
        let mut budget = Budget::default();
        for minute in 0..20 {
            assert!(budget.failed(Leg::Redeem, at(minute * 200)), "minute {minute}");
        }
    }
}
