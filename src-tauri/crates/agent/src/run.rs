use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use std::time::Duration;

use broker::audit::Audit;
use broker::{Agent, Broker};
use exchange::Exchange;
use jiff::Timestamp;
use net::{Client, Settings};
use policy::change::{IdentityChange, between};
use policy::{AutoSignIn, OnScreenLock, Policy, Reader};
use session::state::Reason;
use session::surroundings::{Change, follow};
use session::vault::{SystemKeychain, machine_id};
use session::{Session, Setup, Snapshot};
use tokio::sync::watch;
use wire::Code;
use wire::place::Environment;

use crate::auto_sign_in::Turn;
use crate::face::{Face, Wired, held};
use crate::instance::Instance;
use crate::paths::Paths;
use crate::refusal::Refusal;
use crate::signals::{Signal, Signals};
use crate::{audit, debug, fault, harden, logging, stage, wiring};

/// How to run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--policy FILE`: refused while a machine policy exists.
    pub policy_file: Option<PathBuf>,
    /// Where the socket is instead of the usual place.
    pub socket: Option<PathBuf>,
    /// What ends the agent, besides the system's signals.
    pub stop: Stop,
}

/// Ends an agent from elsewhere in its process.
#[derive(Clone, Debug)]
pub struct Stop(watch::Sender<bool>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stop {
    /// From now on the agent ends, also one that is yet to start.
    pub fn now(&self) {
        self.0.send_replace(true);
    }

    /// Whether the agent is to end.
    pub fn is_wanted(&self) -> bool {
        *self.0.borrow()
    }

    async fn wanted(&self) {
        // The sender is this.
        let mut told = self.0.subscribe();
        let _gone = told.wait_for(|stop| *stop).await;
    }
}

/// Runs the agent until it is told to stop.
///
/// # Errors
/// Why it did not run; where that is trouble, it is kept for whoever asks while no agent runs ([`wire::refused`]).
pub fn run(options: Options) -> Result<(), Refusal> {
    logging::start();
    harden::apply();
    // A host outlives the agent in it, and tries again.
    let ended = catch_unwind(AssertUnwindSafe(|| stage::play(move || played(options)))).unwrap_or(Err(Refusal::Broken));
    if let Err(refusal) = &ended {
        tracing::error!("{refusal}");
        let kept = refusal.problem().zip(Environment::current().state_folder());
        if let Some(Err(error)) = kept.map(|(problem, state)| wire::refused::keep(&state, &problem)) {
            tracing::warn!(%error, "why it does not run could not be kept");
        }
    }
    ended
}

fn played(options: Options) -> Result<(), Refusal> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).max_blocking_threads(8).enable_all().build()?;
    let ended = runtime.block_on(live(options));
    // A keychain that hangs must not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    ended
}

async fn live(options: Options) -> Result<(), Refusal> {
    let mut paths = Paths::make(&Environment::current())?;
    if let Some(socket) = options.socket {
        paths.socket = socket;
    }
    let _instance = Instance::take(&paths.data)?;
    let roots = debug::roots();
    let mut reader = Reader::new(roots.clone(), options.policy_file.clone());
    let first = reader.read();
    if options.policy_file.is_some() && first.managed {
        return Err(Refusal::MachinePolicy);
    }
    logging::set(first.appearance.log_level);
    let (policy, reloader) = policy::watch::follow(reader);
    let setup = Setup {
        vault_folder: paths.data.clone(),
        user: wire::User::current()?.to_string(),
        machine: machine_id(),
        keychain: Box::new(|| Box::new(SystemKeychain)),
    };
    let session = Session::start(setup)?;
    let client = Client::new(Settings::default());
    let exchange = Exchange::new(Arc::new(session.clone()), &paths.state, client.clone());
    let audit = Audit::start(broker::audit::recent(&paths.state.join("audit.jsonl")))?;
    let face = Arc::new(Face {
        session: session.clone(),
        exchange: exchange.clone(),
        policy: policy.clone(),
        reloader,
        applied: watch::Sender::new(None),
        roots,
        since: Timestamp::now(),
        state: paths.state.clone(),
        wired: Mutex::new(Wired { client, config: Err(Code::NotConfigured.problem(None)), faults: Vec::new() }),
        rules: RwLock::default(),
        paused: AtomicBool::new(false),
        screen_locked: AtomicBool::new(false),
        changes: watch::Sender::new(0),
        doors: OnceLock::new(),
    });
    let mut driver = Driver {
        face: face.clone(),
        audit: audit.clone(),
        seen: session.snapshot(),
        paths: paths.clone(),
        turn: Turn::default(),
    };
    driver.apply(policy.borrow().clone(), None).await;
    debug::import(&session).await;
    let config = broker::Config {
        socket: paths.socket.clone(),
        state_folder: paths.state.clone(),
        loopback: loopback(&policy.borrow()),
        limits: broker::Limits::default(),
    };
    let broker = Broker::start(config, face.clone(), Arc::new(exchange), audit.clone())?;
    let _first = face.doors.set(broker.watch_doors());
    if let Err(error) = wire::refused::forget(&paths.state) {
        tracing::warn!(%error, "why an earlier one did not run could not be forgotten");
    }
    tracing::info!(socket = %paths.socket.display(), "the agent runs");
    let ended = driver.follow(policy, &broker, &options.stop).await;
    broker.shutdown().await;
    audit.flush();
    ended.map_err(Refusal::from)
}

