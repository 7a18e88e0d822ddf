use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// What the fake says to one request.
pub(crate) enum Reply {
    /// A status and a document.
    Document(u16, Value),
    /// Server-sent events, one chunk each, then the end.
    Events(Vec<Value>),
    /// Server-sent events of which each waits until the test lets it go.
    Held(Receiver<Value>),
}

/// An agent's socket with canned answers, and a home of its own.
pub(crate) struct Fake {
    home: TempDir,
    asked: Receiver<String>,
}

impl Fake {
    /// Answers every request by `answer("METHOD /path", body)`.
    pub(crate) fn new(answer: impl FnMut(&str, &str) -> Reply + Send + 'static) -> Self {
        let mut fake = Self::absent();
        fake.rise(answer);
        fake
    }

    /// A home without an agent.
    pub(crate) fn absent() -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(home.path().join("run")).unwrap();
        Self { home, asked: mpsc::channel().1 }
    }

    /// The agent comes up.
    pub(crate) fn rise(&mut self, mut answer: impl FnMut(&str, &str) -> Reply + Send + 'static) {
        let folder = self.path("run/lanyard");
        std::fs::create_dir_all(&folder).unwrap();
        let listener = UnixListener::bind(folder.join("lanyard.sock")).unwrap();
        let (sender, asked) = mpsc::channel();
        self.asked = asked;
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                // A connection without a request only found out that somebody listens.
                let Some((line, body)) = request(&mut stream) else { continue };
                let _ = sender.send(format!("{line} {body}").trim_end().to_owned());
                let reply = answer(&line, &body);
                thread::spawn(move || drop(write(&mut stream, reply)));
            }
        });
    }

    pub(crate) fn path(&self, within: &str) -> PathBuf {
        self.home.path().join(within)
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lanyard"));
        command.args(line.split_whitespace()).env_clear().env("HOME", self.home.path());
        command.env("XDG_RUNTIME_DIR", self.path("run")).env("PATH", "/usr/bin:/bin");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs it; exit code, stdout and stderr.
    pub(crate) fn run(&self, line: &str) -> (i32, String, String) {
        told(self.command(line).output().unwrap())
    }

    /// The next request, waited for.
    pub(crate) fn next(&self) -> String {
        self.asked.recv_timeout(Duration::from_secs(10)).unwrap()
    }

    /// Every request until now.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.try_iter().collect()
    }
}

pub(crate) fn told(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

pub(crate) fn fault(code: wire::Code) -> Reply {
    let problem = code.problem(Some("it@acme.example"));
    Reply::Document(problem.status, serde_json::to_value(problem).unwrap())
}

pub(crate) fn status(state: &str, fault: Option<wire::Code>) -> Value {
    json!({
        "schema": 1, "version": "0.1.0",
        "agent": { "running": true, "pid": 1, "since": null, "paused": false, "screen_locked": false },
        "policy": { "managed": true, "origins": ["/etc/lanyard/policy.json"], "hash": "", "faults": [], "unknown": [] },
        "session": {
            "state": state, "reason": null, "since": null, "renews_at": null,
            "account": { "subject": "00u1", "name": "Ada Lovelace", "email": null },
            "fault": fault.map(|code| code.problem(None)),
        },
        "servers": [{
            "id": "linear", "title": "Linear", "url": "https://mcp.linear.app/mcp", "state": "idle", "expires_at": null, "scope": null,
            "last_used": null, "mints_this_month": 0, "mint_budget": 250, "fault": null
        }],
        "doors": { "socket": null, "loopback": null },
        "vault": { "kind": "keychain", "state": "open" },
        "warnings": []
    })
}

pub(crate) fn token() -> Reply {
    let reply = json!({ "access_token": "at-1", "token_type": "Bearer", "expires_in": 300, "expires_at": 1_900_000_000,
        "scope": "read", "resource": "https://mcp.linear.app/mcp" });
    Reply::Document(200, reply)
}

fn request(stream: &mut UnixStream) -> Option<(String, String)> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
        let (name, value) = header.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((line.trim_end().trim_end_matches(" HTTP/1.1").to_owned(), String::from_utf8(body).ok()?))
}

fn write(stream: &mut UnixStream, reply: Reply) -> std::io::Result<()> {
    let events: Box<dyn Iterator<Item = Value>> = match reply {
        Reply::Document(status, document) => {
            return write!(stream, "HTTP/1.1 {status} Any\r\nConnection: close\r\n\r\n{document}");
        }
        Reply::Events(events) => Box::new(events.into_iter()),
        Reply::Held(receiver) => Box::new(receiver.into_iter()),
    };
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")?;
    for event in events {
        let event = format!("event: status\ndata: {event}\n\n");
        write!(stream, "{:x}\r\n{event}\r\n", event.len())?;
    }
    write!(stream, "0\r\n\r\n")
}
