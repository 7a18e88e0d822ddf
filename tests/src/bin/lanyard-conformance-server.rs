//! A server of somebody else's with Lanyard's gateway in front of it, for the suite to judge both.
//!
//! `lanyard-conformance-server PROGRAM ARGUMENT...` starts a server that prints its address, and prints one line of JSON,
//! `{"direct": url, "proxied": url, "key": key}`. All of it ends when standard input does.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};

use sandbox::{AtDoor, Browser, Desk};
use serde_json::json;

/// The id of the server in policy.
const SERVER: &str = "everything";

/// Ends with the program that started it.
struct Upstream(Child);

impl Drop for Upstream {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some((program, arguments)) = words.split_first() else {
        return Err(io::Error::other("usage: lanyard-conformance-server PROGRAM ARGUMENT..."));
    };
    let mut command = Command::new(program);
    let mut upstream = Upstream(command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?);
    let mut url = String::new();
    let output = upstream.0.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
    BufReader::new(output).read_line(&mut url)?;
    let url = url.trim();

    let policy = json!({
        // Nobody signs in: the server is open to everybody.
        "Issuer": "http://127.0.0.1:9", "ClientId": "lanyard", "AllowInsecureLoopback": true,
        "Servers": { SERVER: { "url": url, "route": "none" } },
    });
    let mut desk = Desk::with_browser(Browser::new(None), &policy);
    desk.start_agent();
    let door = AtDoor::loopback(&desk, "suite").await.map_err(io::Error::other)?;
    let (base, key) = door.address();
    writeln!(io::stdout(), "{}", json!({ "direct": url, "proxied": format!("{base}/mcp/{SERVER}"), "key": key }))?;
    tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(())
}
