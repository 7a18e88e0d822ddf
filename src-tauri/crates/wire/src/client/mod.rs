//! A small blocking HTTP/1.1 client for the agent's socket: what `lanyard` and other programs need, and no more.

mod stream;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

pub use stream::Events;
#[cfg(unix)]
use unix as platform;
#[cfg(windows)]
use windows as platform;

/// A connection to the agent.
pub use platform::Stream;

use crate::Problem;

/// The most bytes of an answer that is read whole.
const ANSWER_LIMIT: u64 = 4 * 1024 * 1024;

/// Why a request to the agent did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No agent listens.
    #[error("no agent runs for this user")]
    NotRunning,
    /// The socket or its folder belongs to somebody else (LI-14).
    #[error("the socket {0} does not belong to this user")]
    Impostor(PathBuf),
    /// The connection failed.
    #[error("the agent did not answer")]
    Io(#[from] io::Error),
    /// The answer is not what the agent of this version sends.
    #[error("the agent's answer was not understood")]
    Answer,
    /// The agent answered with a fault.
    #[error("{}", .0.detail)]
    Problem(Box<Problem>),
}

/// A client of one agent.
pub struct Client {
    socket: PathBuf,
    limit: Duration,
}

/// An answer as it came.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body; wiped when dropped, because it may hold a token.
    pub body: Zeroizing<Vec<u8>>,
}

impl Client {
    /// A client of the agent at `socket`.
    pub fn new(socket: PathBuf) -> Self {
        Self { socket, limit: Duration::from_secs(60) }
    }

    /// The same client with another limit for one answer.
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Whether an agent listens.
    pub fn is_running(&self) -> bool {
        self.open().is_ok()
    }

    /// GET; the answer as JSON.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.answer("GET", path, &[])?.json()
    }

    /// POST with a JSON body; the answer as JSON.
    pub fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, ClientError> {
        let body = serde_json::to_vec(body).map_err(|_| ClientError::Answer)?;
        self.answer("POST", path, &body)?.json()
    }

    /// Any request; a fault of the agent is an error, any other answer is returned as it came.
    pub fn answer(&self, method: &str, path: &str, body: &[u8]) -> Result<Answer, ClientError> {
        let mut stream = self.open()?;
        stream.set_read_timeout(Some(self.limit))?;
        send(&mut stream, method, path, body)?;
        let mut raw = Zeroizing::new(Vec::with_capacity(4096));
        stream.take(ANSWER_LIMIT).read_to_end(&mut raw)?;
        let (status, head) = head(&raw).ok_or(ClientError::Answer)?;
        let answer = Answer { status, body: Zeroizing::new(raw[head..].to_vec()) };
        if status >= 400 {
            let problem = serde_json::from_slice(&answer.body).map_err(|_| ClientError::Answer)?;
            return Err(ClientError::Problem(Box::new(problem)));
        }
        Ok(answer)
    }

    /// GET of server-sent events, one JSON document each, for as long as the agent sends.
    pub fn events(&self, path: &str) -> Result<Events, ClientError> {
        let mut stream = self.open()?;
        send(&mut stream, "GET", path, &[])?;
        Events::begin(stream)
    }

    /// A connection to the agent, whose socket is looked at first.
    ///
    /// # Errors
    /// When nobody listens, or somebody else does.
    pub fn open(&self) -> Result<Stream, ClientError> {
        platform::open(&self.socket)
    }
}

impl Answer {
    /// The body as JSON; an empty body reads as `null`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        let body: &[u8] = if self.body.is_empty() { b"null" } else { &self.body };
        serde_json::from_slice(body).map_err(|_| ClientError::Answer)
    }
}

fn send(stream: &mut Stream, method: &str, path: &str, body: &[u8]) -> io::Result<()> {
    let mut request = Vec::with_capacity(256 + body.len());
    write!(request, "{method} {path} HTTP/1.1\r\nHost: lanyard\r\nConnection: close\r\n")?;
    if !body.is_empty() || method == "POST" {
        write!(request, "Content-Type: application/json\r\nContent-Length: {}\r\n", body.len())?;
    }
    request.extend_from_slice(b"\r\n");
    request.extend_from_slice(body);
    stream.write_all(&request)
}

/// Status and length of a complete response head.
fn head(raw: &[u8]) -> Option<(u16, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(raw).ok()? {
        httparse::Status::Complete(length) => Some((response.code?, length)),
        httparse::Status::Partial => None,
    }
}
