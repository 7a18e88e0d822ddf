//! An employee's desk: throw-away folders, a policy file, and the real `lanyard` in processes of its own.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::browser::Browser;
use crate::program::{Said, ended, said};
use crate::{PASSWORD, World};

/// How long anything at a desk may take before it counts as broken.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The desk. Its agent is stopped and its folders are removed when it is dropped.
pub struct Desk {
    folder: tempfile::TempDir,
    binary: PathBuf,
    agent: Option<Child>,
    variables: Vec<(String, String)>,
    browser: Browser,
}

impl Desk {
    /// A desk with `policy` in a file; no agent runs yet.
    ///
    /// # Panics
    /// When the folders cannot be made.
    pub fn new(world: &World, policy: &Value) -> Self {
        Self::with_browser(world.browser(), policy)
    }

    /// The same where the parties are not a sandbox's.
    ///
    /// # Panics
    /// When the folders cannot be made.
    #[expect(clippy::unwrap_used, reason = "a desk that cannot be set up has nothing to tell")]
    pub fn with_browser(browser: Browser, policy: &Value) -> Self {
        let folder = tempfile::Builder::new().prefix("desk").tempdir().unwrap();
        for name in ["run", "state", "data", "home", "root/etc/lanyard"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        fs::set_permissions(folder.path().join("run"), fs::Permissions::from_mode(0o700)).unwrap();
        let desk = Self { folder, binary: binary("lanyard"), agent: None, variables: Vec::new(), browser };
        desk.write_policy(policy);
        desk
    }

    /// A desk whose agent runs.
    pub fn start(world: &World, policy: &Value) -> Self {
        let mut desk = Self::new(world, policy);
        desk.start_agent();
        desk
    }

    /// A desk whose agent runs and has somebody signed in.
    pub async fn signed_in(world: &World, policy: &Value, user: &str) -> Self {
        let desk = Self::start(world, policy);
        desk.sign_in(user).await;
        desk
    }

    /// Uses another build of `lanyard`.
    pub fn with_binary(mut self, binary: PathBuf) -> Self {
        self.binary = binary;
        self
    }

    /// Sets a variable for every later process.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Removes a variable that [`Desk::set`] set.
    pub fn unset(&mut self, name: &str) {
        self.variables.retain(|(known, _)| known != name);
    }

    /// A path below the desk's folder: `state/lanyard/audit.jsonl`, `data/lanyard/vault`.
    pub fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// The policy file that `run --policy` is given.
    pub fn policy_file(&self) -> PathBuf {
        self.path("policy.json")
    }

    /// The agent's socket.
    pub fn socket(&self) -> PathBuf {
        self.path("run/lanyard/lanyard.sock")
    }

    /// Replaces the policy file at once, as configuration tools do.
    #[expect(clippy::unwrap_used, reason = "a desk that cannot be written has nothing to tell")]
    pub fn write_policy(&self, policy: &Value) {
        let new = self.path("policy.new");
        fs::write(&new, serde_json::to_vec_pretty(policy).unwrap()).unwrap();
        fs::rename(new, self.policy_file()).unwrap();
    }

    /// A command of `lanyard` in the desk's environment: its own folders, no bus, no proxy.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments).env_clear().envs(self.environment()).current_dir(self.path("home"));
        command
    }

    /// Another program in the desk's environment, with the search path of this process; `timeout` bounds it.
    pub fn other(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = self.program(Path::new("timeout"));
        command.arg("120").arg(program).args(arguments);
        command
    }

