use std::collections::VecDeque;
use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use wire::AuditEvent;

use super::Sink;

const JOURNAL: &str = "/run/systemd/journal/socket";

/// Entries that wait while the journal is busy.
const WAITING: usize = 256;

/// The systemd journal, by its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL).
pub struct SystemSink {
    path: PathBuf,
    socket: Option<UnixDatagram>,
    waiting: VecDeque<Vec<u8>>,
}

impl Default for SystemSink {
    fn default() -> Self {
        Self::new(Path::new(JOURNAL))
    }
}

impl SystemSink {
    /// The journal whose socket is at `path`.
    pub fn new(path: &Path) -> Self {
        Self { path: path.into(), socket: None, waiting: VecDeque::new() }
    }

    fn send(&mut self, entry: &[u8]) -> io::Result<()> {
        let socket = match &self.socket {
            Some(socket) => socket,
            None => {
                let socket = UnixDatagram::unbound()?;
                socket.set_nonblocking(true)?;
                self.socket.insert(socket)
            }
        };
        // Sent to the path each time: the journal may be restarted while we run.
        socket.send_to(entry, &self.path).map(|_| ())
    }
}

impl Sink for SystemSink {
    fn write(&mut self, event: &AuditEvent) -> io::Result<()> {
        self.waiting.push_back(entry(event));
        while let Some(first) = self.waiting.pop_front() {
            match self.send(&first) {
                Ok(()) => {}
                Err(error) if is_busy(&error) => {
                    self.waiting.push_front(first);
                    if self.waiting.len() <= WAITING {
                        return Ok(());
                    }
                    self.waiting.pop_front();
                    return Err(error);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn is_busy(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock || error.raw_os_error() == Some(libc::ENOBUFS)
}

/// One entry of the journal. Every value is length-prefixed, so that nothing in it can look like another field.
pub fn entry(event: &AuditEvent) -> Vec<u8> {
    let refused = event.outcome == "refused";
    let mut entry = Vec::with_capacity(512);
    let mut field = |name: &str, value: &str| {
        entry.extend_from_slice(name.as_bytes());
        entry.push(b'\n');
        entry.extend_from_slice(&(value.len() as u64).to_le_bytes());
        entry.extend_from_slice(value.as_bytes());
        entry.push(b'\n');
    };
    field("MESSAGE", &message(event));
    field("PRIORITY", if refused { "5" } else { "6" });
    field("SYSLOG_IDENTIFIER", "lanyard");
    field("LANYARD_ID", &event.id.to_string());
    field("LANYARD_TIME", &event.time.to_string());
    field("LANYARD_EVENT", &event.event);
    field("LANYARD_OUTCOME", &event.outcome);
    let scopes = (!event.scopes.is_empty()).then(|| event.scopes.join(" "));
    let client = event.client.as_ref();
    let optional = [
        ("LANYARD_ACCOUNT", event.account.clone()),
        ("LANYARD_SERVER", event.server.clone()),
        ("LANYARD_SCOPES", scopes),
        ("LANYARD_CLIENT", client.and_then(|client| client.program.clone())),
        ("LANYARD_CLIENT_PID", client.and_then(|client| client.pid).map(|pid| pid.to_string())),
        ("LANYARD_CLIENT_UID", client.and_then(|client| client.uid).map(|uid| uid.to_string())),
        ("LANYARD_EVIDENCE", client.map(|client| client.evidence.clone())),
        ("LANYARD_DOOR", event.door.clone()),
        ("LANYARD_FAULT", event.fault.map(|code| code.name().to_owned())),
        ("LANYARD_REASON", event.reason.clone()),
        ("LANYARD_ASSERTION", event.assertion.clone()),
        ("LANYARD_TOKEN_LIFE", event.token_life.map(|life| life.to_string())),
        ("LANYARD_TRACE", event.trace.clone()),
        ("LANYARD_COUNT", event.count.map(|count| count.to_string())),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            field(name, &value);
        }
    }
    entry
}

fn message(event: &AuditEvent) -> String {
    let mut text = format!("{} {}", event.event, event.outcome);
    let fault = event.fault.map(|code| code.name());
    let program = event.client.as_ref().and_then(|client| client.program.as_deref());
    let parts = [("server", event.server.as_deref()), ("client", program), ("fault", fault), ("reason", event.reason.as_deref())];
    for (name, value) in parts {
        if let Some(value) = value {
            text.push_str(&format!(" {name}={value}"));
        }
    }
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use wire::{AuditClient, Code};

    use super::*;

    /// Reads an entry as the journal does.
    fn fields(mut entry: &[u8]) -> BTreeMap<String, String> {
        let mut fields = BTreeMap::new();
        while !entry.is_empty() {
            let end = entry.iter().position(|byte| *byte == b'\n').unwrap();
            let name = String::from_utf8(entry[..end].to_vec()).unwrap();
            assert!(!name.contains('='));
            let length = u64::from_le_bytes(entry[end + 1..end + 9].try_into().unwrap()) as usize;
            let value = String::from_utf8(entry[end + 9..end + 9 + length].to_vec()).unwrap();
            assert_eq!(entry[end + 9 + length], b'\n');
            assert!(fields.insert(name, value).is_none());
            entry = &entry[end + 10 + length..];
        }
        fields
    }

    fn event() -> AuditEvent {
        AuditEvent {
            id: 9,
            event: "token-refused".into(),
            outcome: "refused".into(),
            server: Some("wiki\nPRIORITY=0".into()),
            client: Some(AuditClient { program: Some("/a".into()), uid: Some(7), evidence: "pid".into(), ..Default::default() }),
            fault: Some(Code::ServerUnknown),
            ..AuditEvent::default()
        }
    }

    #[test]
    fn an_entry_arrives_whole_and_no_value_becomes_a_field() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let journal = UnixDatagram::bind(&path).unwrap();
        journal.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        SystemSink::new(&path).write(&event()).unwrap();
        let mut buffer = [0; 4096];
        let length = journal.recv(&mut buffer).unwrap();
        let fields = fields(&buffer[..length]);
        assert_eq!((fields["PRIORITY"].as_str(), fields["SYSLOG_IDENTIFIER"].as_str()), ("5", "lanyard"));
        assert_eq!(fields["LANYARD_SERVER"], "wiki\nPRIORITY=0");
        assert_eq!(fields["LANYARD_FAULT"], "server-unknown");
        assert_eq!(fields["MESSAGE"], "token-refused refused server=wiki PRIORITY=0 client=/a fault=server-unknown");
        assert!(!fields.contains_key("LANYARD_CLIENT_PID"));
    }

    #[test]
    fn a_missing_journal_is_an_error_and_a_busy_one_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut sink = SystemSink::new(&path);
        assert!(sink.write(&event()).is_err());
        let journal = UnixDatagram::bind(&path).unwrap();
        let mut sent = 0;
        while sink.waiting.is_empty() {
            sink.write(&event()).unwrap();
            sent += 1;
        }
        for _ in 1..WAITING {
            sink.write(&event()).unwrap();
            sent += 1;
        }
        assert!(sink.write(&event()).is_err(), "what waits is bounded");
        assert_eq!(sink.waiting.len(), WAITING);
        journal.set_nonblocking(true).unwrap();
        let mut buffer = [0; 4096];
        let mut read = 0;
        while read < sent {
            while journal.recv(&mut buffer).is_ok() {
                read += 1;
            }
            if sink.waiting.is_empty() {
                break;
            }
            sink.write(&event()).unwrap();
            sent += 1;
        }
        assert!(sink.waiting.is_empty(), "what waited was sent");
    }
}
