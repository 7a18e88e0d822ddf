//! The connections to the agent, and the agent itself when it is away.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use wire::client::Client;

use super::connect::connect;
use crate::failure::Failure;
use crate::start;

/// How long an agent that went away may take to come back by itself.
const REJOIN: Duration = Duration::from_secs(10);
/// How often that is looked at.
const LOOK: Duration = Duration::from_millis(50);

type Sender = SendRequest<Full<Bytes>>;

/// The agent as the bridge knows it.
pub(super) struct Agent {
    socket: PathBuf,
    named: bool,
    no_start: bool,
    /// Whether there was one: an agent that is only being restarted is not started a second time.
    met: AtomicBool,
    idle: Arc<Mutex<Vec<Sender>>>,
    reviving: tokio::sync::Mutex<()>,
}

/// An answer on its way.
pub(super) struct Answer {
    pub(super) response: Response<Incoming>,
    lease: Lease,
}

/// The connection of an answer; it is used again once the answer was read to its end.
pub(super) struct Lease {
    sender: Sender,
    idle: Arc<Mutex<Vec<Sender>>>,
}

/// Why there is no answer.
pub(super) enum Lost {
    /// The request did not arrive.
    Unsent(Failure),
    /// It may have.
    Unanswered,
}

impl Agent {
    pub(super) fn new(socket: PathBuf, named: bool, no_start: bool) -> Self {
        Self { socket, named, no_start, met: AtomicBool::new(false), idle: Arc::default(), reviving: tokio::sync::Mutex::new(()) }
    }

    /// Sends a request; an agent that is away is waited for, and started.
    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Answer, Lost> {
        match self.offer(request).await {
            Err(Offered::Back(request)) => {
                self.revive().await.map_err(Lost::Unsent)?;
                match self.offer(*request).await {
                    Ok(answer) => Ok(answer),
                    Err(Offered::Back(_)) => Err(Lost::Unsent(Failure::NotStarted(None))),
                    Err(Offered::Gone) => Err(Lost::Unanswered),
                }
            }
            Err(Offered::Gone) => Err(Lost::Unanswered),
            Ok(answer) => Ok(answer),
        }
    }

    /// Sends a request to an agent that is there, or not at all.
    pub(super) async fn try_once(&self, request: Request<Full<Bytes>>) -> Option<Answer> {
        self.offer(request).await.ok()
    }

    async fn offer(&self, mut request: Request<Full<Bytes>>) -> Result<Answer, Offered> {
        loop {
            let known = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut sender = match known {
                Some(sender) if sender.is_closed() => continue,
                Some(sender) => sender,
                None => match self.connect().await {
                    Some(sender) => sender,
                    None => return Err(Offered::Back(Box::new(request))),
                },
            };
            match sender.try_send_request(request).await {
                Ok(response) => {
                    self.met.store(true, Ordering::Relaxed);
                    return Ok(Answer { response, lease: Lease { sender, idle: self.idle.clone() } });
                }
                // The agent closes a connection that rests; the request comes back and takes another.
                Err(mut error) => match error.take_message() {
                    Some(back) => request = back,
                    None => return Err(Offered::Gone),
                },
            }
        }
    }

    async fn connect(&self) -> Option<Sender> {
        let stream = connect(&self.socket).await?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.ok()?;
        tokio::spawn(async move {
            let _ended = connection.await;
        });
        Some(sender)
    }

    /// Returns once an agent listens: its own return is waited for before one is started.
    async fn revive(&self) -> Result<(), Failure> {
        let _one_at_a_time = self.reviving.lock().await;
        let began = Instant::now();
        let patience = if self.met.load(Ordering::Relaxed) { REJOIN } else { Duration::ZERO };
        let client = Client::new(self.socket.clone());
        loop {
            if client.open().is_ok() {
                return Ok(());
            }
            if began.elapsed() >= patience {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        let (socket, named, no_start) = (self.socket.clone(), self.named, self.no_start);
        let started = tokio::task::spawn_blocking(move || start::agent(&socket, named, no_start)).await;
        started.unwrap_or(Err(Failure::NotStarted(None)))
    }
}

enum Offered {
    /// Nobody listens.
    Back(Box<Request<Full<Bytes>>>),
    /// The connection broke after it was sent.
    Gone,
}

impl Answer {
    /// The answer, and what keeps its connection.
    pub(super) fn split(self) -> (Response<Incoming>, Lease) {
        (self.response, self.lease)
    }
}

impl Lease {
    /// The answer was read to its end.
    pub(super) fn done(self) {
        if !self.sender.is_closed() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(self.sender);
        }
    }
}
