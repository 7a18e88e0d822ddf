//! One event for each decision (LI-60), on its way to every sink.
//!
//! Recording never waits for a disk or a socket: an event gets its number, goes into the ring that the local
//! interface reads, and is written by one thread that sleeps while there is nothing to write.

mod coalescer;
mod file;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
mod number;
#[cfg(windows)]
mod windows;

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use wire::AuditEvent;

pub use coalescer::{Coalescer, Key};
pub use file::{FileSink, recent};
#[cfg(target_os = "linux")]
pub use linux::{SystemSink, entry};
#[cfg(target_os = "macos")]
pub use macos::SystemSink;
pub use number::number;
#[cfg(windows)]
pub use windows::SystemSink;

/// Recent events for `GET /v1/audit`.
const RING: usize = 1_000;

/// Events that wait for the writing thread; beyond it they are counted as dropped.
const PENDING: usize = 4_096;

/// How long [`Audit::flush`] waits for a sink.
const FLUSH: Duration = Duration::from_secs(5);

/// Where events go.
pub trait Sink: Send {
    /// Writes one event. An error means that the event is lost for this sink.
    fn write(&mut self, event: &AuditEvent) -> io::Result<()>;
}

/// A handle of the audit; clones are the same audit. When the last one is dropped everything is written.
#[derive(Clone)]
pub struct Audit(Arc<Writer>);

struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    desk: Mutex<Desk>,
    bell: Condvar,
}

struct Desk {
    last: u64,
    written: u64,
    dropped: u64,
    ring: VecDeque<AuditEvent>,
    pending: VecDeque<AuditEvent>,
    sinks: Option<Vec<Box<dyn Sink>>>,
    coalescer: Coalescer,
    closing: bool,
}

impl Audit {
    /// Starts the audit with what was written before it ([`recent`]): numbers go on from there, and a day that began before
    /// this process did is shown whole.
    pub fn start(earlier: Vec<AuditEvent>) -> io::Result<Self> {
        let last = earlier.last().map_or(0, |event| event.id);
        let desk = Desk {
            last,
            written: last,
            dropped: 0,
            ring: earlier.into(),
            pending: VecDeque::new(),
            sinks: None,
            coalescer: Coalescer::default(),
            closing: false,
        };
        let shared = Arc::new(Shared { desk: Mutex::new(desk), bell: Condvar::new() });
        let theirs = shared.clone();
        let thread = std::thread::Builder::new().name("audit".into()).spawn(move || theirs.write_all())?;
        Ok(Self(Arc::new(Writer { shared, thread: Some(thread) })))
    }

    /// From now on events go to these sinks.
    pub fn set_sinks(&self, sinks: Vec<Box<dyn Sink>>) {
        self.0.shared.lock().sinks = Some(sinks);
        self.0.shared.bell.notify_all();
    }

    /// Records one decision; its `id` is given here.
    pub fn record(&self, event: AuditEvent) {
        self.0.shared.lock().push(event);
        self.0.shared.bell.notify_all();
    }

    /// Records one of many identical decisions: the first at once, the others of the same minute as a count.
    pub fn repeated(&self, key: Key, event: impl FnOnce() -> AuditEvent) {
        let mut desk = self.0.shared.lock();
        if let Some(first) = desk.coalescer.seen(key, Instant::now(), event) {
            desk.push(first);
            drop(desk);
            self.0.shared.bell.notify_all();
        }
    }

    /// The recent events after number `after`, and the number of the last one.
    pub fn since(&self, after: u64) -> (Vec<AuditEvent>, u64) {
        let desk = self.0.shared.lock();
        (desk.ring.iter().filter(|event| event.id > after).cloned().collect(), desk.last)
    }

    /// How many events no sink got.
    pub fn dropped(&self) -> u64 {
        self.0.shared.lock().dropped
    }

