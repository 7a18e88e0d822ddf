//! A desktop with a panel, and the tray with the real agent on it.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use sandbox::desk::{PATIENCE, binary, skipped};
use sandbox::desktop::Look;
use sandbox::program::said;
use sandbox::{Desk, Desktop, Notifications, Options, PASSWORD, Process, Systemd, Tray, World, living_at};
use serde_json::{Value, json};

const ID: &str = "dev.lanyard.agent";
/// The title of the window.
pub(crate) const WINDOW: &str = "Lanyard";

/// A desk with a desktop, whose machine policy is `policy`; none where something is missing.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) desk: Desk,
    pub(crate) desktop: Desktop,
}

impl Scene {
    pub(crate) async fn new(look: Look, change: impl FnOnce(&mut Value)) -> Option<Self> {
        if !binary("lanyard-tray").exists() {
            skipped("lanyard-tray was not built");
            return None;
        }
        if fs::metadata("/proc/self").unwrap().uid() != 0 {
            skipped("machine policy of a test's own needs root");
            return None;
        }
        let world = World::start(Options::default()).await;
        let mut policy = world.policy_json();
        policy["SupportContact"] = json!("it@acme.example");
        change(&mut policy);
        let mut desk = Desk::new(&world, &policy);
        write(&desk, &policy);
        let opener = desk.path("browser");
        let opened = desk.path("opened");
        let script = format!(
            "#!/bin/sh\necho \"$DISPLAY $1\" >> {}\nprintf %s \"$1\" > {1}.new && mv {1}.new {1}\n",
            desk.path("openings").display(),
            opened.display(),
        );
        fs::write(&opener, script).unwrap();
        fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).unwrap();
        desk.set("BROWSER", &opener.display().to_string());
        let desktop = Desktop::start(&mut desk, look).await.unwrap()?;
        Some(Self { world, desk, desktop })
    }

    pub(crate) fn start(&mut self) {
        let command = self.desk.program(&binary("lanyard-tray"));
        self.desk.start_agent_in(command);
    }

    /// Whether a process of the window is there, a web view's among them.
    pub(crate) fn has_window(&self) -> bool {
        living_at(&self.desk).iter().any(Process::is_of_window)
    }

    /// Closes the window as its own button does.
    pub(crate) async fn close_window(&self) {
        self.desktop.screen().close(WINDOW).unwrap();
        self.window_gone().await;
    }

    /// Closes it by the keys that close windows.
    pub(crate) async fn close_window_by_keys(&self) {
        let named = format!("^{WINDOW}$");
        for words in [&["search", "--sync", "--onlyvisible", "--name", &named, "windowfocus", "--sync"][..], &["key", "ctrl+w"]] {
            let pressed = said(&mut self.desk.other(Path::new("xdotool"), words));
            assert_eq!(pressed.code, 0, "{pressed:?}");
        }
        self.window_gone().await;
    }

    /// Waits until nothing of it is left.
    async fn window_gone(&self) {
        let began = Instant::now();
        while self.has_window() {
            assert!(began.elapsed() < PATIENCE, "a process of the window stays: {:?}", living_at(&self.desk));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What a person would paste, once it is as wanted.
    pub(crate) async fn pasted(&self, wanted: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            // An owner that ends before it answers would be waited for without end.
            let mut read = self.desk.program(Path::new("timeout"));
            let read = read.args(["2", "xclip", "-out", "-selection", "clipboard", "-target", "UTF8_STRING"]).output().unwrap();
            let text = String::from_utf8_lossy(&read.stdout).into_owned();
            if wanted(&text) {
                return text;
            }
            assert!(began.elapsed() < PATIENCE, "the clipboard holds something else: {text}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn tray(&self) -> Tray {
        Tray::appears(self.desktop.bus(), ID).await.unwrap()
    }

    /// Signs in at the address that the agent opened.
    pub(crate) async fn sign_in(&self, user: &str) {
        let opened = self.desk.path("opened");
        let began = Instant::now();
        while !opened.exists() {
            assert!(began.elapsed() < PATIENCE, "no browser was opened: {}", self.desk.agent_log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let url = fs::read_to_string(&opened).unwrap();
        fs::remove_file(&opened).unwrap();
        self.world.browser().sign_in(&url, user, PASSWORD).await.unwrap();
    }

    /// The displays on which a browser was opened to sign in.
    pub(crate) fn openings(&self) -> Vec<String> {
        let lines = fs::read_to_string(self.desk.path("openings")).unwrap_or_default();
        let sign_ins = lines.lines().filter(|line| line.contains("code_challenge="));
        sign_ins.filter_map(|line| Some(line.split_once(' ')?.0.to_owned())).collect()
    }

    /// The service manager of the log-on, which has been told of the desktop.
    pub(crate) async fn systemd(&self) -> Systemd {
        let address = format!("unix:path={}", self.desk.path("run/bus").display());
        Systemd::serve_at(&address, &[("DISPLAY", self.desktop.display())]).await.unwrap()
    }

    pub(crate) async fn notifications(&self) -> Notifications {
        let address = format!("unix:path={}", self.desk.path("run/bus").display());
        Notifications::serve(&address).await.unwrap()
    }
}

/// Replaces the machine's policy at once.
pub(crate) fn write(desk: &Desk, policy: &Value) {
    let (file, new) = (desk.path("root/etc/lanyard/policy.json"), desk.path("root/etc/lanyard/policy.new"));
    fs::write(&new, policy.to_string()).unwrap();
    fs::rename(new, file).unwrap();
}
