//! A broker with an agent and an exchange that tests steer, and requests as bytes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use lanyard_broker::{
    Agent, Ask, Audit, Broker, Config, Doing, Hold, Limits, Minted, Refusal, Rules, Served, ServerRule, ServerTokens,
};
use secret::Secret;
use serde_json::Value;
use tokio::sync::{mpsc, watch};
use wire::{
    AgentStatus, Code, DoctorOutcome, DoctorStep, DoorStatus, PolicyReport, PolicyStatus, Problem, SessionStatus, SignIn,
    SignInRequest, SignOut, Status, VaultStatus,
};

pub(crate) const TOKEN: &str = "marked-access-token";
pub(crate) const OTHER: u32 = 65_533;

/// The agent and the exchange.
pub(crate) struct World {
    pub(crate) rules: Mutex<Arc<Rules>>,
    pub(crate) paused: AtomicBool,
    pub(crate) changes: watch::Sender<u64>,
    pub(crate) signing_in: AtomicBool,
    pub(crate) sign_ins: AtomicUsize,
    /// Whether a token is at hand.
    pub(crate) cached: AtomicBool,
    /// Whether the exchange never answers.
    pub(crate) stuck: AtomicBool,
    pub(crate) at_work: AtomicUsize,
    pub(crate) given_up: Arc<AtomicUsize>,
    pub(crate) life: Mutex<i64>,
    pub(crate) fault: Mutex<Option<Problem>>,
    /// When time alone changes Status.
    pub(crate) next_change: Mutex<Option<Timestamp>>,
}

pub(crate) fn rules() -> Rules {
    let server = |title: &str| ServerRule {
        title: title.into(),
        url: format!("https://{title}.example/mcp"),
        contact: Some(format!("{title}@example")),
        ..ServerRule::default()
    };
    let contained = ServerRule { containment: Some(Arc::default()), ..server("jira") };
    Rules {
        token_door: true,
        sign_out: true,
        contact: Some("it@example".into()),
        servers: [("wiki".to_owned(), server("wiki")), ("jira".to_owned(), contained)].into(),
        ..Rules::default()
    }
}

struct GivenUp(Arc<AtomicUsize>);

impl Drop for GivenUp {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

impl World {
    fn served(&self, minted: Option<Minted>) -> Served {
        Served {
            token: Arc::new(Secret::from(TOKEN)),
            expires_at: Timestamp::now() + SignedDuration::from_secs(*self.life.lock().unwrap()),
            scope: "read".into(),
            resource: "https://wiki.example/mcp".into(),
            epoch: 1,
            minted,
        }
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut Rules)) {
        let mut now = self.rules.lock().unwrap();
        let mut rules = Rules::clone(&now);
        change(&mut rules);
        *now = Arc::new(rules);
    }
}

impl ServerTokens for World {
    fn cached(&self, _: &str, _: &Ask) -> Option<Served> {
        self.cached.load(SeqCst).then(|| self.served(None))
    }

    fn answered<'a>(&'a self, _: &'a str, _: &'a Served, _: Refusal<'a>) -> Doing<'a, Result<Ask, Problem>> {
        Box::pin(async { Err(Code::ServerRefused.problem(None)) })
    }

    fn serves(&self, _: u64) -> bool {
        true
    }

    fn ended(&self) -> Doing<'_, Problem> {
        Box::pin(async { Code::SignInRequired.problem(None) })
    }

    fn hold(&self) -> Hold {
        Box::new(())
    }

    fn token<'a>(&'a self, _: &'a str, _: &'a Ask) -> Doing<'a, Result<Served, Problem>> {
        Box::pin(async move {
            if let Some(problem) = self.fault.lock().unwrap().clone() {
                return Err(problem);
            }
            self.at_work.fetch_add(1, SeqCst);
            if self.stuck.load(SeqCst) {
                let _given_up = GivenUp(self.given_up.clone());
                std::future::pending::<()>().await;
            }
            Ok(self.served(Some(Minted { assertion: Some("0a1b2c3d".into()), trace: Some("trace".into()) })))
        })
    }
}

