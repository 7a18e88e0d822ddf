use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Paces the requests to one IdP: a burst of 4, then 3 a second, and never a fifth within one second
/// (Okta refuses a user's fifth).
#[derive(Debug, Default)]
pub struct Pace(Mutex<Schedule>);

impl Pace {
    /// Waits for this caller's turn. A caller that is dropped while it waits has used its turn.
    pub async fn turn(&self) {
        let now = Instant::now();
        let at = match self.0.lock() {
            Ok(mut schedule) => schedule.reserve(now),
            Err(poisoned) => poisoned.into_inner().reserve(now),
        };
        if at > now {
            tokio::time::sleep_until(at.into()).await;
        }
    }
}

const BURST: usize = 4;
const WINDOW: Duration = Duration::from_secs(1);
const STEP: Duration = Duration::from_nanos(333_333_334);

/// Pure: given when turns were taken, when is the next?
#[derive(Debug, Default)]
struct Schedule {
    last: VecDeque<Instant>,
    /// When the bucket will be full again.
    full_at: Option<Instant>,
}

impl Schedule {
    fn reserve(&mut self, now: Instant) -> Instant {
        let full_at = self.full_at.map_or(now, |at| at.max(now));
        let by_bucket = full_at.checked_sub(STEP * (BURST as u32 - 1)).map_or(now, |at| at.max(now));
        let by_window = match self.last.len() {
            BURST => self.last.front().map_or(now, |first| *first + WINDOW),
            _ => now,
        };
        let at = by_bucket.max(by_window);
        self.full_at = Some(full_at.max(at) + STEP);
        self.last.push_back(at);
        if self.last.len() > BURST {
            self.last.pop_front();
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_never_holds_a_fifth_request() {
        let start = Instant::now();
        let mut schedule = Schedule::default();
        let turns: Vec<Duration> = (0..40).map(|_| schedule.reserve(start) - start).collect();
        assert!(turns[..4].iter().all(Duration::is_zero), "the burst goes at once");
        assert!(turns.windows(5).all(|five| five[4] - five[0] >= WINDOW), "{turns:?}");
        let average = (turns[39] - turns[4]).as_secs_f64() / 35.0;
        assert!((0.30..0.36).contains(&average), "three a second: {average}");
    }

    #[test]
    fn a_rested_pace_allows_a_burst_again() {
        let start = Instant::now();
        let mut schedule = Schedule::default();
        for _ in 0..10 {
            schedule.reserve(start);
        }
        let later = start + Duration::from_secs(60);
        let turns: Vec<Duration> = (0..5).map(|_| schedule.reserve(later) - later).collect();
        assert!(turns[..4].iter().all(Duration::is_zero) && turns[4] >= WINDOW, "{turns:?}");
    }
}
