use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use wire::AuditEvent;

const WINDOW: Duration = Duration::from_secs(60);

/// More pairs than this at once are written one by one.
const LIMIT: usize = 1_024;

/// Which decisions are the same decision.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The event's name.
    pub event: &'static str,
    /// The door.
    pub door: &'static str,
    /// The program or key.
    pub client: Option<Arc<str>>,
    /// The server, or the reason.
    pub server: Option<String>,
}

/// Turns many identical decisions into one event a minute, with a count. Pure: time is an argument.
#[derive(Default)]
pub struct Coalescer(HashMap<Key, Window>);

struct Window {
    ends: Instant,
    more: u64,
    model: AuditEvent,
}

impl Coalescer {
    /// A decision was made: the first of its minute is returned to be written at once, the others are counted.
    pub fn seen(&mut self, key: Key, now: Instant, event: impl FnOnce() -> AuditEvent) -> Option<AuditEvent> {
        if let Some(window) = self.0.get_mut(&key) {
            window.more += 1;
            return None;
        }
        let event = event();
        if self.0.len() < LIMIT {
            self.0.insert(key, Window { ends: now + WINDOW, more: 0, model: event.clone() });
        }
        Some(event)
    }

    /// The counts of the minutes that have ended. While decisions keep coming the next minute begins at once, so
    /// that there is one event a minute and no more.
    pub fn due(&mut self, now: Instant, time: Timestamp) -> Vec<AuditEvent> {
        let mut due = Vec::new();
        self.0.retain(|_, window| {
            if window.ends > now {
                return true;
            }
            if window.more == 0 {
                return false;
            }
            due.push(window.close(time));
            window.ends = now + WINDOW;
            true
        });
        due
    }

    /// Every count there is; nothing is kept.
    pub fn finish(&mut self, time: Timestamp) -> Vec<AuditEvent> {
        self.0.drain().filter(|(_, window)| window.more > 0).map(|(_, mut window)| window.close(time)).collect()
    }

    /// When the next minute ends.
    pub fn next(&self) -> Option<Instant> {
        self.0.values().map(|window| window.ends).min()
    }
}

impl Window {
    fn close(&mut self, time: Timestamp) -> AuditEvent {
        let count = std::mem::take(&mut self.more);
        AuditEvent { time, count: Some(count), ..self.model.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(client: &str) -> Key {
        Key { event: "token-served", door: "socket", client: Some(client.into()), server: Some("wiki".into()) }
    }

    fn seen(coalescer: &mut Coalescer, client: &str, now: Instant) -> bool {
        coalescer.seen(key(client), now, AuditEvent::default).is_some()
    }

    #[test]
    fn a_busy_pair_is_one_event_a_minute() {
        let (mut coalescer, start) = (Coalescer::default(), Instant::now());
        let mut written = 0;
        let mut counted = 0;
        for second in 0..600 {
            let now = start + Duration::from_secs(second);
            for event in coalescer.due(now, Timestamp::UNIX_EPOCH) {
                written += 1;
                counted += event.count.unwrap();
            }
            if seen(&mut coalescer, "/a", now) {
                written += 1;
                counted += 1;
            }
        }
        counted += coalescer.finish(Timestamp::UNIX_EPOCH).iter().filter_map(|event| event.count).sum::<u64>();
        assert_eq!((written, counted), (10, 600), "every decision is accounted for");
    }

    #[test]
    fn pairs_do_not_share_a_count_and_a_quiet_one_leaves_nothing_behind() {
        let (mut coalescer, start) = (Coalescer::default(), Instant::now());
        assert!(seen(&mut coalescer, "/a", start) && seen(&mut coalescer, "/b", start));
        assert!(!seen(&mut coalescer, "/a", start));
        assert_eq!(coalescer.next(), Some(start + WINDOW));
        assert_eq!(coalescer.due(start + WINDOW, Timestamp::UNIX_EPOCH).len(), 1);
        assert!(coalescer.due(start + WINDOW * 2, Timestamp::UNIX_EPOCH).is_empty());
        assert_eq!(coalescer.next(), None);
        assert!(seen(&mut coalescer, "/a", start + WINDOW * 3), "the first after silence is written at once");
    }

    #[test]
    fn many_pairs_are_written_and_not_kept() {
        let (mut coalescer, start) = (Coalescer::default(), Instant::now());
        for index in 0..2_000 {
            assert!(seen(&mut coalescer, &index.to_string(), start));
        }
        assert!(seen(&mut coalescer, "1999", start));
        assert_eq!(coalescer.0.len(), LIMIT);
    }
}
