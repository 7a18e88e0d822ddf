//! An MCP client at one of the agent's doors, as plain as one can be: it shows exactly what came back.

use std::time::Duration;

use http::{HeaderMap, Method};
use reqwest::{Client, Response};
use serde_json::{Value, json};

use crate::Desk;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A client at a door.
#[derive(Clone, Debug)]
pub struct AtDoor {
    client: Client,
    base: String,
    key: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Came {
    /// HTTP status.
    pub status: u16,
    /// HTTP headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
}

impl AtDoor {
    /// At the socket.
    ///
    /// # Errors
    /// When no client can be built.
    pub fn socket(desk: &Desk) -> reqwest::Result<Self> {
        crate::world::install_crypto();
        let client = Client::builder().unix_socket(desk.socket()).no_proxy().tls_certs_only([]).timeout(PATIENCE).build()?;
        Ok(Self { client, base: "http://lanyard".into(), key: None })
    }

    /// At the loopback door, with a key made for `name`.
    ///
    /// # Errors
    /// When no client can be built.
    ///
    /// # Panics
    /// When the door is closed.
    pub async fn loopback(desk: &Desk, name: &str) -> reqwest::Result<Self> {
        crate::world::install_crypto();
        let said = desk.say(&["setup", "key", name, "--json"]).await;
        let made: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{said:?}"));
        let base = desk.status().await["doors"]["loopback"].as_str().unwrap_or_else(|| panic!("no loopback door")).to_owned();
        let client = Client::builder().no_proxy().tls_certs_only([]).timeout(PATIENCE).build()?;
        Ok(Self { client, base, key: made["key"].as_str().map(str::to_owned) })
    }

    /// The same client with another key, or none.
    pub fn with_key(mut self, key: Option<&str>) -> Self {
        self.key = key.map(str::to_owned);
        self
    }

    /// The base address and the key, for other clients.
    pub fn address(&self) -> (&str, Option<&str>) {
        (&self.base, self.key.as_deref())
    }

    /// A request whose answer is still on its way.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn open(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> reqwest::Result<Response> {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        request = request.header("accept", "application/json, text/event-stream");
        if let Some(key) = &self.key {
            request = request.header("lanyard-key", key);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await
    }

    /// A request and its whole answer.
    ///
    /// # Errors
    /// When nobody answers, or not to the end.
    pub async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<String>) -> reqwest::Result<Came> {
        let answer = self.open(method, path, headers, body).await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Ok(Came { status, headers, text: answer.text().await? })
    }

    /// A JSON-RPC message to `server`, and its whole answer.
    ///
    /// # Errors
    /// When nobody answers, or not to the end.
    pub async fn post(&self, server: &str, session: Option<&str>, message: &Value) -> reqwest::Result<Came> {
        let mut headers = vec![("mcp-protocol-version", "2025-11-25")];
        headers.extend(session.map(|session| ("mcp-session-id", session)));
        self.ask(Method::POST, &format!("/mcp/{server}"), &headers, Some(message.to_string())).await
    }

    /// Begins an MCP session of 2025-11-25; its id, or what came instead.
    ///
    /// # Errors
    /// What came instead of a session.
    ///
    /// # Panics
    /// When nobody answers.
    #[expect(clippy::unwrap_used, reason = "a door that answers nothing has nothing to tell")]
    pub async fn begin(&self, server: &str) -> Result<String, Came> {
        let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "0"}});
        let hello = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
        let came = self.post(server, None, &hello).await.unwrap();
        let Some(session) = came.headers.get("mcp-session-id").and_then(|id| id.to_str().ok()).map(str::to_owned) else {
            return Err(came);
        };
        self.post(server, Some(&session), &json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await.unwrap();
        Ok(session)
    }

    /// A call of a tool within a session.
    ///
    /// # Errors
    /// When nobody answers, or not to the end.
    pub async fn call(&self, server: &str, session: &str, tool: &str, arguments: Value) -> reqwest::Result<Came> {
        let params = json!({"name": tool, "arguments": arguments});
        self.post(server, Some(session), &json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params})).await
    }
}

impl Came {
    /// The JSON-RPC response in it, be it a document or a stream of events.
    pub fn answer(&self) -> Value {
        let lines = self.text.lines().filter_map(|line| line.strip_prefix("data:").or(line.starts_with('{').then_some(line)));
        let mut documents = lines.filter_map(|line| serde_json::from_str::<Value>(line.trim()).ok());
        documents.rfind(|document| !document["id"].is_null()).unwrap_or_default()
    }

    /// The fault's code, where the answer is a fault.
    pub fn fault(&self) -> String {
        let answer = self.answer();
        let data = match answer["error"].is_null() {
            true => serde_json::from_str(&self.text).unwrap_or_default(),
            false => answer["error"]["data"].clone(),
        };
        data["code"].as_str().unwrap_or_default().to_owned()
    }
}