    /// The same, without a limit.
    pub fn program(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.environment()).current_dir(self.path("home"));
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).stdin(Stdio::null());
        command
    }

    fn environment(&self) -> Vec<(String, String)> {
        let own = |below: &str| self.path(below).display().to_string();
        let mut variables: Vec<(String, String)> = [
            ("HOME", own("home")),
            ("XDG_RUNTIME_DIR", own("run")),
            ("XDG_STATE_HOME", own("state")),
            ("XDG_DATA_HOME", own("data")),
            ("LANYARD_DEBUG_ROOT", own("root")),
            ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("BROWSER", "/bin/true".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        variables.extend(self.variables.iter().cloned());
        variables
    }

    /// Starts `lanyard run --policy FILE` and waits for its socket.
    ///
    /// # Panics
    /// When it does not come up; what it said is shown.
    pub fn start_agent(&mut self) {
        let file = self.policy_file().display().to_string();
        self.start_agent_with(&["run", "--policy", &file]);
    }

    /// Starts the agent with other arguments.
    ///
    /// # Panics
    /// When it does not come up; what it said is shown.
    pub fn start_agent_with(&mut self, arguments: &[&str]) {
        self.start_agent_in(self.command(arguments));
    }

    /// Starts a program that is an agent too, and waits for the agent's socket.
    ///
    /// # Panics
    /// When it does not come up; what it said is shown.
    #[expect(clippy::unwrap_used, reason = "a desk that cannot be set up has nothing to tell")]
    pub fn start_agent_in(&mut self, mut command: Command) {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.path("agent.log")).unwrap();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?} does not start: {error}; build it first"));
        let began = Instant::now();
        while std::os::unix::net::UnixStream::connect(self.socket()).is_err() {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("the agent ended with {status}: {}", self.agent_log());
            }
            assert!(began.elapsed() < PATIENCE, "the agent did not open its door: {}", self.agent_log());
            std::thread::sleep(Duration::from_millis(5));
        }
        self.agent = Some(child);
    }

    /// The agent's process id.
    pub fn agent_pid(&self) -> Option<u32> {
        self.agent.as_ref().map(Child::id)
    }

    /// What the agent logged.
    pub fn agent_log(&self) -> String {
        fs::read_to_string(self.path("agent.log")).unwrap_or_default()
    }

    /// Ends the agent as a power cut would.
    pub fn kill_agent(&mut self) {
        if let Some(mut agent) = self.agent.take() {
            let _ = agent.kill();
            let _ = agent.wait();
        }
    }

    /// Waits until the agent has ended by itself.
    pub fn wait_agent(&mut self) -> Option<ExitStatus> {
        let status = ended(self.agent.as_mut()?, PATIENCE);
        self.agent = None;
        assert!(status.is_some(), "the agent did not end: {}", self.agent_log());
        status
    }

    /// Asks the agent to end, and waits.
    pub fn stop_agent(&mut self) {
        if let Some(agent) = &self.agent {
            let _ = Command::new("kill").arg(agent.id().to_string()).status();
        }
        self.wait_agent();
    }

    /// Runs a command of `lanyard` to its end.
    pub fn run(&self, arguments: &[&str]) -> Said {
        said(&mut self.command(arguments))
    }

    /// Runs it off the async runtime, so that the sandbox on the same runtime can answer.
    pub async fn say(&self, arguments: &[&str]) -> Said {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || said(&mut command)).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// `lanyard status --json`.
    pub async fn status(&self) -> Value {
        let said = self.say(&["status", "--json"]).await;
        serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("no status: {said:?}"))
    }

    /// Waits until Status is as wanted.
    ///
    /// # Panics
    /// When it does not become so in time.
    pub async fn until(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        self.until_within(what, PATIENCE, wanted).await
    }

    /// The same with another limit.
    ///
    /// # Panics
    /// When it does not become so in time.
    pub async fn until_within(&self, what: &str, limit: Duration, wanted: impl Fn(&Value) -> bool) -> Value {
        let began = Instant::now();
        loop {
            let status = self.status().await;
            if wanted(&status) {
                return status;
            }
            assert!(began.elapsed() < limit, "never {what}: {status:#}\n{}", self.agent_log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Signs in through `lanyard login --print-url` and the sandbox's own page.
    ///
    /// # Panics
    /// When it does not work.
    pub async fn sign_in(&self, user: &str) {
        let said = self.try_sign_in(user).await;
        assert_eq!(said.code, 0, "{said:?}\n{}", self.agent_log());
    }

    /// The same, with whatever it comes to.
    pub async fn try_sign_in(&self, user: &str) -> Said {
        let mut login = Login::begin(self).await;
        let url = login.url.clone();
        if let Err(error) = self.browser.sign_in(&url, user, PASSWORD).await {
            login.note = format!("{error:?}");
        }
        login.end().await
    }

    /// The desk's browser; it keeps its cookies.
    pub fn browser(&self) -> &Browser {
        &self.browser
    }
}

/// A `lanyard login --print-url` that waits for its browser.
pub struct Login {
    child: Option<Child>,
    lines: Option<BufReader<std::process::ChildStdout>>,
    /// The address to open.
    pub url: String,
    /// What the browser met.
    pub note: String,
}

impl Login {
    /// Begins, and returns once the address is there (or the command has ended without one).
    pub async fn begin(desk: &Desk) -> Self {
        Self::begin_with(desk, &["login", "--print-url"]).await
    }

    /// The same with other arguments that print an address first.
    #[expect(clippy::unwrap_used, reason = "a desk that cannot be used has nothing to tell")]
    pub async fn begin_with(desk: &Desk, arguments: &[&str]) -> Self {
        let mut command = desk.command(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        tokio::task::spawn_blocking(move || {
            let mut child = command.spawn().unwrap();
            let mut lines = BufReader::new(child.stdout.take().unwrap());
            let mut url = String::new();
            lines.read_line(&mut url).unwrap();
            Self { child: Some(child), lines: Some(lines), url: url.trim().to_owned(), note: String::new() }
        })
        .await
        .unwrap()
    }

    /// Waits for the command's end.
    #[expect(clippy::unwrap_used, reason = "a desk that cannot be used has nothing to tell")]
    pub async fn end(mut self) -> Said {
        let (child, mut lines) = (self.child.take().unwrap(), self.lines.take().unwrap());
        let note = std::mem::take(&mut self.note);
        tokio::task::spawn_blocking(move || {
            let mut rest = String::new();
            lines.read_to_string(&mut rest).unwrap();
            let mut said = Said::from(child.wait_with_output().unwrap());
            said.stdout = rest;
            said.stderr.push_str(&note);
            said
        })
        .await
        .unwrap()
    }
}

impl Drop for Login {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.kill_agent();
    }
}

/// Notes that a test could not run here, where `cargo xtask test` counts it.
pub fn skipped(why: &str) {
    use std::io::Write;
    if let Some(file) = std::env::var_os("LANYARD_SKIPS")
        && let Ok(mut file) = fs::OpenOptions::new().append(true).open(file)
    {
        let _ = writeln!(file, "SKIPPED: {why}");
    }
}

/// A program of this workspace, in the folder of the running one.
pub fn binary(name: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    let folder = own.parent().unwrap_or(Path::new("."));
    let folder = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    folder.join(name)
}