impl Agent for World {
    fn next_change(&self) -> Option<Timestamp> {
        self.next_change.lock().unwrap().take()
    }

    fn status(&self) -> Status {
        Status {
            schema: wire::SCHEMA,
            version: "0".into(),
            agent: AgentStatus { running: true, pid: None, since: None, paused: self.paused.load(SeqCst), screen_locked: false },
            policy: PolicyStatus::default(),
            session: SessionStatus {
                state: "active".into(),
                reason: None,
                account: None,
                since: None,
                renews_at: None,
                fault: None,
            },
            servers: Vec::new(),
            doors: DoorStatus::default(),
            vault: VaultStatus { kind: "memory".into(), state: "open".into() },
            warnings: Vec::new(),
        }
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn rules(&self) -> Arc<Rules> {
        self.rules.lock().unwrap().clone()
    }

    fn account(&self) -> Option<String> {
        Some("ada".into())
    }

    fn sign_in(&self, _: SignInRequest) -> Doing<'_, Result<SignIn, Problem>> {
        Box::pin(async {
            self.sign_ins.fetch_add(1, SeqCst);
            if self.stuck.load(SeqCst) {
                std::future::pending::<()>().await;
            }
            if self.signing_in.load(SeqCst) {
                return Err(Code::SignInInProgress.problem(None).after(Some(9)));
            }
            Ok(SignIn { authorization_url: "https://idp.example/authorize".into() })
        })
    }

    fn sign_out(&self) -> Doing<'_, Result<SignOut, Problem>> {
        Box::pin(async { Ok(SignOut::default()) })
    }

    fn retry<'a>(&'a self, _: &'a str) -> Doing<'a, Result<(), Problem>> {
        Box::pin(async { Ok(()) })
    }

    fn policy(&self) -> PolicyReport {
        PolicyReport::default()
    }

    fn reload_policy(&self) -> Doing<'_, PolicyReport> {
        Box::pin(async { PolicyReport { hash: "fresh".into(), ..PolicyReport::default() } })
    }

    fn doctor(&self, server: Option<String>) -> mpsc::Receiver<DoctorStep> {
        let (steps, receiver) = mpsc::channel(4);
        for step in ["policy", "idp"] {
            let step = DoctorStep {
                server: server.clone(),
                step: step.into(),
                title: "Looked".into(),
                outcome: DoctorOutcome::Good,
                found: String::new(),
                sent: Vec::new(),
                theirs: None,
                who: None,
                fault: None,
                took_ms: 1,
            };
            steps.try_send(step).unwrap();
        }
        receiver
    }

    fn diagnostics(&self) -> Doing<'_, Result<wire::Diagnostics, Problem>> {
        Box::pin(async { Ok(wire::Diagnostics::default()) })
    }

    fn pause(&self, paused: bool) {
        self.paused.store(paused, SeqCst);
        self.set(|rules| rules.closed = paused.then_some(Code::DoorClosed));
    }
}

/// The world with its doors open.
pub(crate) struct Open {
    pub(crate) world: Arc<World>,
    pub(crate) broker: Option<Broker>,
    pub(crate) audit: Audit,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) runtime: tokio::runtime::Runtime,
}

pub(crate) fn limits() -> Limits {
    Limits { farewell: Duration::from_secs(5), ..Limits::default() }
}

pub(crate) fn open() -> Open {
    open_with(limits())
}

