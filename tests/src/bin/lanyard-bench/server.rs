//! A server that answers every POST at once.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::{Value, json};

/// Starts it; its address.
pub(crate) fn start() -> Result<String, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?.to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(stream));
        }
    });
    Ok(address)
}

fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let (mut length, mut line, mut first) = (0, String::new(), String::new());
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if first.is_empty() {
                first.clone_from(&line);
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
        answer(&mut stream, first.starts_with("POST"), &body)?;
    }
}

const PONG: &str = r#"{"jsonrpc":"2.0","id":1,"result":{}}"#;

fn answer(stream: &mut TcpStream, is_post: bool, body: &[u8]) -> std::io::Result<()> {
    if body.windows(8).any(|window| window == b"\"stream\"") {
        let event = format!("data: {PONG}\n\n");
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")?;
        stream.write_all(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes())?;
        return stream.write_all(b"0\r\n\r\n");
    }
    if body.windows(6).any(|window| window == b"\"ping\"") {
        return document(stream, "200 OK", PONG);
    }
    let message: Value = serde_json::from_slice(body).unwrap_or_default();
    match (is_post, message["method"].as_str(), message["id"].is_null()) {
        (false, ..) => document(stream, "405 Method Not Allowed", ""),
        (true, Some("initialize"), false) => {
            let info = json!({"name": "bench", "version": "0"});
            let result = json!({"protocolVersion": message["params"]["protocolVersion"], "capabilities": {}, "serverInfo": info});
            document(stream, "200 OK", &json!({"jsonrpc": "2.0", "id": message["id"], "result": result}).to_string())
        }
        (true, _, true) => document(stream, "202 Accepted", ""),
        _ => {
            let error = json!({"code": -32601, "message": "Method not found"});
            document(stream, "200 OK", &json!({"jsonrpc": "2.0", "id": message["id"], "error": error}).to_string())
        }
    }
}

fn document(stream: &mut TcpStream, status: &str, text: &str) -> std::io::Result<()> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{text}", text.len());
    stream.write_all(head.as_bytes())
}
