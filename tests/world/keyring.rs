use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use sandbox::{Desk, Options, World};

/// A session bus with or without a real gnome-keyring on it; both end with the test.
struct Session {
    bus: Child,
    keyring: Option<Child>,
    address: String,
}

const PASSWORD: &str = "keyring password";

/// Whether the daemons are there; says that the test was skipped when not.
fn can_run() -> bool {
    let found = ["dbus-daemon", "gnome-keyring-daemon"].iter().all(|name| std::path::Path::new("/usr/bin").join(name).exists());
    if !found {
        sandbox::desk::skipped("no gnome-keyring or dbus-daemon on this machine");
    }
    found
}

impl Session {
    /// A bus that starts nothing by itself, so that a keyring is there only when a test starts one.
    fn new(desk: &mut Desk) -> Self {
        let config = desk.path("bus.conf");
        let socket = desk.path("run/bus");
        let text = format!(
            "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n\
             <busconfig><type>session</type><listen>unix:path={}</listen><policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>\
             <allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>",
            socket.display()
        );
        std::fs::write(&config, text).unwrap();
        let mut bus = Command::new("dbus-daemon")
            .args(["--nofork", "--print-address", "--config-file"])
            .arg(&config)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
        let address = address.trim().to_owned();
        desk.set("DBUS_SESSION_BUS_ADDRESS", &address);
        Self { bus, keyring: None, address }
    }

    /// Starts the keyring; with the password it is unlocked, without it stays locked.
    fn start_keyring(&mut self, desk: &Desk, unlocked: bool) {
        self.stop_keyring();
        let mut command = Command::new("gnome-keyring-daemon");
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", desk.path("home")).env("XDG_RUNTIME_DIR", desk.path("run"));
        command.env("XDG_DATA_HOME", desk.path("data")).env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        command.args(["--foreground", "--components=secrets"]);
        if unlocked {
            command.arg("--unlock");
        }
        let mut keyring = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut input = keyring.stdin.take().unwrap();
        if unlocked {
            writeln!(input, "{PASSWORD}").unwrap();
        }
        drop(input);
        self.keyring = Some(keyring);
        let began = std::time::Instant::now();
        while !self.has_keyring() {
            assert!(began.elapsed().as_secs() < 20, "the keyring does not come up");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }

    fn has_keyring(&self) -> bool {
        let output = Command::new("dbus-send")
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .args([
                "--session",
                "--print-reply",
                "--dest=org.freedesktop.DBus",
                "/",
                "org.freedesktop.DBus.NameHasOwner",
                "string:org.freedesktop.secrets",
            ])
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).contains("boolean true")
    }

    fn stop_keyring(&mut self) {
        if let Some(mut keyring) = self.keyring.take() {
            let _ = keyring.kill();
            let _ = keyring.wait();
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.stop_keyring();
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_keyring_keeps_the_key_and_a_restart_keeps_the_session() {
    if !can_run() {
        return;
    }
    let world = World::start(Options::default()).await;
    let mut desk = Desk::new(&world, &world.policy_json());
    let mut session = Session::new(&mut desk);
    session.start_keyring(&desk, true);
    desk.start_agent();
    desk.sign_in("ada").await;
    let status = desk.status().await;
    assert_eq!(
        (status["vault"]["kind"].as_str(), status["vault"]["state"].as_str()),
        (Some("keychain"), Some("open")),
        "{status:#}"
    );
    assert!(desk.path("data/lanyard/vault").exists() && !desk.path("data/lanyard/vault.key").exists());
    desk.kill_agent();
    desk.start_agent();
    desk.until("active after the restart", |status| status["session"]["state"] == "active").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    assert_eq!(desk.say(&["logout"]).await.code, 0);
    assert!(!desk.path("data/lanyard/vault").exists());
    desk.stop_agent();
    desk.start_agent();
    let status = desk.until("looked", |status| status["session"]["reason"] == "never").await;
    assert_eq!(status["vault"]["state"], "absent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_keyring_is_said_so_and_unlocking_it_brings_the_session_back() {
    if !can_run() {
        return;
    }
    let world = World::start(Options::default()).await;
    let mut desk = Desk::new(&world, &world.policy_json());
    let mut session = Session::new(&mut desk);
    session.start_keyring(&desk, true);
    desk.start_agent();
    desk.sign_in("ada").await;
    desk.kill_agent();
    session.start_keyring(&desk, false);
    desk.start_agent();
    let locked = |status: &serde_json::Value| status["session"]["reason"] == "locked";
    let status = desk.until("locked", locked).await;
    assert_eq!((status["session"]["state"].as_str(), status["vault"]["state"].as_str()), (Some("vault-closed"), Some("locked")));
    let said = desk.say(&["token", "linear", "--json"]).await;
    assert!(said.code == 8 && said.stdout.contains("vault-locked"), "{said:?}");
    assert_eq!(desk.say(&["status"]).await.code, 8);
    session.start_keyring(&desk, true);
    let back = |status: &serde_json::Value| status["session"]["state"] == "active";
    desk.until_within("active after the unlock", std::time::Duration::from_secs(90), back).await;
    assert_eq!(world.idp.count("sign_in"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_keyring_what_is_sealed_waits_and_a_new_session_lives_in_memory() {
    if !can_run() {
        return;
    }
    let world = World::start(Options::default()).await;
    let mut desk = Desk::new(&world, &world.policy_json());
    let mut session = Session::new(&mut desk);
    session.start_keyring(&desk, true);
    desk.start_agent();
    desk.sign_in("ada").await;
    desk.kill_agent();
    session.stop_keyring();
    desk.start_agent();
    let away = |status: &serde_json::Value| status["session"]["reason"] == "unavailable";
    desk.until("unavailable", away).await;
    let said = desk.say(&["token", "linear", "--json"]).await;
    assert!(said.code == 8 && said.stdout.contains("vault-unavailable"), "{said:?}");
    assert!(desk.path("data/lanyard/vault").exists(), "nothing is lost");

    let fresh = Desk::signed_in(&world, &world.policy_json(), "grace").await;
    let status = fresh.status().await;
    assert_eq!(status["vault"]["kind"], "memory", "{status:#}");
    assert!(!fresh.path("data/lanyard/vault").exists(), "nothing on disk in plain text");
}
