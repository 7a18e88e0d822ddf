//! The one place where the session acts: it feeds [`step`] and performs what it returns.

mod answers;
mod commands;
mod effects;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::Timestamp;
use net::Client;
use secret::Secret;
use tokio::sync::{mpsc, oneshot, watch};

use crate::attempt::Arrived;
use crate::desk::Desk;
use crate::id_token::Claims;
use crate::idp::Known;
use crate::redirect::Arrival;
use crate::refresh::{Line, Refreshed};
use crate::session::{Setup, Usage};
use crate::state::{Closed, Effect, Event, Machine, State, step};
use crate::vault::{Kind, Opened, VaultFault};
use crate::{Account, Config, Fault, Report, SessionError, SignInError, Snapshot, Subject, SubjectKind, VaultState, VaultStatus};

/// What handles ask for.
pub(crate) enum Command {
    Configure {
        config: Option<Arc<Config>>,
        client: Client,
        ends: bool,
        done: oneshot::Sender<()>,
    },
    Subject {
        kind: SubjectKind,
        fresh: bool,
        reply: oneshot::Sender<Result<Subject, SessionError>>,
    },
    Report {
        epoch: u64,
        report: Report,
    },
    Check,
    SignIn {
        reply: oneshot::Sender<Result<String, SignInError>>,
    },
    Paste {
        query: String,
        reply: oneshot::Sender<bool>,
    },
    CancelSignIn,
    SignOut {
        reply: oneshot::Sender<Option<String>>,
    },
    SurroundingsChanged,
    #[cfg(debug_assertions)]
    Import(crate::Imported),
}

/// What tasks bring back.
enum Answer {
    VaultOpened(Result<Opened, VaultFault>, Kind),
    AttemptReady { attempt: u64, url: Result<String, Fault> },
    AttemptEnded { attempt: u64, outcome: Box<Result<Arrived, Fault>> },
    Sealed { attempt: u64, arrived: Box<Arrived>, unsealed: Option<Fault>, kind: Kind },
    Refreshed { flight: u64, outcome: Box<Refreshed> },
    Flushed(Option<Fault>),
}

/// The identity in memory, no longer than it is valid.
struct Identity {
    token: Arc<Secret>,
    expires: i64,
}

type SubjectReply = oneshot::Sender<Result<Subject, SessionError>>;

pub(crate) struct Driver {
    setup: Setup,
    machine: Machine,
    line: Option<Line>,
    identity: Option<Identity>,
    account: Option<Account>,
    since: Option<Timestamp>,
    has_refresh_token: bool,
    /// What the IdP said of the account last, to be judged again when policy's rules change.
    claims: Option<Claims>,
    rejudge: bool,
    confirmed: Timestamp,
    failures: u32,
    fault: Option<Fault>,
    unsealed: bool,
    epoch: u64,
    sign_ins: u64,
    clock_offset: Option<i64>,
    vault: VaultStatus,
    attempt_task: Option<tokio::task::AbortHandle>,
    attempt_url: Option<String>,
    paste: Option<mpsc::Sender<Arrival>>,
    url_waiters: Vec<oneshot::Sender<Result<String, SignInError>>>,
    waiters: Vec<(SubjectKind, SubjectReply)>,
    usage: Arc<Usage>,
    answers: (mpsc::UnboundedSender<Answer>, mpsc::UnboundedReceiver<Answer>),
    faces: watch::Sender<Snapshot>,
}

/// How long until a rotated token that is only in memory is written again.
const FLUSH_AGAIN: Duration = Duration::from_secs(60);

impl Driver {
    pub(crate) fn new(setup: Setup, usage: Arc<Usage>) -> (Self, watch::Receiver<Snapshot>) {
        let vault = VaultStatus { kind: Kind::Keychain, state: VaultState::Absent };
        let machine = Machine::new();
        let (faces, snapshot) = watch::channel(Snapshot {
            label: machine.label(),
            reason: None,
            demand: None,
            closed: None,
            account: None,
            since: None,
            renews_at: None,
            serves: false,
            epoch: 0,
            sign_ins: 0,
            renewable: false,
            signing_in: false,
            fault: None,
            vault,
            clock_offset: None,
        });
        let driver = Self {
            setup,
            machine,
            line: None,
            identity: None,
            account: None,
            since: None,
            has_refresh_token: false,
            claims: None,
            rejudge: false,
            confirmed: Timestamp::UNIX_EPOCH,
            failures: 0,
            fault: None,
            unsealed: false,
            epoch: 0,
            sign_ins: 0,
            clock_offset: None,
            vault,
            attempt_task: None,
            attempt_url: None,
            paste: None,
            url_waiters: Vec::new(),
            waiters: Vec::new(),
            usage,
            answers: mpsc::unbounded_channel(),
            faces,
        };
        (driver, snapshot)
    }

    pub(crate) async fn run(mut self, mut inbox: mpsc::Receiver<Command>) {
        loop {
            let until_due = self.until_due();
            tokio::select! {
                command = inbox.recv() => match command {
                    Some(command) => self.command(command).await,
                    None => break,
                },
                Some(answer) = self.answers.1.recv() => self.answer(answer).await,
                () = sleep(until_due) => self.time_came(),
            }
            self.settle();
        }
    }

