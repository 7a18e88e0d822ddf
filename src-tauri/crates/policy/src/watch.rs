//! Policy as it changes: settled, re-read, and handed on only when it really is different.

mod arrival;
mod files;
#[cfg(windows)]
mod registry;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};

use crate::fault;
use crate::policy::Policy;
use crate::reader::Reader;
use files::{Notice, Watched};
#[cfg(windows)]
use registry::Hives;

/// There are no hives but on Windows.
#[cfg(unix)]
struct Hives;

#[cfg(unix)]
impl Hives {
    fn watch(_: &mpsc::Sender<Notice>) -> std::io::Result<Self> {
        Ok(Self)
    }
}

/// How long things take.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How long nothing must have changed before it is read.
    pub settle: Duration,
    /// How long a change waits at most, however busy the folder is.
    pub at_most: Duration,
    /// When it is read in any case, after the start: management tools may arrive after the agent.
    pub early: [Duration; 2],
    /// How often it is read in any case after that.
    pub often: Duration,
    /// How often it is read while the folders cannot be watched.
    pub blind: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            settle: Duration::from_secs(2),
            at_most: Duration::from_secs(5),
            early: [Duration::from_secs(30), Duration::from_secs(110)],
            often: Duration::from_secs(3600),
            blind: Duration::from_secs(60),
        }
    }
}

/// Asks for a reading now.
#[derive(Clone, Debug)]
pub struct Reloader {
    ask: mpsc::Sender<oneshot::Sender<Arc<Policy>>>,
    latest: watch::Receiver<Arc<Policy>>,
}

impl Reloader {
    /// Reads now and returns what applies after it.
    pub async fn reload(&self) -> Arc<Policy> {
        let (reply, answer) = oneshot::channel();
        let asked = self.ask.send(reply).await.is_ok();
        match answer.await {
            Ok(policy) if asked => policy,
            _ => self.latest.borrow().clone(),
        }
    }
}

/// Reads the policy now and follows it for as long as a receiver or the [`Reloader`] lives. Needs a tokio runtime.
pub fn follow(reader: Reader) -> (watch::Receiver<Arc<Policy>>, Reloader) {
    follow_at(reader, Pace::default())
}

/// [`follow`] at another pace.
pub fn follow_at(mut reader: Reader, pace: Pace) -> (watch::Receiver<Arc<Policy>>, Reloader) {
    let (notify, notices) = mpsc::channel(8);
    let mut watched = Watched::arm(&reader.places(), &notify);
    let mut first = reader.read();
    if reader.borrows() {
        // What is borrowed is known only now: watch it too, and read again for what happened in between.
        watched = Watched::arm(&reader.places(), &notify);
        first = reader.read();
    }
    add_fault(&mut first, watched.trouble.as_deref());
    let (publish, latest) = watch::channel(Arc::new(first));
    let (ask, asked) = mpsc::channel(4);
    let driver = Driver { reader: Arc::new(Mutex::new(reader)), watched, notify, publish, pace, started: Instant::now() };
    tokio::spawn(driver.run(notices, asked));
    (latest.clone(), Reloader { ask, latest })
}

struct Driver {
    reader: Arc<Mutex<Reader>>,
    watched: Watched,
    notify: mpsc::Sender<Notice>,
    publish: watch::Sender<Arc<Policy>>,
    pace: Pace,
    started: Instant,
}

impl Driver {
    async fn run(mut self, mut notices: mpsc::Receiver<Notice>, mut asked: mpsc::Receiver<oneshot::Sender<Arc<Policy>>>) {
        let mut trouble = None;
        let mut dirty: Option<Instant> = None;
        let mut due = self.next();
        loop {
            let reply = tokio::select! {
                () = self.publish.closed() => return,
                Some(notice) = notices.recv() => {
                    if let Notice::Failed(message) = notice {
                        trouble = Some(message);
                    }
                    let now = Instant::now();
                    let since = *dirty.get_or_insert(now);
                    due = (now + self.pace.settle).min(since + self.pace.at_most);
                    continue;
                }
                Some(reply) = asked.recv() => Some(reply),
                () = sleep_until(due) => None,
            };
            self.read(trouble.take()).await;
            dirty = None;
            due = self.next();
            if let Some(reply) = reply {
                let _ = reply.send(self.publish.borrow().clone());
            }
        }
    }

    /// When it is read next although nothing is known to have changed.
    fn next(&self) -> Instant {
        let now = Instant::now();
        let often = match self.watched.trouble {
            Some(_) => self.pace.blind,
            None => self.pace.often,
        };
        let early = self.pace.early.iter().map(|after| self.started + *after);
        early.filter(|at| *at > now).min().unwrap_or(now + often).min(now + often)
    }

    async fn read(&mut self, trouble: Option<String>) {
        let reader = Arc::clone(&self.reader);
        let notify = self.notify.clone();
        // Armed before it is read, so that no change falls in between.
        let reading = tokio::task::spawn_blocking(move || {
            let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
            let watched = Watched::arm(&reader.places(), &notify);
            let borrowed = reader.borrows();
            let policy = reader.read();
            if reader.borrows() == borrowed {
                return (watched, policy);
            }
            (Watched::arm(&reader.places(), &notify), reader.read())
        });
        let Ok((watched, mut policy)) = reading.await else {
            tracing::error!("reading the policy failed");
            return;
        };
        self.watched = watched;
        if trouble.is_some() {
            self.watched.trouble = trouble;
        }
        add_fault(&mut policy, self.watched.trouble.as_deref());
        let changed = self.publish.send_if_modified(|current| {
            let differs = **current != policy;
            if differs {
                *current = Arc::new(policy);
            }
            differs
        });
        if changed {
            let policy = self.publish.borrow();
            tracing::info!(hash = %policy.hash, faults = policy.faults.len(), "policy changed");
        }
    }
}

fn add_fault(policy: &mut Policy, trouble: Option<&str>) {
    if let Some(message) = trouble {
        let message = format!("changes are noticed late: {message}");
        policy.faults.push(fault::whole("watch", message));
    }
}
