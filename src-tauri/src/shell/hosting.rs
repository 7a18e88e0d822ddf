use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use super::Event;

/// How long the agent may take to end.
const END_LIMIT: Duration = Duration::from_secs(10);

/// The agent in this process.
pub(super) struct Host {
    stop: agent::Stop,
    nudge: Sender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Host {
    /// Starts it. Where another agent serves this user, it starts when it is told that nobody answers any more.
    pub(super) fn start(events: Sender<Event>) -> Self {
        let stop = agent::Stop::default();
        let (nudge, nudged) = channel();
        let hosted = stop.clone();
        let thread = Builder::new().name("agent".into()).spawn(move || host(&hosted, &nudged, &events));
        Self { stop, nudge, thread: thread.ok() }
    }

    /// Tells the host that nobody answers.
    pub(super) fn nudge(&self) -> Sender<()> {
        self.nudge.clone()
    }

    /// Ends it, and waits a while.
    pub(super) fn stop(self) {
        self.stop.now();
        let _ended = self.nudge.send(());
        let Some(thread) = self.thread else { return };
        let began = Instant::now();
        while !thread.is_finished() && began.elapsed() < END_LIMIT {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn host(stop: &agent::Stop, nudged: &Receiver<()>, events: &Sender<Event>) {
    loop {
        let options = agent::Options { stop: stop.clone(), ..agent::Options::default() };
        let Some(refusal) = agent::run(options).err().filter(|_| !stop.is_wanted()) else {
            drop(events.send(Event::Stop));
            return;
        };
        drop(events.send(Event::Refused(refusal.problem().map(Box::new))));
        // What was said while it tried is old.
        while nudged.try_recv().is_ok() {}
        if nudged.recv().is_err() || stop.is_wanted() {
            return;
        }
    }
}
