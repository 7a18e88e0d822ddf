//! The agent as Windows runs it, under Wine: the registry, the pipe, the Credential Manager and a real sign-in.
//!
//! Wine cannot judge access lists (everybody may write everything), the flag for the first instance of a pipe (a second
//! server is let in), screen lock and suspend, or Authenticode; those are read back or tested as pure decisions instead.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use sandbox::{Desk, Options, World};
use serde_json::{Value, json};

use crate::tokens::call_tool;

const KEY: &str = r"HKLM\SOFTWARE\Policies\Lanyard";

/// A computer with Windows: a folder with `lanyard.exe` and a Wine prefix, emptied of what an earlier run left.
struct Windows {
    desk: Desk,
    prefix: PathBuf,
    agent: Option<Child>,
}

impl Windows {
    /// `None` where there is no build for Windows.
    fn new(world: &World) -> Option<Self> {
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
        let windows = Self { desk: desk.with_binary(script), prefix, agent: None };
        windows.system(&["reg", "delete", KEY, "/f"]);
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
    let Some(mut windows) = Windows::new(&world) else { return };
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
