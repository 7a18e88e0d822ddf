//! The gateway and the bridge beside a direct call and beside nginx as the same reverse proxy, on a server that does
//! next to nothing.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sandbox::{AtDoor, Desk, World};
use serde_json::json;

use crate::door::{call, quantile, timed};
use crate::table::Row;

const LOAD: Duration = Duration::from_secs(3);
const CALLERS: usize = 8;
const MESSAGE: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
const ANSWER: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 36\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}";

/// Where a call goes.
#[derive(Clone)]
struct Way {
    address: String,
    request: Vec<u8>,
}

impl Way {
    fn new(address: &str, path: &str, headers: &str) -> Self {
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nAccept: application/json\r\n");
        let request = format!("{head}{headers}Content-Length: {}\r\n\r\n{MESSAGE}", MESSAGE.len()).into_bytes();
        Self { address: address.to_owned(), request }
    }

    fn open(&self) -> Result<TcpStream, String> {
        let stream = TcpStream::connect(&self.address).map_err(|error| format!("{}: {error}", self.address))?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        Ok(stream)
    }

    fn times(&self) -> Result<Vec<Duration>, String> {
        let mut stream = self.open()?;
        timed(|| call(&mut stream, &self.request))
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

/// Every figure of the gateway and the bridge.
pub(crate) async fn rows(world: &World, binary: &std::path::Path) -> Result<Vec<Row>, String> {
    let server = serve()?;
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
    let bridge = desk.command(&["connect", "echo"]);
    let measured = tokio::task::spawn_blocking(move || measure(&direct, &gate, &server, &folder, bridge)).await;
    measured.map_err(|error| error.to_string())?
}

fn measure(direct: &Way, gate: &Way, server: &str, folder: &std::path::Path, bridge: Command) -> Result<Vec<Row>, String> {
    let nginx = Nginx::start(server, folder);
    let straight = direct.times()?;
    let through = gate.times()?;
    let bridged = piped(bridge)?;
    let added = |times: &[Duration], part| quantile(times, part).saturating_sub(quantile(&straight, part));
    let theirs = nginx.as_ref().ok().map(|nginx| nginx.way.times()).transpose()?;
    let theirs = |part| theirs.as_deref().map(|times| added(times, part));
    let (ours, plain) = (gate.load()?, direct.load()?);
    let mut rows = vec![
        Row::time("gateway added to a direct call, p50", added(&through, 0.5), 100.0, "us").beside("nginx", theirs(0.5)),
        Row::time("gateway added to a direct call, p99", added(&through, 0.99), 1000.0, "us").beside("nginx", theirs(0.99)),
        Row::time("bridge added to a direct call, p50", added(&bridged, 0.5), 250.0, "us"),
    ];
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

/// A call by the bridge: a line in, a line out.
fn piped(mut command: Command) -> Result<Vec<Duration>, String> {
    let fault = |error: std::io::Error| error.to_string();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(fault)?;
    let (mut input, output) = (child.stdin.take().ok_or("no input")?, child.stdout.take().ok_or("no output")?);
    let mut output = BufReader::new(output);
    let mut line = String::new();
    let times = timed(|| {
        writeln!(input, "{MESSAGE}").map_err(fault)?;
        line.clear();
        output.read_line(&mut line).map_err(fault)?;
        if line.contains("\"result\"") { Ok(()) } else { Err(line.clone()) }
    });
    drop(input);
    let _ended = child.wait();
    times
}

/// A server that answers every POST at once; its address.
fn serve() -> Result<String, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?.to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    Ok(address)
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let (mut length, mut line) = (0, String::new());
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        stream.write_all(ANSWER.as_bytes())?;
    }
}

/// nginx of Debian as a reverse proxy to the same server, two workers as Lanyard has; it ends with this.
struct Nginx {
    child: Child,
    way: Way,
}

impl Nginx {
    fn start(server: &str, folder: &std::path::Path) -> Result<Self, String> {
        let fault = |error: std::io::Error| error.to_string();
        let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|free| free.local_addr()).map_err(fault)?.port();
        let place = folder.display();
        let temporary =
            ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|name| format!("{name}_temp_path {place}/{name};"));
        let config = format!(
            "daemon off; worker_processes 2; pid {place}/nginx.pid; error_log {place}/nginx.log; events {{}}\nhttp {{ access_log off; {}\n\
             upstream up {{ server {server}; keepalive 64; }}\nserver {{ listen 127.0.0.1:{port}; keepalive_requests 1000000;\n\
             location / {{ proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_buffering off; }} }} }}\n",
            temporary.join(" ")
        );
        let file = folder.join("nginx.conf");
        std::fs::write(&file, config).map_err(fault)?;
        let mut command = Command::new("/usr/sbin/nginx");
        let child = command
            .arg("-p")
            .arg(folder)
            .arg("-c")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(fault)?;
        let nginx = Self { child, way: Way::new(&format!("127.0.0.1:{port}"), "/mcp", "") };
        let began = Instant::now();
        while nginx.way.open().is_err() {
            if began.elapsed() > Duration::from_secs(10) {
                return Err("it does not listen".to_owned());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master ends its workers when it is told to end.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}