fn loopback(policy: &Policy) -> Option<u16> {
    policy.doors.loopback_door.then_some(policy.doors.loopback_port)
}

/// Feeds the rooms with what changes: policy, session, surroundings.
struct Driver {
    face: Arc<Face>,
    audit: Audit,
    seen: Snapshot,
    paths: Paths,
    turn: Turn,
}

impl Driver {
    async fn follow(&mut self, mut policy: watch::Receiver<Arc<Policy>>, broker: &Broker, stop: &Stop) -> std::io::Result<()> {
        let mut snapshots = self.face.session.follow();
        let mut exchanges = self.face.exchange.follow();
        let mut doors = broker.watch_doors();
        let mut surroundings = follow();
        let mut signals = Signals::listen()?;
        let writer = tokio::spawn(write_status(self.face.clone(), self.paths.state.join("status.json")));
        self.session_changed().await;
        loop {
            tokio::select! {
                changed = policy.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    let new = policy.borrow_and_update().clone();
                    self.apply(new, Some(broker)).await;
                }
                changed = snapshots.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    snapshots.borrow_and_update();
                    self.session_changed().await;
                }
                Ok(()) = exchanges.changed() => self.face.bump(),
                Ok(()) = doors.changed() => self.face.bump(),
                Some(change) = surroundings.recv() => self.surroundings_changed(change).await,
                () = self.turn.due() => self.auto_sign_in().await,
                () = stop.wanted() => break,
                signal = signals.next() => match signal {
                    Signal::Reload => drop(self.face.reloader.reload().await),
                    Signal::Stop => break,
                },
            }
        }
        writer.abort();
        Ok(())
    }

    /// Applies policy to exactly what it touches.
    async fn apply(&mut self, new: Arc<Policy>, broker: Option<&Broker>) {
        let change = self.face.applied.borrow().as_ref().map(|old| between(old, &new));
        let (settings, network_fault) = wiring::network(&new, &self.face.roots);
        let config = wiring::session(&new, &self.face.roots);
        let (exchange, server_faults) = wiring::exchange(&new, &self.face.roots);
        let client = {
            let mut wired = held(&self.face.wired);
            if *wired.client.settings() != settings {
                wired.client = Client::new(settings);
            }
            wired.config = config.clone();
            let audit_fault = audit::file(&new, &self.paths.state).1;
            wired.faults = network_fault.into_iter().chain(audit_fault).chain(server_faults).collect();
            if let Err(error) = wired.client.settings().extra_ca_pem.as_ref().map_or(Ok(()), |_| wired.client.check()) {
                wired.faults.push(format!("{error}."));
            }
            wired.client.clone()
        };
        let ends = change.as_ref().is_some_and(|change| change.identity == IdentityChange::Ended);
        self.face.exchange.configure(exchange, client.clone());
        self.face.session.configure(config.ok(), client.clone(), ends).await;
        self.face.renew_rules();
        if change.as_ref().is_none_or(|change| change.audit || change.network) {
            audit::sinks(&self.audit, &new, &self.paths.state, &client);
        }
        logging::set(new.appearance.log_level);
        if let (Some(broker), true) = (broker, change.as_ref().is_some_and(|change| change.doors)) {
            broker.set_loopback(loopback(&new));
        }
        if let Some(change) = change.filter(|change| !change.is_empty()) {
            self.audit.record(audit::event("policy-changed", self.face.account(), Some(changed_names(&change)), None));
        }
        self.face.applied.send_replace(Some(new));
        self.face.bump();
    }

    async fn session_changed(&mut self) {
        let now = self.face.session.snapshot();
        let identity = self.face.current().audit.identity;
        let who = |snapshot: &Snapshot| snapshot.account.as_ref().map(|account| audit::account(account, identity));
        if now.sign_ins > self.seen.sign_ins {
            self.audit.record(audit::event("signed-in", who(&now), None, None));
        }
        if self.seen.epoch != now.epoch && !now.serves {
            self.face.exchange.wipe();
        }
        if self.seen.serves && !now.serves {
            let (name, reason) = match now.reason {
                Some(Reason::User) => ("signed-out", None),
                Some(reason) => ("session-ended", Some(fault::why(reason).to_owned())),
                None => ("session-ended", None),
            };
            let code = (name == "session-ended").then_some(Code::SignInRequired);
            self.audit.record(audit::event(name, who(&self.seen), reason, code));
        }
        if now.reason == Some(Reason::VaultDamaged) && self.seen.reason != Some(Reason::VaultDamaged) {
            self.audit.record(audit::event("vault-damaged", None, Some(fault::why(Reason::VaultDamaged).to_owned()), None));
        }
        self.seen = now;
        self.face.bump();
        self.auto_sign_in().await;
    }

    /// `AutoSignIn`: once per log-on, never after a person signed out.
    async fn auto_sign_in(&mut self) {
        let wanted = self.face.current().session.auto_sign_in == AutoSignIn::AtLogOn;
        let without_session = self.seen.label == "signed-out" && self.seen.reason != Some(Reason::User);
        if !wanted || !without_session {
            return self.turn.rest();
        }
        if !self.turn.take(&self.paths).await {
            return;
        }
        match self.face.session.sign_in().await {
            Ok(url) => {
                let _told = self.face.opened(&url).await;
            }
            Err(error) => tracing::warn!(%error, "the automatic sign-in could not begin"),
        }
    }

    async fn surroundings_changed(&mut self, change: Change) {
        // What was deployed while the machine slept may have come without a sign.
        if matches!(change, Change::Resumed | Change::ScreenUnlocked) {
            drop(self.face.reloader.reload().await);
        }
        match change {
            Change::Resumed | Change::NetworkChanged => {
                held(&self.face.wired).client.network_changed();
                self.face.exchange.network_changed();
                self.face.session.surroundings_changed().await;
            }
            // What was minted under the old clock cannot be trusted to end in time.
            Change::ClockJumped => {
                self.face.exchange.wipe();
                self.face.session.surroundings_changed().await;
            }
            Change::ScreenLocked => {
                self.face.screen_locked.store(true, Ordering::Relaxed);
                if self.face.current().session.on_screen_lock == OnScreenLock::WipeCache {
                    self.face.exchange.wipe();
                }
                self.face.renew_rules();
            }
            Change::ScreenUnlocked => {
                self.face.screen_locked.store(false, Ordering::Relaxed);
                self.face.renew_rules();
                self.face.session.surroundings_changed().await;
            }
        }
    }
}

