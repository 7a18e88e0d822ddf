//! What stands behind the verbs of the doors.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use broker::{Agent, Doing, Doors, Rules};
use exchange::Exchange;
use jiff::Timestamp;
use net::Client;
use policy::watch::Reloader;

use policy::{OnScreenLock, Policy, Roots};
use session::{Session, SignInError, browser};
use tokio::sync::{mpsc, watch};
use wire::{Code, Diagnostics, DoctorStep, PolicyReport, Problem, SignIn, SignInRequest, SignOut, Status};

use crate::diagnostics::{self, Findings};
use crate::doctor::{Patient, basics, examine};
use crate::status::{Parts, status};
use crate::{audit, fault, wiring};

/// How long a reload waits for the rooms; one that is busy takes the policy a little later.
const APPLYING: Duration = Duration::from_secs(5);

/// The rooms, and what faces ask of them.
pub(crate) struct Face {
    pub(crate) session: Session,
    pub(crate) exchange: Exchange,
    pub(crate) policy: watch::Receiver<Arc<Policy>>,
    pub(crate) reloader: Reloader,
    /// The policy that every room works by.
    pub(crate) applied: watch::Sender<Option<Arc<Policy>>>,
    pub(crate) roots: Roots,
    pub(crate) since: Timestamp,
    /// Where status file, audit and logs are.
    pub(crate) state: PathBuf,
    pub(crate) wired: Mutex<Wired>,
    pub(crate) rules: RwLock<Arc<Rules>>,
    pub(crate) paused: AtomicBool,
    /// `OnScreenLock` pause-serving, while the screen is locked.
    pub(crate) screen_locked: AtomicBool,
    pub(crate) changes: watch::Sender<u64>,
    pub(crate) doors: OnceLock<watch::Receiver<Doors>>,
}

/// What policy was turned into last.
pub(crate) struct Wired {
    pub(crate) client: Client,
    /// What the session works by, or why it cannot.
    pub(crate) config: Result<session::Config, Problem>,
    pub(crate) faults: Vec<String>,
}

impl Face {
    /// Policy as it is now.
    pub(crate) fn current(&self) -> Arc<Policy> {
        self.policy.borrow().clone()
    }

    /// Builds the rules anew: policy changed, a key file did, or somebody paused.
    pub(crate) fn renew_rules(&self) {
        let (unusable, client) = {
            let wired = held(&self.wired);
            (wired.config.as_ref().err().map(|problem| problem.code), wired.client.clone())
        };
        let policy = self.current();
        let paused = self.paused.load(Ordering::Relaxed) || self.is_held_by_screen(&policy);
        let rules = Arc::new(wiring::rules(&policy, client, unusable, paused));
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = rules;
        self.bump();
    }

    /// Whether a locked screen keeps the doors closed (`OnScreenLock`).
    fn is_held_by_screen(&self, policy: &Policy) -> bool {
        policy.session.on_screen_lock == OnScreenLock::PauseServing && self.screen_locked.load(Ordering::Relaxed)
    }

