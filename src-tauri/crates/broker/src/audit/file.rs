use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use wire::AuditEvent;

use super::{RING, Sink};

/// A file grows to this and then becomes `.1`.
const ROTATE: u64 = 10 * 1024 * 1024;

/// How many older files stay.
const OLDER: u32 = 3;

/// How much of a file's end is read for the last events.
const TAIL: u64 = 512 * 1024;

/// JSON lines in a file, 0600, rotated at 10 MiB, three older ones kept.
pub struct FileSink {
    path: PathBuf,
    open: Option<(File, u64)>,
    limit: u64,
}

impl FileSink {
    /// The sink; the file is opened with the first event, and again after an error.
    pub fn new(path: PathBuf) -> Self {
        Self { path, open: None, limit: ROTATE }
    }

    fn add(&mut self, line: &[u8]) -> io::Result<()> {
        if self.open.as_ref().is_some_and(|(_, length)| *length > 0 && length + line.len() as u64 > self.limit) {
            self.open = None;
            self.rotate()?;
        }
        let (file, length) = match &mut self.open {
            Some(open) => open,
            None => {
                let file = secret::private::append(&self.path)?;
                let length = file.metadata()?.len();
                self.open.insert((file, length))
            }
        };
        file.write_all(line)?;
        *length += line.len() as u64;
        Ok(())
    }

    fn rotate(&self) -> io::Result<()> {
        for number in (1..OLDER).rev() {
            match fs::rename(self.older(number), self.older(number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::rename(&self.path, self.older(1))
    }

    fn older(&self, number: u32) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(format!(".{number}"));
        name.into()
    }
}

impl Sink for FileSink {
    fn write(&mut self, event: &AuditEvent) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        self.add(&line).inspect_err(|_| self.open = None)
    }
}

/// The last events in the file at `path`, oldest first and as many as the agent keeps; none when there are none.
pub fn recent(path: &Path) -> Vec<AuditEvent> {
    let tail = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut bytes = Vec::new();
        file.take(TAIL).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let tail = tail().unwrap_or_default();
    let event = |line: &[u8]| serde_json::from_slice::<AuditEvent>(line).ok();
    let mut events: Vec<AuditEvent> = tail.rsplit(|byte| *byte == b'\n').filter_map(event).take(RING).collect();
    events.reverse();
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: u64) -> AuditEvent {
        AuditEvent { id, event: "token-served".into(), outcome: "allowed".into(), ..AuditEvent::default() }
    }

    #[test]
    fn the_file_is_private_rotates_and_keeps_three() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let line = serde_json::to_vec(&event(10)).unwrap().len() as u64 + 1;
        let mut sink = FileSink { limit: 3 * line, ..FileSink::new(path.clone()) };
        for id in 10..40 {
            sink.write(&event(id)).unwrap();
        }
        let ids = |name: &str| -> Vec<u64> {
            let text = fs::read_to_string(folder.path().join(name)).unwrap();
            text.lines().map(|line| serde_json::from_str::<AuditEvent>(line).unwrap().id).collect()
        };
        assert_eq!(ids("audit.jsonl"), [37, 38, 39]);
        assert_eq!(ids("audit.jsonl.3"), [28, 29, 30]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777, 0o600);
        assert_eq!(recent(&path).iter().map(|event| event.id).collect::<Vec<_>>(), [37, 38, 39]);

        let mut again = FileSink::new(path.clone());
        again.write(&event(40)).unwrap();
        assert_eq!(ids("audit.jsonl"), [37, 38, 39, 40]);
    }

    #[test]
    fn the_last_events_survive_a_torn_line_and_a_missing_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        assert!(recent(&path).is_empty());
        let mut text = serde_json::to_vec(&event(7)).unwrap();
        text.extend_from_slice(b"\n{\"id\":8,\"ti");
        fs::write(&path, text).unwrap();
        assert_eq!(recent(&path), [event(7)]);
    }
}