/// The groups of settings that changed: never a value, which could be secret.
fn changed_names(change: &policy::change::Change) -> String {
    let servers = !(change.servers.added.is_empty()
        && change.servers.removed.is_empty()
        && change.servers.changed.is_empty()
        && change.servers.guarded.is_empty()
        && change.servers.retitled.is_empty());
    let groups = [
        (change.identity != IdentityChange::Same, "identity"),
        (change.session, "session"),
        (change.exchange, "exchange"),
        (servers, "servers"),
        (change.doors, "doors"),
        (change.network, "network"),
        (change.audit, "audit"),
        (change.appearance, "appearance"),
    ];
    groups.iter().filter(|(changed, _)| *changed).map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
}

/// Keeps the status file as Status is, at most once a second.
async fn write_status(face: Arc<Face>, path: PathBuf) {
    let mut changes = face.changes();
    let mut written = None;
    loop {
        changes.borrow_and_update();
        let status = face.status();
        if written.as_ref() != Some(&status) {
            if let Err(error) = store(&path, &status) {
                tracing::warn!(%error, "the status file could not be written");
            }
            written = Some(status);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        if changes.changed().await.is_err() {
            return;
        }
    }
}

fn store(path: &std::path::Path, status: &wire::Status) -> std::io::Result<()> {
    let json = serde_json::to_vec_pretty(status).map_err(std::io::Error::other)?;
    secret::private::write(path, &json)
}
