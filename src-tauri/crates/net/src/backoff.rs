use std::time::Duration;

/// The wait before retry number `attempt` (0 is the first): 1 s, 4 s, 15 s, then parked for 5 min, each ±30 %.
/// `unit` is random in 0..1, so that a fleet does not return as one.
pub fn retry_delay(attempt: u32, unit: f64) -> Duration {
    let seconds = match attempt {
        0 => 1.0,
        1 => 4.0,
        2 => 15.0,
        _ => 300.0,
    };
    Duration::from_secs_f64(seconds * (0.7 + 0.6 * unit.clamp(0.0, 1.0)))
}

/// The wait after HTTP 429 number `attempt`: what the server asks, else 60 s doubling to 30 min; never earlier, at most a fifth later.
pub fn throttle_delay(attempt: u32, retry_after: Option<u64>, unit: f64) -> Duration {
    let seconds = retry_after.unwrap_or_else(|| (60 << attempt.min(5)).min(1_800)).max(1);
    Duration::from_secs_f64(seconds as f64 * (1.0 + 0.2 * unit.clamp(0.0, 1.0)))
}

/// `base` moved by at most ±`share` (0..1) of itself, by `unit` in 0..1.
pub fn jittered(base: Duration, share: f64, unit: f64) -> Duration {
    base.mul_f64(1.0 - share + 2.0 * share * unit.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_grow_and_then_park() {
        let middle: Vec<u64> = (0..5).map(|attempt| retry_delay(attempt, 0.5).as_secs()).collect();
        assert_eq!(middle, [1, 4, 15, 300, 300]);
        assert!(retry_delay(1, 0.0) >= Duration::from_millis(2_799) && retry_delay(1, 1.0) <= Duration::from_millis(5_201));
    }

    #[test]
    fn a_throttled_caller_never_returns_early() {
        assert_eq!(throttle_delay(0, Some(7), 0.0), Duration::from_secs(7));
        assert_eq!(throttle_delay(0, None, 0.0).as_secs(), 60);
        assert_eq!(throttle_delay(2, None, 0.0).as_secs(), 240);
        assert_eq!(throttle_delay(30, None, 0.0).as_secs(), 1_800);
        assert_eq!(throttle_delay(0, Some(0), 0.0).as_secs(), 1);
    }
}
