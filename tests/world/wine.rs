//! The agent as Windows runs it, under Wine: the registry, the pipe, the Credential Manager and a real sign-in.
//!
//! Wine cannot judge access lists (everybody may write everything), the flag for the first instance of a pipe (a second
//! server is let in), screen lock and suspend, or Authenticode; those are read back or tested as pure decisions instead.

mod proxies;
mod tray;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use sandbox::desk::PATIENCE;
use sandbox::program::ended;
use sandbox::{Desk, Options, World};
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};

use crate::tokens::call_tool;

const KEY: &str = r"HKLM\SOFTWARE\Policies\Lanyard";

/// There is one Wine prefix, and one user in it.
static PREFIX: Mutex<()> = Mutex::const_new(());

/// A computer with Windows: a folder with `lanyard.exe` and a Wine prefix, emptied of what an earlier run left.
struct Windows {
    desk: Desk,
    prefix: PathBuf,
    agent: Option<Child>,
    _mine: MutexGuard<'static, ()>,
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
        let _mine = PREFIX.lock().await;
        let windows = Self { desk: desk.with_binary(script), prefix, agent: None, _mine };
        // Whoever needs the services of Windows first starts them, and they would hold what that one was given; so they start
        // here, and stay.
        for words in [["-k"], ["-w"], ["-p"]] {
            windows.server(&words);
        }
        for key in [KEY, proxies::CONNECTIONS] {
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
        self.wine("wine", words)
    }

    /// Tells Wine's own server what to do.
    fn server(&self, words: &[&str]) -> bool {
        self.wine("wineserver", words)
    }

