use std::io;

use oslog::{Level, OsLog};
use wire::AuditEvent;

use super::Sink;

/// As administrators ask for it: `log show --predicate 'subsystem == "dev.lanyard.agent"'`.
const SUBSYSTEM: &str = "dev.lanyard.agent";
const CATEGORY: &str = "audit";

/// The unified log: one event as one JSON text, readable in whole, because no event holds a secret. The system keeps about
/// the first thousand bytes of a text; the file has all of it.
pub struct SystemSink(OsLog);

impl Default for SystemSink {
    fn default() -> Self {
        Self(OsLog::new(SUBSYSTEM, CATEGORY))
    }
}

impl Sink for SystemSink {
    fn write(&mut self, event: &AuditEvent) -> io::Result<()> {
        let level = if event.outcome == "refused" { Level::Error } else { Level::Default };
        self.0.with_level(level, &serde_json::to_string(event)?);
        Ok(())
    }
}
