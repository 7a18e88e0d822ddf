//! A stdio client of `lanyard connect`: writes lines, and reads those that come back.

use std::io::{self, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::mpsc;

use crate::Desk;

/// How long a message may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A bridge and its client.
pub struct Bridge {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: mpsc::UnboundedReceiver<String>,
    /// Messages that nobody waited for, in order.
    pub others: Vec<Value>,
}

impl Bridge {
    /// Starts `lanyard connect server`.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(desk: &Desk, server: &str) -> io::Result<Self> {
        let mut command = desk.command(&["connect", server]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let stdin = child.stdin.take();
        let output = child.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
        let output = tokio::process::ChildStdout::from_std(output)?;
        let (sender, lines) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut output = BufReader::new(output).lines();
            while let Ok(Some(line)) = output.next_line().await {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, stdin, lines, others: Vec::new() })
    }

    /// Writes one line.
    ///
    /// # Panics
    /// When the bridge has gone.
    #[expect(clippy::expect_used, reason = "a bridge that has gone has nothing to tell")]
    pub fn line(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("the client still writes");
        writeln!(stdin, "{line}").and_then(|()| stdin.flush()).expect("the bridge still reads");
    }

    /// The next message, whatever it is.
    ///
    /// # Panics
    /// When none comes in time, or it is no JSON.
    pub async fn next(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.lines.recv()).await;
        let line = line.unwrap_or_else(|_| panic!("no message came")).unwrap_or_else(|| panic!("the bridge ended"));
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}"))
    }

    /// The answer to the request `id`; what comes before it is kept aside.
    ///
    /// # Panics
    /// When it does not come in time.
    pub async fn answer(&mut self, id: u64) -> Value {
        loop {
            let message = self.next().await;
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
            self.others.push(message);
        }
    }

    /// A request and its answer.
    ///
    /// # Panics
    /// When it does not come in time.
    pub async fn ask(&mut self, id: u64, method: &str, params: Value) -> Value {
        self.line(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string());
        self.answer(id).await
    }

    /// Greets the server in 2025-11-25; its answer.
    ///
    /// # Panics
    /// When none comes in time.
    pub async fn hello(&mut self) -> Value {
        let info = json!({"name": "test", "version": "0"});
        let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info});
        let answer = self.ask(0, "initialize", params).await;
        if answer.get("result").is_some() {
            self.line(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
        }
        answer
    }

    /// Calls a tool.
    ///
    /// # Panics
    /// When no answer comes in time.
    pub async fn call(&mut self, id: u64, tool: &str, arguments: Value) -> Value {
        self.ask(id, "tools/call", json!({"name": tool, "arguments": arguments})).await
    }

    /// The bridge's process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Closes its standard input and waits for its end; the exit code.
    ///
    /// # Panics
    /// When it does not end in time.
    pub async fn close(mut self) -> Option<i32> {
        drop(self.stdin.take());
        let began = std::time::Instant::now();
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status.code();
            }
            assert!(began.elapsed() < PATIENCE, "the bridge did not end");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
