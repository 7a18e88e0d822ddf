//! A server of somebody else's making, in a process of its own: configured by a line, heard by lines.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use serde_json::Value;

use crate::desk::PATIENCE;

/// The process; it ends when this is dropped.
pub struct Peer {
    child: Child,
    stdin: ChildStdin,
    told: Arc<Mutex<Vec<Value>>>,
}

impl Peer {
    /// Starts `command`, which reads one line of JSON and then tells its events as JSON lines, `listening` first.
    ///
    /// # Errors
    /// When it does not start, or does not listen in time.
    pub fn start(command: &mut Command, config: &Value) -> io::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("a process without pipes"));
        };
        let told = Arc::new(Mutex::new(Vec::new()));
        let hears = told.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Ok(event) = serde_json::from_str(&line) {
                    hears.lock().unwrap_or_else(PoisonError::into_inner).push(event);
                }
            }
        });
        let mut peer = Self { child, stdin, told };
        peer.tell(&config.to_string())?;
        let began = Instant::now();
        while peer.events("listening").is_empty() {
            if let Some(status) = peer.child.try_wait()? {
                return Err(io::Error::other(format!("{command:?} ended with {status}")));
            }
            if began.elapsed() > PATIENCE {
                return Err(io::Error::other(format!("{command:?} does not listen")));
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        Ok(peer)
    }

    /// Writes a line to its stdin.
    ///
    /// # Errors
    /// When it has ended.
    pub fn tell(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.stdin, "{line}")?;
        self.stdin.flush()
    }

    /// What it told of one kind, in order.
    pub fn events(&self, kind: &str) -> Vec<Value> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.iter().filter(|event| event["event"] == kind).cloned().collect()
    }

    /// Everything that it told.
    pub fn told(&self) -> Vec<Value> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Its address, as it told at first.
    pub fn issuer(&self) -> String {
        self.events("listening").first().and_then(|event| event["issuer"].as_str()).unwrap_or_default().to_owned()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