    /// Feeds the machine and performs what it asks for, in order.
    fn dispatch(&mut self, event: Event) {
        let (machine, effects) = step(self.machine.clone(), event, Timestamp::now());
        self.machine = machine;
        for effect in effects {
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::OpenVault => self.open_vault(),
            Effect::BeginAttempt(id) => self.begin_attempt(id),
            Effect::EndAttempt => self.end_attempt(),
            Effect::Refresh(id) => self.begin_refresh(id),
            Effect::DropTokens => {
                self.epoch += 1;
                self.identity = None;
                // Faces and doors learn it before anything slower happens.
                self.publish();
            }
            // Signing out revokes by itself, because it must take the token out before it is wiped.
            Effect::RevokeAtIdp => {}
            Effect::WipeVault => self.wipe(),
        }
    }

    fn time_came(&mut self) {
        let now = Timestamp::now();
        if self.unsealed {
            self.flush();
        }
        if self.identity.as_ref().is_some_and(|identity| identity.expires <= now.as_second()) {
            self.identity = None;
            if !self.has_refresh_token && self.machine.serves() {
                return self.dispatch(Event::IdentityExpired);
            }
        }
        if let State::Active { renew_at } = self.machine.state
            && renew_at <= now
            && (!self.has_refresh_token || crate::renewal::may_wait(now, self.confirmed, self.used()))
        {
            // The next caller finds the confirmation overdue and starts it.
            self.usage.check_at.store(0, Ordering::Relaxed);
            let later = now + self.check_every();
            self.dispatch(Event::CheckPostponed { renew_at: later });
        }
        if self.machine.wake_at().is_some_and(|due| due <= now) {
            self.dispatch(Event::TimeCame);
        }
    }

    fn until_due(&self) -> Option<Duration> {
        let now = Timestamp::now();
        let expiry = self.identity.as_ref().and_then(|identity| Timestamp::from_second(identity.expires).ok());
        let flush = self.unsealed.then_some(now + FLUSH_AGAIN);
        let due = [self.machine.wake_at(), expiry, flush].into_iter().flatten().min()?;
        Some(Duration::try_from(due.duration_since(now)).unwrap_or_default())
    }

    fn used(&self) -> Option<Timestamp> {
        if self.usage.held.load(Ordering::Relaxed) > 0 {
            return Some(Timestamp::now());
        }
        Timestamp::from_second(self.usage.used.load(Ordering::Relaxed)).ok().filter(|used| *used > Timestamp::UNIX_EPOCH)
    }

    fn check_every(&self) -> Duration {
        self.line.as_ref().map_or(Duration::from_secs(900), |line| line.config.check_every)
    }

    /// Notes a confirmation by the IdP and returns when the next is due.
    fn confirm(&mut self) -> Timestamp {
        self.confirmed = Timestamp::now();
        self.failures = 0;
        let next = crate::renewal::next_check(self.confirmed, self.check_every(), crate::renewal::unit());
        self.usage.check_at.store(next.as_second(), Ordering::Relaxed);
        next
    }

    /// After every turn: callers that can be answered are, and faces see the new state.
    fn settle(&mut self) {
        if self.machine.flight.is_none() && !matches!(self.machine.state, State::VaultClosed(Closed::Opening, _)) {
            for (kind, reply) in std::mem::take(&mut self.waiters) {
                self.subject_now(kind, reply);
            }
        }
        self.publish();
    }

    fn publish(&self) {
        let state = &self.machine.state;
        let lives = self.machine.serves();
        let next = Snapshot {
            label: self.machine.label(),
            reason: if let State::SignedOut(reason) = state { Some(*reason) } else { None },
            demand: if let State::NeedsUser(demand, _) = state { Some(demand.clone()) } else { None },
            closed: if let State::VaultClosed(closed, _) = state { Some(*closed) } else { None },
            account: self.account.clone().filter(|_| lives),
            since: self.since.filter(|_| lives),
            renews_at: match state {
                State::Active { renew_at } => Some(*renew_at),
                State::Waiting { retry_at, .. } => Some(*retry_at),
                _ => None,
            },
            serves: lives,
            epoch: self.epoch,
            sign_ins: self.sign_ins,
            renewable: self.has_refresh_token,
            signing_in: self.machine.attempt.is_some(),
            fault: self.fault.clone(),
            vault: self.vault,
            clock_offset: self.clock_offset.filter(|offset| offset.abs() > 30),
        };
        self.faces.send_if_modified(|held| {
            let changed = *held != next;
            if changed {
                *held = next;
            }
            changed
        });
    }

    fn desk(&self) -> Option<Desk> {
        self.line.as_ref().map(|line| line.desk.clone())
    }

    fn line_for(&self, config: Arc<Config>, client: Client, known: Arc<Known>) -> std::io::Result<Line> {
        let binding = crate::vault::Binding {
            issuer: config.issuer.clone(),
            client_id: config.client_id.clone(),
            user: self.setup.user.clone(),
            machine: self.setup.machine.clone(),
        };
        let vault =
            crate::vault::Vault::new(self.setup.vault_folder.clone(), (self.setup.keychain)(), config.vault_fallback, binding);
        Ok(Line { client, config, known, desk: Desk::new(vault)? })
    }
}

async fn sleep(until: Option<Duration>) {
    match until {
        // A little more, so that the clock has really passed it.
        Some(until) => tokio::time::sleep(until + Duration::from_millis(5)).await,
        None => std::future::pending().await,
    }
}