    /// Writes what is counted and waits until everything recorded so far is written; it blocks for 5 s at most.
    pub fn flush(&self) {
        let shared = &self.0.shared;
        let mut desk = shared.lock();
        let counted = desk.coalescer.finish(Timestamp::now());
        counted.into_iter().for_each(|event| desk.push(event));
        let goal = desk.last;
        shared.bell.notify_all();
        let waited = shared.bell.wait_timeout_while(desk, FLUSH, |desk| desk.written < goal);
        drop(waited);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.lock().closing = true;
        self.shared.bell.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

impl Desk {
    fn push(&mut self, mut event: AuditEvent) {
        self.last += 1;
        event.id = self.last;
        if self.ring.len() == RING {
            self.ring.pop_front();
        }
        self.ring.push_back(event.clone());
        if self.pending.len() < PENDING {
            self.pending.push_back(event);
        } else {
            self.dropped += 1;
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_all(&self) {
        let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
        let mut desk = self.lock();
        loop {
            let closing = desk.closing;
            let due = match closing {
                true => desk.coalescer.finish(Timestamp::now()),
                false => desk.coalescer.due(Instant::now(), Timestamp::now()),
            };
            due.into_iter().for_each(|event| desk.push(event));
            let new = desk.sinks.take();
            let (events, through) = (std::mem::take(&mut desk.pending), desk.last);
            if new.is_some() || !events.is_empty() {
                drop(desk);
                if let Some(new) = new {
                    sinks = new;
                }
                let lost = events.iter().filter(|event| !write(&mut sinks, event)).count();
                desk = self.lock();
                desk.dropped += lost as u64;
                desk.written = through;
                self.bell.notify_all();
                continue;
            }
            if closing {
                return;
            }
            // Nothing to do: sleep until somebody records, or until a minute with counts ends.
            desk = match desk.coalescer.next() {
                Some(end) => {
                    let wait = end.saturating_duration_since(Instant::now());
                    self.bell.wait_timeout(desk, wait).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.bell.wait(desk).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

/// Writes to every sink; whether each one took it.
fn write(sinks: &mut [Box<dyn Sink>], event: &AuditEvent) -> bool {
    sinks.iter_mut().filter_map(|sink| sink.write(event).err()).count() == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Memory(Arc<Mutex<Vec<AuditEvent>>>);

    impl Sink for Memory {
        fn write(&mut self, event: &AuditEvent) -> io::Result<()> {
            self.0.lock().unwrap().push(event.clone());
            Ok(())
        }
    }

    struct Broken;

    impl Sink for Broken {
        fn write(&mut self, _: &AuditEvent) -> io::Result<()> {
            Err(io::Error::other("away"))
        }
    }

    fn named(event: &str) -> AuditEvent {
        AuditEvent { event: event.into(), outcome: "allowed".into(), ..AuditEvent::default() }
    }

    fn key() -> Key {
        Key { event: "token-served", door: "socket", client: None, server: Some("wiki".into()) }
    }

    #[test]
    fn events_are_numbered_written_in_order_and_counted_at_the_end() {
        let written = Arc::new(Mutex::new(Vec::new()));
        let audit = Audit::start(vec![AuditEvent { id: 41, ..named("paused") }]).unwrap();
        audit.set_sinks(vec![Box::new(Memory(written.clone()))]);
        audit.record(named("signed-in"));
        for _ in 0..5 {
            audit.repeated(key(), || named("token-served"));
        }
        audit.flush();
        let seen: Vec<_> = written.lock().unwrap().iter().map(|e| (e.id, e.event.clone(), e.count)).collect();
        let expected = [(42, "signed-in".into(), None), (43, "token-served".into(), None), (44, "token-served".into(), Some(4))];
        assert_eq!(seen, expected);
        assert_eq!(audit.since(42).0.len(), 2);
        assert_eq!((audit.since(44).0.len(), audit.since(0).1), (0, 44));
        audit.repeated(key(), || named("token-served"));
        audit.repeated(key(), || named("token-served"));
        drop(audit);
        assert_eq!(written.lock().unwrap().last().unwrap().count, Some(1), "the end writes what was counted");
    }

    #[test]
    fn a_broken_sink_loses_its_events_visibly_and_no_others() {
        let written = Arc::new(Mutex::new(Vec::new()));
        let audit = Audit::start(Vec::new()).unwrap();
        audit.set_sinks(vec![Box::new(Broken), Box::new(Memory(written.clone()))]);
        audit.record(named("paused"));
        audit.flush();
        assert_eq!((audit.dropped(), written.lock().unwrap().len()), (1, 1));
    }

    #[test]
    fn the_ring_is_bounded() {
        let audit = Audit::start(Vec::new()).unwrap();
        for _ in 0..1_500 {
            audit.record(named("token-refused"));
        }
        let (events, last) = audit.since(0);
        assert_eq!((events.len(), events[0].id, last), (RING, 501, 1_500));
    }
}
