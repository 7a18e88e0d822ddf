//! A real browser, driven by WebDriver (W3C) as a person would use it: Debian's Chromium, or a window of Lanyard's own.

use std::io::{self, BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Client;
use serde_json::{Value, json};

use crate::Desk;

const WEBKIT_DRIVER: &str = "/usr/bin/WebKitWebDriver";

/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a driver is started that finds no port.
const TRIES: usize = 5;

/// What a Chromium needs to run alone, as root, and without asking anybody anything.
const FLAGS: [&str; 8] = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1000,760",
];

/// A window of a browser; it closes with this.
pub struct Window {
    driver: Child,
    client: Client,
    session: String,
}

/// What kept the browser from doing what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Stuck {
    /// A program could not be used.
    #[error("the browser or its driver")]
    Io(#[from] io::Error),
    /// The driver did not answer.
    #[error("the driver did not answer")]
    Driver(#[from] reqwest::Error),
    /// The driver said no.
    #[error("the browser refused: {0}")]
    Refused(Value),
}

impl Window {
    /// Opens one, with a profile of its own below `folder`; none where the machine has no Chromium.
    ///
    /// # Errors
    /// When it does not open.
    pub async fn open(folder: &Path) -> Result<Option<Self>, Stuck> {
        if !["/usr/bin/chromium", "/usr/bin/chromedriver"].iter().all(|program| Path::new(program).exists()) {
            crate::desk::skipped("no chromium or chromedriver on this machine");
            return Ok(None);
        }
        crate::world::install_crypto();
        let (driver, port) = chromedriver().await?;
        let mut flags: Vec<String> = ["--headless"].iter().chain(&FLAGS).map(|flag| (*flag).to_owned()).collect();
        flags.push(format!("--user-data-dir={}", folder.join("chromium").display()));
        let options = json!({"binary": "/usr/bin/chromium", "args": flags});
        Self::driven(driver, port, &json!({"goog:chromeOptions": options})).await.map(Some)
    }

    /// Takes hold of a Chromium that somebody else opened with a port for developers, and with its profile in `folder`.
    ///
    /// # Errors
    /// When there is none in time, or it lets nobody in.
    pub async fn opened(folder: &Path) -> Result<Self, Stuck> {
        crate::world::install_crypto();
        let (began, said) = (Instant::now(), folder.join("DevToolsActivePort"));
        let port = loop {
            let text = std::fs::read_to_string(&said).unwrap_or_default();
            if let Some(port) = text.lines().next().and_then(|line| line.parse::<u16>().ok()) {
                break port;
            }
            if began.elapsed() > PATIENCE {
                return Err(io::Error::other("no browser was opened").into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let (driver, own) = chromedriver().await?;
        let options = json!({"debuggerAddress": format!("127.0.0.1:{port}")});
        Self::driven(driver, own, &json!({"goog:chromeOptions": options})).await
    }

    /// Starts a program whose window is a WebKit view, at a desk with a display; none where the machine has no driver.
    ///
    /// # Errors
    /// When it does not open.
    pub async fn of_program(desk: &Desk, program: &Path, arguments: &[&str]) -> Result<Option<Self>, Stuck> {
        if !Path::new(WEBKIT_DRIVER).exists() {
            crate::desk::skipped("no WebKitWebDriver on this machine");
            return Ok(None);
        }
        crate::world::install_crypto();
        // The driver takes a number and tells none.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = desk.program(Path::new(WEBKIT_DRIVER));
        command.arg(format!("--port={port}")).env("TAURI_WEBVIEW_AUTOMATION", "true").process_group(0);
        let driver = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut window = Self { driver, client: client()?, session: String::new() };
        window.listening(port).await?;
        let options = json!({"webkitgtk:browserOptions": {"binary": program, "args": arguments}});
        window.begin(port, &options).await?;
        Ok(Some(window))
    }

    async fn driven(driver: Child, port: u16, options: &Value) -> Result<Self, Stuck> {
        let mut window = Self { driver, client: client()?, session: String::new() };
        window.begin(port, options).await?;
        Ok(window)
    }

    async fn begin(&mut self, port: u16, options: &Value) -> Result<(), Stuck> {
        self.session = format!("http://127.0.0.1:{port}");
        let made = self.post("session", &json!({"capabilities": {"alwaysMatch": options}})).await?;
        let id = made["sessionId"].as_str().ok_or_else(|| Stuck::Refused(made.clone()))?;
        self.session = format!("{}/session/{id}", self.session);
        Ok(())
    }

    async fn listening(&mut self, port: u16) -> Result<(), Stuck> {
        let began = Instant::now();
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            if let Some(status) = self.driver.try_wait()? {
                return Err(io::Error::other(format!("the driver ended: {status}")).into());
            }
            if began.elapsed() > PATIENCE {
                return Err(io::Error::from(io::ErrorKind::TimedOut).into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Goes to an address.
    ///
    /// # Errors
    /// When the page does not come.
    pub async fn visit(&self, url: &str) -> Result<(), Stuck> {
        self.post("url", &json!({ "url": url })).await.map(|_| ())
    }

    /// Types into the element that a CSS selector finds.
    ///
    /// # Errors
    /// When there is none.
    pub async fn type_into(&self, selector: &str, text: &str) -> Result<(), Stuck> {
        let element = self.find(selector).await?;
        self.post(&format!("element/{element}/value"), &json!({ "text": text })).await.map(|_| ())
    }

    /// Clicks the element that a CSS selector finds.
    ///
    /// # Errors
    /// When there is none.
    pub async fn click(&self, selector: &str) -> Result<(), Stuck> {
        let element = self.find(selector).await?;
        self.post(&format!("element/{element}/click"), &json!({})).await.map(|_| ())
    }

    /// Presses keys one after the other, wherever the focus is. WebDriver has characters for those that print nothing.
    ///
    /// # Errors
    /// When there is no page.
    pub async fn press(&self, keys: &str) -> Result<(), Stuck> {
        let stroke = |key| [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})];
        let strokes: Vec<Value> = keys.chars().flat_map(stroke).collect();
        let actions = json!([{"type": "key", "id": "keyboard", "actions": strokes}]);
        self.post("actions", &json!({ "actions": actions })).await.map(|_| ())
    }

    /// What a script returns that runs in the page.
    ///
    /// # Errors
    /// When it fails there.
    pub async fn script(&self, script: &str) -> Result<Value, Stuck> {
        self.post("execute/sync", &json!({"script": script, "args": []})).await
    }

    /// What a script hands to its last argument, a function.
    ///
    /// # Errors
    /// When it fails there, or hands over nothing in time.
    pub async fn script_async(&self, script: &str) -> Result<Value, Stuck> {
        self.post("execute/async", &json!({"script": script, "args": []})).await
    }

    /// Asks a Chromium for what only its developers' tools can do.
    ///
    /// # Errors
    /// When it refuses, or is none.
    pub async fn devtools(&self, command: &str, words: &Value) -> Result<Value, Stuck> {
        self.post("goog/cdp/execute", &json!({"cmd": command, "params": words})).await
    }

    /// The text of the page as a person reads it.
    ///
    /// # Errors
    /// When there is no page.
    pub async fn text(&self) -> Result<String, Stuck> {
        let element = self.find("body").await?;
        let text = self.get(&format!("element/{element}/text")).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// The address bar.
    ///
    /// # Errors
    /// When there is no page.
    pub async fn address(&self) -> Result<String, Stuck> {
        Ok(self.get("url").await?.as_str().unwrap_or_default().to_owned())
    }

    /// A picture of the page, PNG.
    ///
    /// # Errors
    /// When there is no page, or no place for the picture.
    pub async fn picture(&self, file: &Path) -> Result<(), Stuck> {
        let picture = self.get("screenshot").await?;
        let bytes = STANDARD.decode(picture.as_str().unwrap_or_default()).map_err(io::Error::other)?;
        std::fs::write(file, bytes)?;
        Ok(())
    }

    /// Closes it.
    ///
    /// # Errors
    /// When the driver has gone.
    pub async fn close(self) -> Result<(), Stuck> {
        // The driver ends its browser with the session, not with itself.
        self.client.delete(&self.session).send().await?;
        Ok(())
    }

    async fn find(&self, selector: &str) -> Result<String, Stuck> {
        let found = self.post("element", &json!({"using": "css selector", "value": selector})).await?;
        let element = found.as_object().and_then(|found| found.values().next()?.as_str());
        element.map(str::to_owned).ok_or(Stuck::Refused(found.clone()))
    }

    async fn get(&self, path: &str) -> Result<Value, Stuck> {
        value(self.client.get(format!("{}/{path}", self.session)).send().await?.json().await?)
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, Stuck> {
        value(self.client.post(format!("{}/{path}", self.session)).json(body).send().await?.json().await?)
    }
}

/// A script for `BROWSER` that opens addresses in a Chromium on the desktop, with its profile in `folder`: see
/// [`Window::opened`].
pub fn opener(folder: &Path) -> String {
    let flags = FLAGS.join(" ");
    format!("#!/bin/sh\nexec /usr/bin/chromium {flags} --remote-debugging-port=0 --user-data-dir={} \"$1\"\n", folder.display())
}

/// Where pictures of one kind go, for people to look at: below the folder that `LANYARD_PICTURES` names; nowhere without it.
pub fn pictures(kind: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("LANYARD_PICTURES")?).join(kind);
    std::fs::create_dir_all(&folder).ok()?;
    Some(folder)
}

impl Drop for Window {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["--".to_owned(), format!("-{}", self.driver.id())]).status();
        let _ = self.driver.wait();
    }
}

fn client() -> Result<Client, reqwest::Error> {
    Client::builder().no_proxy().tls_certs_only([]).timeout(PATIENCE).build()
}

fn value(mut answer: Value) -> Result<Value, Stuck> {
    match answer["value"].take() {
        refused if !refused["error"].is_null() => Err(Stuck::Refused(refused)),
        value => Ok(value),
    }
}

/// A driver of Chromium, and its port.
async fn chromedriver() -> Result<(Child, u16), Stuck> {
    // It takes a port that is free under IPv4, and ends where somebody else has the same number under IPv6.
    for _ in 0..TRIES {
        let mut command = Command::new("/usr/bin/chromedriver");
        // A group of their own, to be ended together: the driver leaves its browser behind.
        command.arg("--port=0").process_group(0).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut driver = command.spawn()?;
        let output = driver.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
        if let Some(port) = tokio::task::spawn_blocking(move || port(output)).await.map_err(io::Error::other)?? {
            return Ok((driver, port));
        }
        driver.wait()?;
    }
    Err(io::Error::other("the driver finds no port").into())
}

/// The port, as the driver says it at its start; nothing where it ended before.
fn port(output: impl io::Read) -> io::Result<Option<u16>> {
    for line in BufReader::new(output).lines() {
        let line = line?;
        let number = line.rsplit_once("started successfully on port ").map(|(_, rest)| rest.trim_end_matches('.').to_owned());
        if let Some(number) = number.and_then(|number| number.parse().ok()) {
            return Ok(Some(number));
        }
    }
    Ok(None)
}