    /// Says that Status may have changed.
    pub(crate) fn bump(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    fn contact(&self) -> Option<String> {
        self.current().appearance.support_contact.clone()
    }

    async fn begin_sign_in(&self, request: SignInRequest) -> Result<SignIn, Problem> {
        let contact = self.contact();
        let contact = contact.as_deref();
        if let Some(address) = request.redirected {
            return match self.session.paste(&address).await {
                true => Ok(SignIn { authorization_url: String::new() }),
                false => Err(Code::BadRequest
                    .problem(contact)
                    .because("The address does not belong to the sign-in under way, or the sign-in failed.")),
            };
        }
        if request.open_browser && self.session.snapshot().signing_in {
            return Err(Code::SignInInProgress.problem(contact).after(Some(10)));
        }
        let authorization_url = match &request.server {
            Some(server) => self.exchange.authorize(server).await.map_err(|error| broker::problem(&error))?,
            None => self.begin_session(contact).await?,
        };
        if request.open_browser && !self.opened(&authorization_url).await {
            let why = "No browser could be opened on this computer; `lanyard login --print-url` shows the address instead.";
            return Err(Code::SignInRequired.problem(contact).because(why));
        }
        Ok(SignIn { authorization_url })
    }

    /// Whether a browser opened at a sign-in. One that did not ends the attempt, which nobody could finish, and which would stand
    /// in the way of the next for minutes.
    pub(crate) async fn opened(&self, authorization_url: &str) -> bool {
        let address = authorization_url.to_owned();
        // It waits for what opens the browser.
        let opened = tokio::task::spawn_blocking(move || browser::open_on_desktop(&address)).await;
        let Err(error) = opened.unwrap_or_else(|broken| Err(broken.into())) else { return true };
        tracing::warn!(%error, "no browser could be opened");
        self.session.cancel_sign_in().await;
        false
    }

    async fn begin_session(&self, contact: Option<&str>) -> Result<String, Problem> {
        self.session.sign_in().await.map_err(|error| match error {
            SignInError::NotConfigured => self.closed().unwrap_or_else(|| Code::NotConfigured.problem(contact)),
            SignInError::Fault(why) => fault::of_fault(&why, contact),
            SignInError::Stopped => Code::Busy.problem(contact),
        })
    }

    fn patient(&self, server: Option<String>) -> Patient {
        let wired = held(&self.wired);
        Patient {
            policy: self.current(),
            config: wired.config.clone(),
            wiring_faults: wired.faults.clone(),
            client: wired.client.clone(),
            snapshot: self.session.snapshot(),
            exchange: self.exchange.clone(),
            server,
        }
    }

    /// Why nobody can sign in by this policy.
    fn closed(&self) -> Option<Problem> {
        held(&self.wired).config.as_ref().err().cloned()
    }
}

impl Agent for Face {
    fn status(&self) -> Status {
        // The policy by which the session beside it works, or Status would contradict itself while a new one is taken up.
        let policy = self.applied.borrow().clone().unwrap_or_else(|| self.current());
        let snapshot = self.session.snapshot();
        let mut doors = self.doors.get().map(|doors| doors.borrow().clone()).unwrap_or_default();
        doors.problems.extend(held(&self.wired).faults.iter().cloned());
        status(&Parts {
            policy: &policy,
            snapshot: &snapshot,
            closed: self.closed(),
            health: &|id| self.exchange.health(id),
            doors: doors.status,
            paused: self.paused.load(Ordering::Relaxed),
            screen_locked: self.is_held_by_screen(&policy),
            since: self.since,
            warnings: doors.problems,
        })
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn next_change(&self) -> Option<Timestamp> {
        self.exchange.next_change()
    }

    fn rules(&self) -> Arc<Rules> {
        self.rules.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn account(&self) -> Option<String> {
        let account = self.session.snapshot().account?;
        Some(audit::account(&account, self.current().audit.identity))
    }

    fn sign_in(&self, request: SignInRequest) -> Doing<'_, Result<SignIn, Problem>> {
        Box::pin(self.begin_sign_in(request))
    }

    fn sign_out(&self) -> Doing<'_, Result<SignOut, Problem>> {
        Box::pin(async {
            // A caller that goes away must not stop a sign-out half-way.
            let (session, exchange) = (self.session.clone(), self.exchange.clone());
            let signing_out = tokio::spawn(async move {
                let end_session_url = session.sign_out().await;
                exchange.wipe();
                end_session_url
            });
            Ok(SignOut { end_session_url: signing_out.await.ok().flatten() })
        })
    }

    fn retry<'a>(&'a self, server: &'a str) -> Doing<'a, Result<(), Problem>> {
        Box::pin(async move {
            match self.exchange.retry(server) {
                true => Ok(()),
                false => Err(Code::ServerUnknown.problem(self.contact().as_deref())),
            }
        })
    }

    fn policy(&self) -> PolicyReport {
        self.current().report()
    }

    fn reload_policy(&self) -> Doing<'_, PolicyReport> {
        Box::pin(async {
            let policy = self.reloader.reload().await;
            // Whoever asked for it may rely on it: every room works by this policy when the answer comes.
            let mut applied = self.applied.subscribe();
            let is_this = |now: &Option<Arc<Policy>>| now.as_ref().is_some_and(|now| **now == *policy);
            let _late = tokio::time::timeout(APPLYING, applied.wait_for(is_this)).await;
            policy.report()
        })
    }

    fn doctor(&self, server: Option<String>) -> mpsc::Receiver<DoctorStep> {
        let (steps, receiver) = mpsc::channel(32);
        tokio::spawn(examine(self.patient(server), steps));
        receiver
    }

    fn diagnostics(&self) -> Doing<'_, Result<Diagnostics, Problem>> {
        Box::pin(async {
            let findings = Findings {
                status: Some(self.status()),
                policy: Agent::policy(self),
                steps: basics(&self.patient(None)).await,
                state: Some(self.state.clone()),
            };
            let collected = tokio::task::spawn_blocking(move || diagnostics::collect(&findings)).await;
            collected.map_err(|_| Code::Internal.problem(self.contact().as_deref()))
        })
    }

    fn pause(&self, paused: bool) {
        self.paused.store(paused, Ordering::Relaxed);
        self.renew_rules();
    }
}

pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
