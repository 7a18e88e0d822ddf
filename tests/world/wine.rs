//! The agent as Windows runs it, under Wine: the registry, the pipe, the Credential Manager and a real sign-in.
//!
//! Wine cannot judge access lists (everybody may write everything), the flag for the first instance of a pipe (a second
//! server is let in), screen lock and suspend, or Authenticode; those are read back or tested as pure decisions instead.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use sandbox::{Desk, HOST, Options, Proxy, World};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Mutex, MutexGuard};

use crate::tokens::call_tool;

const KEY: &str = r"HKLM\SOFTWARE\Policies\Lanyard";

/// There is one prefix, and so one computer.
static TURN: Mutex<()> = Mutex::const_new(());

/// A computer with Windows: a folder with `lanyard.exe` and a Wine prefix, emptied of what an earlier run left.
struct Windows {
    _turn: MutexGuard<'static, ()>,
    desk: Desk,
    prefix: PathBuf,
    agent: Option<Child>,
}

impl Windows {
    /// `None` where there is no build for Windows.
    async fn new(world: &World) -> Option<Self> {
        let Some(place) = std::env::var_os("LANYARD_WINDOWS").map(PathBuf::from) else {
            sandbox::desk::skipped("LANYARD_WINDOWS names no build for Windows");
            return None;
        };
        let mut desk = Desk::new(world, &json!({}));
        let script = desk.path("lanyard");
        let text = format!("#!/bin/sh\nunset LANYARD_DEBUG_ROOT\nexec wine '{}' \"$@\"\n", place.join("lanyard.exe").display());
        fs::write(&script, text).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).unwrap();
        let prefix = place.join("wine");
        desk.set("WINEPREFIX", &prefix.display().to_string());
        desk.set("WINEDEBUG", "-all");
        let windows = Self { _turn: TURN.lock().await, desk: desk.with_binary(script), prefix, agent: None };
        for key in [KEY, CONNECTIONS] {
            windows.system(&["reg", "delete", key, "/f"]);
        }
        if let Ok(users) = fs::read_dir(windows.prefix.join("drive_c/users")) {
            for user in users.flatten() {
                let _ = fs::remove_dir_all(user.path().join("AppData/Local/Lanyard"));
            }
        }
        Some(windows)
    }

    /// Runs a program of Windows itself.
    fn system(&self, words: &[&str]) -> bool {
        let mut wine = Command::new("wine");
        wine.args(words).env("WINEPREFIX", &self.prefix).env("WINEDEBUG", "-all");
        wine.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        wine.status().unwrap().success()
    }

    /// Imports a registry file, as an administrator does.
    fn import(&self, reg: &Path) {
        assert!(self.system(&["reg", "import", &format!("Z:{}", reg.display().to_string().replace('/', "\\"))]));
    }

    async fn start_agent(&mut self) {
        let log = fs::File::create(self.desk.path("agent.log")).unwrap();
        let mut command = self.desk.command(&["run"]);
        self.agent = Some(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap());
        self.desk.until("running", |status| status["agent"]["running"] == true).await;
    }
}

impl Drop for Windows {
    fn drop(&mut self) {
        let _ = Command::new("wineserver").arg("-k").env("WINEPREFIX", &self.prefix).status();
        if let Some(mut agent) = self.agent.take() {
            let _ = agent.kill();
            let _ = agent.wait();
        }
    }
}

/// What the sandbox's policy is on Windows: without the server whose key is a file of this machine.
fn policy(world: &World) -> Value {
    let mut policy = world.policy_json();
    policy["Servers"].as_object_mut().unwrap().remove("wiki");
    policy
}

