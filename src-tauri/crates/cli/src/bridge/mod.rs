//! The stdio bridge: newline-delimited JSON-RPC here, MCP's Streamable HTTP at the agent's gateway behind it.
//!
//! Requests are served concurrently, because some never end. Everything else goes in order. A client never notices
//! that the agent was restarted, that a session of the server ran out, or that a stream broke and was resumed.

mod agent;
mod connect;
mod events;
mod hold;
mod listen;
mod message;
mod mirror;
mod request;
mod respond;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::sync::{Notify, mpsc};
use tokio::task::{AbortHandle, JoinSet};

use crate::call::{Call, server_path};
use crate::failure::Failure;
use agent::Agent;
use message::Message;
use mirror::Mirror;

/// The longest message of a client, as the gateway takes it.
const LINE: u64 = 16 * 1024 * 1024;
/// Messages that wait for a client that does not read.
const WAITING: usize = 64;
/// How long ending the server's session may take when the client has gone.
const GOODBYE: Duration = Duration::from_secs(1);

/// One client and one server.
struct Bridge {
    agent: Agent,
    path: String,
    out: mpsc::Sender<Bytes>,
    talk: Mutex<Talk>,
    /// Rings when the server answered: whoever waits for better times tries again.
    alive: Notify,
    ended: AtomicBool,
}

/// What was agreed with the server.
#[derive(Default)]
struct Talk {
    /// The revision of MCP.
    revision: Option<HeaderValue>,
    /// The server's session.
    session: Option<HeaderValue>,
    /// The client's own first message, to begin again with.
    hello: Option<Bytes>,
    listening: Option<AbortHandle>,
    /// The tools whose arguments it wants in headers.
    mirror: Mirror,
}

/// Serves one client until its standard input ends; the exit code.
pub(crate) fn run(server: &str, no_start: bool, call: &Call) -> Result<u8, Failure> {
    let path = server_path("/mcp", server, "")?;
    let agent = Agent::new(call.socket()?, call.named.is_some(), no_start);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(4).build();
    let runtime = runtime.map_err(Failure::Start)?;
    runtime.block_on(serve(agent, path));
    // A read of standard input that nobody ends must not keep the process.
    runtime.shutdown_background();
    Ok(0)
}

async fn serve(agent: Agent, path: String) {
    let (out, messages) = mpsc::channel(WAITING);
    let writer = tokio::spawn(write(messages));
    let bridge =
        Arc::new(Bridge { agent, path, out, talk: Mutex::default(), alive: Notify::new(), ended: AtomicBool::new(false) });
    let mut work = JoinSet::new();
    let mut lines = BufReader::new(tokio::io::stdin());
    loop {
        let mut line = Vec::new();
        match (&mut lines).take(LINE + 1).read_until(b'\n', &mut line).await {
            Ok(read) if read > 0 => {}
            _ => break,
        }
        while work.try_join_next().is_some() {}
        bridge.clone().receive(line, &mut work).await;
    }
    bridge.ended.store(true, Ordering::Relaxed);
    work.shutdown().await;
    let _late = tokio::time::timeout(GOODBYE, bridge.goodbye()).await;
    drop(bridge);
    // What the client has not read by now it will not read.
    let _late = tokio::time::timeout(GOODBYE, writer).await;
}

impl Bridge {
    /// One line of the client.
    async fn receive(self: Arc<Self>, line: Vec<u8>, work: &mut JoinSet<()>) {
        let line = Bytes::from(line).trimmed();
        if line.is_empty() {
            return;
        }
        match Message::read(&line) {
            None => self.say(message::PARSE_ERROR.into()).await,
            // A request may take for ever; others must not wait for it.
            Some(message) if message.waits() => drop(work.spawn(async move { self.request(message, line).await })),
            // Notifications and responses keep their order.
            Some(message) => self.request(message, line).await,
        }
    }

    /// One message for the client: a line of its own.
    async fn say(&self, message: Bytes) {
        // A client that has gone reads nothing; its standard input says so too.
        let _gone = self.out.send(message).await;
    }

    fn talk(&self) -> MutexGuard<'_, Talk> {
        self.talk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the server's session, as a client that leaves should.
    async fn goodbye(&self) {
        let session = {
            let mut talk = self.talk();
            talk.listening.take().inspect(AbortHandle::abort);
            talk.session.clone()
        };
        if session.is_some()
            && let Ok(request) = self.build(Method::DELETE, &Message::default(), None, Bytes::new())
        {
            let _ended = self.agent.try_once(request).await;
        }
    }
}

/// Lines out, whole and in order.
async fn write(mut messages: mpsc::Receiver<Bytes>) {
    let mut out = tokio::io::stdout();
    while let Some(message) = messages.recv().await {
        // JSON has line ends only between its parts: a space says the same.
        let mut line: Vec<u8> = message.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }).collect();
        line.push(b'\n');
        if out.write_all(&line).await.is_err() || out.flush().await.is_err() {
            return;
        }
    }
}

/// Bytes without the blanks around them.
trait Trimmed {
    fn trimmed(self) -> Self;
}

impl Trimmed for Bytes {
    fn trimmed(self) -> Self {
        let inner = self.trim_ascii();
        self.slice_ref(inner)
    }
}
