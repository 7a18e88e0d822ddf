use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::request::Parts;
use hyper::body::Incoming;
use jiff::Timestamp;
use tokio::sync::watch;

use super::{Answer, Visit, body, reply};

/// A line while nothing happens, only while somebody listens: it notices a listener that went away where its connection did
/// not end. Seldom, because the tray listens all day, and each line wakes both sides.
const HEARTBEAT: Duration = Duration::from_secs(600);

/// What a timer may be early.
const PAST: Duration = Duration::from_millis(20);

impl Visit<'_> {
    /// `GET /v1/events`: one `status` at the start and at each change, also at those that time alone makes.
    pub(super) fn events(&self, _: &Parts, body: &Incoming) -> Answer {
        body::none(body)?;
        let mut changes = self.api.agent.changes();
        changes.mark_changed();
        let agent = self.api.agent.clone();
        let begun = (agent, changes, self.caller.stop.clone());
        let items = stream::unfold(begun, |(agent, mut changes, mut stop)| async move {
            let due = agent.next_change().map(until).filter(|due| *due < HEARTBEAT);
            let item = tokio::select! {
                biased;
                () = closed(&mut stop) => return None,
                changed = changes.changed() => {
                    changed.ok()?;
                    reply::event("status", &agent.status())
                }
                () = tokio::time::sleep(due.unwrap_or(HEARTBEAT)) => match due {
                    Some(_) => reply::event("status", &agent.status()),
                    None => Bytes::from_static(b": still here\n\n"),
                },
            };
            Some((item, (agent, changes, stop)))
        });
        Ok(reply::events(items))
    }

    /// `GET /v1/doctor` and `/v1/doctor/{id}`: one `step` after the other. A listener that leaves ends the work.
    pub(super) fn doctor(&self, id: Option<&str>, _: &Parts, body: &Incoming) -> Answer {
        body::none(body)?;
        if let Some(id) = id {
            self.known(id)?;
        }
        let begun = (self.api.agent.doctor(id.map(str::to_owned)), self.caller.stop.clone());
        let items = stream::unfold(begun, |(mut steps, mut stop)| async move {
            let step = tokio::select! {
                biased;
                () = closed(&mut stop) => return None,
                step = steps.recv() => step?,
            };
            Some((reply::event("step", &step), (steps, stop)))
        });
        Ok(reply::events(items))
    }
}

/// How long it is until then, and a little more, so that it is surely past.
fn until(then: Timestamp) -> Duration {
    Duration::try_from(then.duration_since(Timestamp::now())).unwrap_or_default() + PAST
}

/// Until the door closes, or nobody is left who could close it.
async fn closed(stop: &mut watch::Receiver<bool>) {
    let _closed = stop.wait_for(|stop| *stop).await;
}
