//! When the session is confirmed at the IdP. Pure: times in, times out.

use std::time::Duration;

use jiff::Timestamp;

/// An idle session is renewed this often all the same, so that the refresh token does not die of idleness.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(12 * 3600);
/// How much life an ID token must have to be used as a subject, seconds.
pub(crate) const SUBJECT_MARGIN: i64 = 60;

/// The next confirmation: within `check_every`, and a little earlier for each machine of a fleet. `unit` is random in 0..1.
pub(crate) fn next_check(confirmed: Timestamp, check_every: Duration, unit: f64) -> Timestamp {
    confirmed + check_every.mul_f64(0.8 + 0.2 * unit.clamp(0.0, 1.0))
}

/// Whether a due confirmation may wait, because nobody used a token since the last one.
pub(crate) fn may_wait(now: Timestamp, confirmed: Timestamp, used: Option<Timestamp>) -> bool {
    let in_use = used.is_some_and(|used| used >= confirmed);
    !in_use && now < confirmed + KEEP_ALIVE
}

/// A random number in 0..1 for jitter; the middle where the system gives none.
pub(crate) fn unit() -> f64 {
    secret::random_bytes::<4>().map_or(0.5, |bytes| f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn a_check_is_never_later_than_policy_says() {
        for unit in [0.0, 0.5, 1.0, 7.0] {
            let next = next_check(at(0), Duration::from_secs(900), unit);
            assert!(next >= at(720) && next <= at(900), "{next}");
        }
    }

    #[test]
    fn an_unused_session_is_left_alone_for_half_a_day() {
        assert!(may_wait(at(900), at(0), None));
        assert!(may_wait(at(900), at(10), Some(at(5))));
        assert!(!may_wait(at(900), at(0), Some(at(5))));
        assert!(!may_wait(at(12 * 3600), at(0), None));
    }
}