/// Our own `.reg` of a policy.
async fn exported(windows: &Windows, policy: &Value) -> PathBuf {
    let (file, reg) = (windows.desk.path("win.json"), windows.desk.path("win.reg"));
    // Secrets are not exported on purpose: a public client needs none.
    fs::write(&file, policy.to_string()).unwrap();
    let host = Desk::with_browser(windows.desk.browser().clone(), &json!({}));
    let said = host.say(&["policy", "export", "--format", "reg", &file.display().to_string()]).await;
    assert_eq!(said.code, 0, "{said:?}");
    fs::write(&reg, said.stdout).unwrap();
    reg
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn windows_gets_policy_from_the_registry_and_serves_tokens_over_its_pipe() {
    let world = World::start(Options::default()).await;
    let Some(mut windows) = Windows::new(&world).await else { return };
    let mut first = policy(&world);
    first["Servers"].as_object_mut().unwrap().remove("linear");
    let reg = exported(&windows, &first).await;
    windows.start_agent().await;
    let status = windows.desk.status().await;
    assert_eq!((&status["session"]["state"], &status["policy"]["managed"]), (&json!("unconfigured"), &json!(false)));

    // Deployed while the agent runs, and noticed.
    windows.import(&reg);
    let status = windows.desk.until("configured", |status| status["session"]["state"] == "signed-out").await;
    assert_eq!((&status["policy"]["managed"], &status["policy"]["faults"]), (&json!(true), &json!([])), "{status:#}");

    windows.desk.sign_in("ada").await;
    let status = windows.desk.status().await;
    assert_eq!((&status["session"]["state"], &status["vault"]["kind"]), (&json!("active"), &json!("keychain")), "{status:#}");
    let socket = status["doors"]["socket"].as_str().unwrap();
    assert!(socket.starts_with(r"\\.\pipe\Lanyard.S-1-"), "{socket}");

    let said = windows.desk.say(&["token", "figma"]).await;
    assert_eq!(said.code, 0, "{said:?}\n{}", windows.desk.agent_log());
    let (code, reply) = call_tool(&world.server("figma").url(), said.stdout.trim(), "whoami").await;
    assert_eq!(code, 200, "{reply}");
    let said = windows.desk.say(&["doctor", "figma"]).await;
    assert_eq!(said.code, 0, "{said:?}");

    // One agent for each user.
    let second = windows.desk.say(&["run"]).await;
    assert_eq!(second.code, 1);
    assert!(second.stderr.contains("runs already, process"), "{second:?}");

    // Changed live: a value of its own kind, then one that is a fault.
    assert!(windows.system(&["reg", "add", KEY, "/v", "SupportContact", "/d", "help@acme.example", "/f"]));
    assert!(windows.system(&["reg", "add", KEY, "/v", "TokenDoor", "/t", "REG_DWORD", "/d", "2", "/f"]));
    let status = windows.desk.until("changed", |status| !status["policy"]["faults"].as_array().unwrap().is_empty()).await;
    assert_eq!(status["policy"]["faults"][0]["setting"], "TokenDoor", "{status:#}");
    assert_eq!(status["session"]["state"], "active");

    // The session is in the vault, and outlives the agent.
    windows.system(&["taskkill", "/F", "/IM", "lanyard.exe"]);
    windows.agent.take().unwrap().wait().unwrap();
    windows.start_agent().await;
    windows.desk.until("active again", |status| status["session"]["state"] == "active").await;

    // Deleted means not configured: the session ends.
    assert!(windows.system(&["reg", "delete", KEY, "/f"]));
    windows.desk.until("unconfigured", |status| status["session"]["state"] == "unconfigured").await;
    assert_ne!(windows.desk.say(&["token", "figma"]).await.code, 0);
}

/// Where Windows keeps what its own dialogue for proxies sets.
const CONNECTIONS: &str = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings\Connections";

/// Flags of those settings: directly, by a named proxy, by a script.
const BY_PROXY: u32 = 1 | 2;
const BY_SCRIPT: u32 = 1 | 4;

/// The settings of a person as that dialogue writes them: each text behind its length.
fn connection(flags: u32, proxy: &str, spared: &str, script: &str) -> String {
    let mut bytes: Vec<u8> = [0x46_u32, 1, flags].into_iter().flat_map(u32::to_le_bytes).collect();
    for text in [proxy, spared, script] {
        bytes.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes.extend([0; 32]);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Windows {
    /// Sets the person's proxy, and looks by which way the identity provider is asked then.
    async fn way(&mut self, settings: &str) -> Value {
        assert!(self.system(&[
            "reg",
            "add",
            CONNECTIONS,
            "/v",
            "DefaultConnectionSettings",
            "/t",
            "REG_BINARY",
            "/d",
            settings,
            "/f"
        ]));
        self.start_agent().await;
        let said = self.desk.say(&["doctor", "figma", "--json"]).await;
        self.system(&["taskkill", "/F", "/IM", "lanyard.exe"]);
        self.agent.take().unwrap().wait().unwrap();
        let document: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{said:?}"));
        document["steps"].as_array().unwrap().iter().find(|step| step["step"] == "network").unwrap().clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn windows_finds_its_proxy_in_the_persons_settings_and_in_a_script() {
    let world = World::start(Options { tls: true, named: true, ..Options::default() }).await;
    let proxy = Proxy::start().await.unwrap();
    let Some(mut windows) = Windows::new(&world).await else { return };
    let mut set = policy(&world);
    // Wine 8 makes no chain engine for certificates, so that nothing can be called here: the ways alone are looked at.
    set.as_object_mut().unwrap().remove("ExtraCaFile");
    let reg = exported(&windows, &set).await;
    windows.import(&reg);
    let at = proxy.url.trim_start_matches("http://").to_owned();

    let named = windows.way(&connection(BY_PROXY, &format!("http=127.0.0.1:1;https={at}"), "<local>", "")).await;
    let found = named["found"].as_str().unwrap();
    assert!(found.contains(&format!("through the proxy {}, as the settings of the system say", proxy.url)), "{named:#}");

    let spared = windows.way(&connection(BY_PROXY, &at, "<local>;*.test", "")).await;
    assert!(spared["found"].as_str().unwrap().contains("reached directly"), "{spared:#}");

    let script = format!("function FindProxyForURL(url, host) {{ return host == \"{HOST}\" ? \"PROXY {at}\" : \"DIRECT\"; }}");
    let script = Script::start(script).await;
    let scripted = windows.way(&connection(BY_SCRIPT, "", "", &script.url)).await;
    assert!(scripted["found"].as_str().unwrap().contains(&format!("through the proxy {}", proxy.url)), "{scripted:#}");
}

/// A web server with one script of automatic configuration.
struct Script {
    url: String,
    task: tokio::task::JoinHandle<()>,
}

impl Script {
    async fn start(text: String) -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/proxy.pac", listener.local_addr().unwrap());
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = [0; 4096];
                let _ = stream.read(&mut head).await;
                let length = text.len();
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/x-ns-proxy-autoconfig\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { url, task }
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.task.abort();
    }
}
