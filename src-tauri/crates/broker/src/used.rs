use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use wire::{AuditEvent, Program};

/// More programs than this are not remembered: the one that was away longest goes.
const LIMIT: usize = 256;

/// The events that tell of a use.
const USES: [&str; 3] = ["token-served", "server-used", "tool-called"];

/// What used the doors today, by program path or key name.
#[derive(Default)]
pub(crate) struct Used(Mutex<HashMap<String, Use>>);

struct Use {
    last: Timestamp,
    servers: BTreeSet<String>,
}

impl Used {
    /// As far as what was recorded before this process began tells.
    pub(crate) fn of(events: &[AuditEvent]) -> Self {
        let used = Self::default();
        for event in events.iter().filter(|event| USES.contains(&event.event.as_str())) {
            let program = event.client.as_ref().and_then(|client| client.program.as_deref());
            if let (Some(program), Some(server)) = (program, event.server.as_deref()) {
                used.note(program, server, event.time);
            }
        }
        used
    }

    /// `name` used `server` just now.
    pub(crate) fn note(&self, name: &str, server: &str, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(found) = all.get_mut(name) else {
            if all.len() >= LIMIT {
                let oldest = all.iter().min_by_key(|(_, used)| used.last).map(|(name, _)| name.clone());
                oldest.and_then(|name| all.remove(&name));
            }
            all.insert(name.to_owned(), Use { last: now, servers: [server.to_owned()].into() });
            return;
        };
        if day(found.last) != day(now) {
            found.servers.clear();
        }
        found.last = now;
        if !found.servers.contains(server) {
            found.servers.insert(server.to_owned());
        }
    }

    /// Completes the programs that have a key, and adds those that used a door today without one.
    pub(crate) fn list(&self, keyed: Vec<Program>, now: Timestamp) -> Vec<Program> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let today = |used: &Use| match day(used.last) == day(now) {
            true => used.servers.iter().cloned().collect(),
            false => Vec::new(),
        };
        let mut list: Vec<Program> = keyed
            .into_iter()
            .map(|program| match all.get(&program.name) {
                Some(used) => Program { servers_today: today(used), ..program },
                None => program,
            })
            .collect();
        let mut others: Vec<Program> = all
            .iter()
            .filter(|(name, used)| day(used.last) == day(now) && list.iter().all(|program| program.name != **name))
            .map(|(name, used)| Program {
                name: name.clone(),
                has_key: false,
                created: None,
                last_used: Some(used.last),
                servers_today: today(used),
            })
            .collect();
        others.sort_by(|a, b| a.name.cmp(&b.name));
        list.append(&mut others);
        list
    }
}

/// Days are UTC's: no time zone data is read.
fn day(time: Timestamp) -> i64 {
    time.as_second().div_euclid(86_400)
}

#[cfg(test)]
mod tests {
    use wire::AuditClient;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn servers_are_those_of_today() {
        let used = Used::default();
        used.note("/usr/bin/claude", "wiki", at(10));
        used.note("/usr/bin/claude", "linear", at(20));
        used.note("/usr/bin/claude", "linear", at(30));
        let list = used.list(Vec::new(), at(40));
        assert_eq!((list[0].servers_today.join(" "), list[0].last_used), ("linear wiki".into(), Some(at(30))));
        assert!(used.list(Vec::new(), at(86_400)).is_empty());
        used.note("/usr/bin/claude", "wiki", at(86_401));
        assert_eq!(used.list(Vec::new(), at(86_402))[0].servers_today, ["wiki"]);
    }

    #[test]
    fn what_was_recorded_before_counts_where_it_was_a_use() {
        let event = |name: &str, server: &str, second| AuditEvent {
            event: name.into(),
            time: at(second),
            server: Some(server.into()),
            client: Some(AuditClient { program: Some("/usr/bin/claude".into()), ..AuditClient::default() }),
            ..AuditEvent::default()
        };
        let events = [event("token-served", "wiki", 10), event("token-refused", "figma", 20), event("tool-called", "linear", 30)];
        let list = Used::of(&events).list(Vec::new(), at(40));
        assert_eq!((list[0].servers_today.join(" "), list[0].last_used), ("linear wiki".into(), Some(at(30))));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let used = Used::default();
        for index in 0..1_000 {
            used.note(&format!("/p{index}"), "wiki", at(index));
        }
        let list = used.list(Vec::new(), at(1_000));
        assert_eq!(list.len(), LIMIT);
        assert!(list.iter().any(|program| program.name == "/p999") && list.iter().all(|program| program.name != "/p0"));
    }
}