    fn wine(&self, program: &str, words: &[&str]) -> bool {
        let mut wine = Command::new(program);
        wine.args(words).env("WINEPREFIX", &self.prefix).env("WINEDEBUG", "-all");
        wine.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        ended(&mut wine.spawn().unwrap(), PATIENCE).is_some_and(|status| status.success())
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

    /// Ends the agent as the Task Manager does.
    fn kill_agent(&mut self) {
        self.system(&["taskkill", "/F", "/IM", "lanyard.exe"]);
        let ended = ended(&mut self.agent.take().unwrap(), PATIENCE);
        assert!(ended.is_some(), "the agent did not end: {}", self.desk.agent_log());
    }
}

impl Drop for Windows {
    fn drop(&mut self) {
        self.server(&["-k"]);
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

/// What the stdio bridge answers to one message before its client ends it.
async fn bridged(windows: &Windows, message: &Value) -> String {
    let mut command = windows.desk.command(&["connect", "figma"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let line = format!("{message}\n");
    let talk = move || {
        let mut bridge = command.spawn().unwrap();
        let mut answer = String::new();
        let mut input = bridge.stdin.take().unwrap();
        input.write_all(line.as_bytes()).unwrap();
        BufReader::new(bridge.stdout.take().unwrap()).read_line(&mut answer).unwrap();
        drop(input);
        assert!(ended(&mut bridge, PATIENCE).is_some(), "the bridge outlives its client");
        answer
    };
    tokio::task::spawn_blocking(talk).await.unwrap()
}

/// A registry file of keys with values as `reg export` writes them.
fn registry_file(windows: &Windows, keys: &[(&str, &[String])]) -> PathBuf {
    let mut text = "Windows Registry Editor Version 5.00\r\n".to_owned();
    for (key, values) in keys {
        text.push_str(&format!("\r\n[{key}]\r\n{}\r\n", values.join("\r\n")));
    }
    let path = windows.desk.path("types.reg");
    fs::write(&path, [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect::<Vec<u8>>()).unwrap();
    path
}

fn wide(name: &str, kind: u8, text: &str) -> String {
    let bytes: Vec<String> = text.encode_utf16().flat_map(u16::to_le_bytes).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{name}\"=hex({kind:x}):{}", bytes.join(","))
}

fn text(name: &str, value: &str) -> String {
    format!("\"{name}\"=\"{}\"", value.replace('\\', r"\\").replace('"', "\\\""))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_type_that_people_deploy_reaches_the_agent_from_the_real_registry() {
    let world = World::start(Options::default()).await;
    let Some(mut windows) = Windows::new(&world).await else { return };
    windows.start_agent().await;
    let machine = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Lanyard";
    let server = |id: &str| format!(r#"{{"url":"https://{id}.example/mcp"}}"#);
    let idp = r#"{"issuer":"https://borrowed.example","clientId":"0oa1"}"#.split_inclusive(',').collect::<Vec<_>>().join("\0");
    let file = registry_file(
        &windows,
        &[
            (
                machine,
                &[
                    "\"BorrowVsCodeIdentity\"=dword:00000001".to_owned(),
                    "\"MonthlyMintBudget\"=hex(b):07,00,00,00,00,00,00,00".to_owned(),
                    wide("Scopes", 7, "openid\0offline_access\0\0"),
                    wide("ExtraCaFile", 2, "%SystemRoot%\\absent.pem\0"),
                    text("organisationname", "Acme \u{2116} 1"),
                    text("Orgnisation", "misspelt"),
                    "\"SupportUrl\"=hex:00,01".to_owned(),
                ],
            ),
            (&format!(r"{machine}\AllowedAccounts"), &[text("10", "group:b"), text("2", "group:a")]),
            // Consoles cut a long text into lines.
            (
                &format!(r"{machine}\Servers"),
                &[text("one", &server("one")), wide("two", 7, "{\"url\":\0\"https://two.example/mcp\"}\0\0")],
            ),
            // A person's own key sets what is theirs to set, and nothing else.
            (
                r"HKEY_CURRENT_USER\SOFTWARE\Policies\Lanyard",
                &[text("LogLevel", "debug"), text("Issuer", "https://evil.example")],
            ),
            (
                r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\VSCode",
                &[wide("McpEnterpriseManagedAuthIdp", 7, &format!("{idp}\0\0"))],
            ),
        ],
    );
    windows.import(&file);
    let status = windows.desk.until("deployed", |status| status["policy"]["managed"] == true).await;
    let said = windows.desk.say(&["policy", "show", "--json"]).await;
    windows.system(&["reg", "delete", r"HKCU\SOFTWARE\Policies\Lanyard", "/f"]);
    windows.system(&["reg", "delete", r"HKLM\SOFTWARE\Policies\Microsoft\VSCode", "/f"]);
    let report: Value = serde_json::from_str(&said.stdout).unwrap();
    let value =
        |name: &str| report["settings"].as_array().unwrap().iter().find(|row| row["name"] == name).unwrap()["value"].clone();
    let expected = [
        ("Issuer", json!("https://borrowed.example")),
        ("ClientId", json!("0oa1")),
        ("MonthlyMintBudget", json!(7)),
        ("Scopes", json!(["openid", "offline_access"])),
        ("OrganisationName", json!("Acme \u{2116} 1")),
        ("AllowedAccounts", json!(["group:a", "group:b"])),
        ("LogLevel", json!("debug")),
    ];
    for (name, expected) in expected {
        assert_eq!(value(name), expected, "{name}: {report:#}");
    }
    assert!(value("ExtraCaFile").as_str().unwrap().ends_with(r"\absent.pem") && !value("ExtraCaFile").to_string().contains('%'));
    let ids: Vec<_> = status["servers"].as_array().unwrap().iter().map(|server| server["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["one", "two"], "{status:#}");
    let faults: Vec<_> =
        status["policy"]["faults"].as_array().unwrap().iter().map(|fault| fault["setting"].as_str().unwrap()).collect();
    assert!(faults.contains(&"SupportUrl") && faults.contains(&"Issuer"), "{status:#}");
    assert_eq!(status["policy"]["unknown"][0]["nearest"], "OrganisationName", "{status:#}");
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

    // The loopback door, whose other end the system's table of connections names, and the bridge behind the pipe.
    let key = windows.desk.say(&["setup", "key", "tests", "--json"]).await;
    let key: Value = serde_json::from_str(&key.stdout).unwrap();
    let loopback = status["doors"]["loopback"].as_str().unwrap();
    let asked = reqwest::Client::new().post(format!("{loopback}/v1/servers/figma/token"));
    let reply = asked
        .bearer_auth(key["key"].as_str().unwrap())
        .header("content-type", "application/json")
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 200, "{}", reply.text().await.unwrap());
    let initialize = json!({"jsonrpc":"2.0","id":1,"method":"initialize","params":{
        "protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}});
    let answers = bridged(&windows, &initialize).await;
    assert!(answers.contains("\"id\":1") && answers.contains("serverInfo"), "{answers}");

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
    windows.kill_agent();
    windows.start_agent().await;
    windows.desk.until("active again", |status| status["session"]["state"] == "active").await;

    // Deleted means not configured: the session ends.
    assert!(windows.system(&["reg", "delete", KEY, "/f"]));
    windows.desk.until("unconfigured", |status| status["session"]["state"] == "unconfigured").await;
    assert_ne!(windows.desk.say(&["token", "figma"]).await.code, 0);
}
