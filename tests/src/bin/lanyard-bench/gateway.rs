//! The gateway beside a direct call and beside nginx as the same reverse proxy, on a server that does next to nothing.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sandbox::{AtDoor, Desk, World};
use serde_json::json;

use crate::door::{call, quantile, timed};
use crate::nginx::Nginx;
use crate::table::Row;
use crate::{bridge, server};

const LOAD: Duration = Duration::from_secs(3);
const CALLERS: usize = 8;
const STREAMS: usize = 500;
const MESSAGE: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
/// What the server answers as a stream of events.
const STREAMED: &str = r#"{"jsonrpc":"2.0","id":1,"method":"stream"}"#;

/// Where a call goes.
#[derive(Clone)]
pub(crate) struct Way {
    address: String,
    request: Vec<u8>,
    streamed: Vec<u8>,
}

impl Way {
    pub(crate) fn new(address: &str, path: &str, headers: &str) -> Self {
        let request = |message: &str| {
            let kinds = "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n";
            let length = message.len();
            format!("POST {path} HTTP/1.1\r\nHost: {address}\r\n{kinds}{headers}Content-Length: {length}\r\n\r\n{message}")
                .into_bytes()
        };
        Self { address: address.to_owned(), request: request(MESSAGE), streamed: request(STREAMED) }
    }

    pub(crate) fn open(&self) -> Result<TcpStream, String> {
        let stream = TcpStream::connect(&self.address).map_err(|error| format!("{}: {error}", self.address))?;
        let patience = Some(Duration::from_secs(10));
        stream.set_nodelay(true).and_then(|()| stream.set_read_timeout(patience)).map_err(|error| error.to_string())?;
        Ok(stream)
    }

    fn times(&self) -> Result<Vec<Duration>, String> {
        let mut stream = self.open()?;
        timed(|| call(&mut stream, &self.request))
    }

    /// Until the first event of a stream is there.
    fn first_events(&self) -> Result<Vec<Duration>, String> {
        let mut stream = self.open()?;
        let mut times = Vec::new();
        for _ in 0..STREAMS {
            let began = Instant::now();
            stream.write_all(&self.streamed).map_err(|error| error.to_string())?;
            let mut bytes = Vec::new();
            until(&mut stream, &mut bytes, b"data:")?;
            times.push(began.elapsed());
            until(&mut stream, &mut bytes, b"0\r\n\r\n")?;
        }
        times.sort_unstable();
        Ok(times)
    }

    /// Answers a second for several callers.
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 calls")]
    fn load(&self) -> Result<f64, String> {
        let served = AtomicU64::new(0);
        std::thread::scope(|scope| {
            let caller = || -> Result<(), String> {
                let mut stream = self.open()?;
                let began = Instant::now();
                while began.elapsed() < LOAD {
                    call(&mut stream, &self.request)?;
                    served.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            };
            let callers: Vec<_> = (0..CALLERS).map(|_| scope.spawn(caller)).collect();
            callers.into_iter().try_for_each(|caller| caller.join().map_err(|_| "a caller broke".to_owned())?)
        })?;
        Ok(served.into_inner() as f64 / LOAD.as_secs_f64())
    }
}

/// Reads on until `mark` came.
fn until(stream: &mut TcpStream, bytes: &mut Vec<u8>, mark: &[u8]) -> Result<(), String> {
    let mut piece = [0_u8; 8192];
    while !bytes.windows(mark.len()).any(|window| window == mark) {
        let read = stream.read(&mut piece).map_err(|error| error.to_string())?;
        if read == 0 {
            return Err(format!("a stream broke: {}", String::from_utf8_lossy(bytes)));
        }
        bytes.extend_from_slice(&piece[..read]);
    }
    Ok(())
}

/// Every figure of the gateway and the bridge.
pub(crate) async fn rows(world: &World, binary: &std::path::Path) -> Result<Vec<Row>, String> {
    let server = server::start()?;
    let mut policy = world.policy_json();
    policy["Servers"] = json!({"echo": {"url": format!("http://{server}/mcp"), "route": "none"}});
    let mut desk = Desk::new(world, &policy).with_binary(binary.to_owned());
    desk.start_agent();
    let door = AtDoor::loopback(&desk, "bench").await.map_err(|error| error.to_string())?;
    let (base, key) = door.address();
    let gate =
        Way::new(base.trim_start_matches("http://"), "/mcp/echo", &format!("Lanyard-Key: {}\r\n", key.unwrap_or_default()));
    let direct = Way::new(&server, "/mcp", "");
    let folder = desk.path("home");
    crate::blocking(|| {
        let mut rows = measure(&direct, &gate, &server, &folder)?;
        rows.extend(bridge::rows(&direct.times()?, || desk.command(&["connect", "echo"]), &format!("http://{server}/mcp"))?);
        Ok(rows)
    })
}

fn measure(direct: &Way, gate: &Way, server: &str, folder: &std::path::Path) -> Result<Vec<Row>, String> {
    let nginx = Nginx::start(server, folder);
    let straight = direct.times()?;
    let through = gate.times()?;
    let added = |times: &[Duration], part| quantile(times, part).saturating_sub(quantile(&straight, part));
    let theirs = nginx.as_ref().ok().map(|nginx| nginx.way.times()).transpose()?;
    let theirs = |part| theirs.as_deref().map(|times| added(times, part));
    let (ours, plain) = (gate.load()?, direct.load()?);
    let mut rows = vec![
        Row::time("gateway added to a direct call, p50", added(&through, 0.5), 100.0, "us").beside("nginx", theirs(0.5)),
        Row::time("gateway added to a direct call, p99", added(&through, 0.99), 1000.0, "us").beside("nginx", theirs(0.99)),
    ];
    let (plain_first, our_first) = (direct.first_events()?, gate.first_events()?);
    let their_first = nginx.as_ref().ok().map(|nginx| nginx.way.first_events()).transpose()?;
    let added = |times: &[Duration]| quantile(times, 0.5).saturating_sub(quantile(&plain_first, 0.5));
    let first = Row::time("gateway added until the first event of a stream, p50", added(&our_first), f64::INFINITY, "us");
    rows.push(first.beside("nginx", their_first.as_deref().map(added)));
    match nginx {
        Ok(nginx) => {
            let theirs = nginx.way.load()?;
            let note = format!("{ours:.0} a second, nginx {theirs:.0}, directly {plain:.0}; {CALLERS} callers");
            rows.push(Row::new("gateway throughput, nginx is 1", ours / theirs, 0.7, "").at_least().note(note));
        }
        Err(why) => {
            rows.push(Row::new("gateway throughput, nginx is 1", 0.0, 0.7, "").at_least().note(format!("no nginx: {why}")))
        }
    }
    Ok(rows)
}