pub(crate) fn open_with(limits: Limits) -> Open {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let world = Arc::new(World {
        rules: Mutex::new(Arc::new(rules())),
        paused: AtomicBool::new(false),
        changes: watch::channel(0).0,
        signing_in: AtomicBool::new(false),
        sign_ins: AtomicUsize::new(0),
        cached: AtomicBool::new(true),
        stuck: AtomicBool::new(false),
        at_work: AtomicUsize::new(0),
        given_up: Arc::new(AtomicUsize::new(0)),
        life: Mutex::new(3_600),
        fault: Mutex::new(None),
        next_change: Mutex::new(None),
    });
    let folder = tempfile::tempdir().unwrap();
    let audit = Audit::start(Vec::new()).unwrap();
    let config =
        Config { socket: folder.path().join("run/lanyard.sock"), state_folder: folder.path().into(), loopback: Some(0), limits };
    let inside = runtime.enter();
    let broker = Broker::start(config, world.clone(), world.clone(), audit.clone()).unwrap();
    drop(inside);
    let open = Open { world, broker: Some(broker), audit, folder, runtime };
    until(|| open.broker().doors().status.loopback.is_some());
    open
}

impl Open {
    pub(crate) fn broker(&self) -> &Broker {
        self.broker.as_ref().unwrap()
    }

    pub(crate) fn socket_path(&self) -> PathBuf {
        self.folder.path().join("run/lanyard.sock")
    }

    pub(crate) fn port(&self) -> u16 {
        let address = self.broker().doors().status.loopback.unwrap();
        address.rsplit(':').next().unwrap().parse().unwrap()
    }

    pub(crate) fn socket(&self) -> UnixStream {
        limited(UnixStream::connect(self.socket_path()).unwrap())
    }

    pub(crate) fn tcp(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port())).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// A request on a connection of its own over the socket.
    pub(crate) fn ask(&self, method: &str, path: &str, body: Option<&str>) -> Reply {
        exchange(self.socket(), &request(method, path, &["Host: x"], body))
    }

    pub(crate) fn shutdown(&mut self) {
        let broker = self.broker.take().unwrap();
        self.runtime.block_on(broker.shutdown());
    }
}

fn limited(stream: UnixStream) -> UnixStream {
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

pub(crate) fn request(method: &str, path: &str, headers: &[&str], body: Option<&str>) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\n");
    for header in headers {
        text.push_str(&format!("{header}\r\n"));
    }
    if let Some(body) = body {
        text.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()));
    }
    text.push_str("Connection: close\r\n\r\n");
    text.push_str(body.unwrap_or_default());
    text.into_bytes()
}

/// An answer, read to the end of its connection.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        Self { status, head: head.to_ascii_lowercase(), body: body.into() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn code(&self) -> String {
        assert!(self.head.contains("content-type: application/problem+json"), "{self:?}");
        self.json()["code"].as_str().unwrap().to_owned()
    }

    /// What holds for every answer of every door.
    pub(crate) fn is_clean(&self) -> bool {
        self.status != 401 && !self.head.contains("www-authenticate") && !self.head.contains("access-control")
    }
}

pub(crate) fn exchange(mut stream: impl Read + Write, bytes: &[u8]) -> Reply {
    // A door that refuses early may close before everything was sent.
    let _ = stream.write_all(bytes);
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text);
    let reply = Reply::parse(&String::from_utf8_lossy(&text));
    assert!(reply.is_clean(), "{reply:?}");
    reply
}

/// One answer with a Content-Length, on a connection that stays open.
pub(crate) fn one(stream: &mut impl Read) -> Reply {
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        text.push(byte[0]);
    }
    let head = String::from_utf8(text).unwrap().to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    Reply::parse(&(head + std::str::from_utf8(&body).unwrap()))
}

/// Waits for something that will come.
pub(crate) fn until(mut so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !so() {
        assert!(Instant::now() < end, "it never came");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Does `work` as another user, on a thread of its own; `None`, and says so, when this process may not.
pub(crate) fn as_other<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can become another user");
        return None;
    }
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let other = rustix::process::Uid::from_raw(OTHER);
            rustix::thread::set_thread_res_uid(other, other, other).unwrap();
            work()
        });
        Some(thread.join().unwrap())
    })
}
