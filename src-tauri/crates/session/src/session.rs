use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use jiff::Timestamp;
use net::Client;
use secret::Secret;
use tokio::sync::{mpsc, oneshot, watch};

use crate::driver::{Command, Driver};
use crate::state::{Closed, Demand, Reason};
use crate::vault::Keychain;
use crate::{Config, Fault, Idp, Snapshot};

/// Makes a keychain for the vault's thread.
pub type MakeKeychain = Box<dyn Fn() -> Box<dyn Keychain> + Send>;

/// What the session needs of the machine.
pub struct Setup {
    /// The vault's folder.
    pub vault_folder: PathBuf,
    /// The operating system's id of the user.
    pub user: String,
    /// The operating system's id of the machine.
    pub machine: String,
    /// The keychain.
    pub keychain: MakeKeychain,
}

/// Which proof an exchange wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SubjectKind {
    /// An ID token while one is good, else a refreshed one, else the refresh token.
    #[default]
    Auto,
    /// An ID token only.
    IdToken,
    /// The refresh token only.
    RefreshToken,
}

/// The session's proof for one token exchange at the IdP; never handed to anybody else.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The token.
    pub token: Arc<Secret>,
    /// Whether it is a refresh token.
    pub is_refresh_token: bool,
    /// The IdP that issued it and takes it.
    pub idp: Arc<Idp>,
    /// Whose it is.
    pub account: String,
    /// The epoch that what is minted from it belongs to.
    pub epoch: u64,
}

/// Why there is no subject now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// Policy names no usable identity.
    #[error("policy names no usable identity")]
    NotConfigured,
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    SignedOut(Reason),
    /// The browser is open.
    #[error("the sign-in is under way")]
    SigningIn,
    /// The IdP wants the person.
    #[error("the identity provider wants the person")]
    NeedsUser(Demand),
    /// The vault is closed.
    #[error("the vault is closed")]
    VaultClosed(Closed),
    /// The IdP is away or refuses for now.
    #[error("the session cannot be renewed now")]
    Waiting {
        /// Why.
        fault: Option<Fault>,
        /// The next try.
        retry_at: Option<Timestamp>,
    },
    /// The IdP sends no token of the kind that policy demands.
    #[error("the identity provider gives no token of the kind that policy demands")]
    NoSuchToken,
    /// The driver is gone.
    #[error("the session has stopped")]
    Stopped,
}

/// Why no sign-in began.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// Policy names no usable identity.
    #[error("policy names no usable identity")]
    NotConfigured,
    /// It could not be prepared.
    #[error("the sign-in could not be prepared")]
    Fault(Fault),
    /// The driver is gone.
    #[error("the session has stopped")]
    Stopped,
}

/// What an exchange learnt about the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// The IdP accepted the subject: the session is confirmed.
    Confirmed,
    /// The IdP wants a stronger sign-in.
    StepUp(Demand),
    /// The user is disabled or the session is over at the IdP.
    Gone,
}

/// A handle of the running session; cheap to clone.
#[derive(Clone)]
pub struct Session {
    commands: mpsc::Sender<Command>,
    snapshot: watch::Receiver<Snapshot>,
    usage: Arc<Usage>,
}

/// When tokens were last used, and when the next confirmation is overdue: Unix seconds.
pub(crate) struct Usage {
    pub(crate) used: AtomicI64,
    pub(crate) check_at: AtomicI64,
    /// How many streams run with a token.
    pub(crate) held: AtomicUsize,
}

/// Something that goes on using tokens. See [`Session::hold`].
pub struct Held(Arc<Usage>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.used.store(Timestamp::now().as_second(), Ordering::Relaxed);
        self.0.held.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Session {
    /// Starts the driver on the current runtime. It ends when every handle is gone.
    ///
    /// # Errors
    /// When the vault's thread cannot be started.
    pub fn start(setup: Setup) -> std::io::Result<Self> {
        let usage = Arc::new(Usage { used: AtomicI64::new(0), check_at: AtomicI64::new(i64::MAX), held: AtomicUsize::new(0) });
        let (commands, inbox) = mpsc::channel(256);
        let (driver, snapshot) = Driver::new(setup, usage.clone());
        tokio::spawn(driver.run(inbox));
        Ok(Self { commands, snapshot, usage })
    }

    /// Policy as it is now: an identity, or none that is usable. Also the network settings. `ends` when another
    /// source is in charge, so that the session ends although issuer and client are the same.
    pub async fn configure(&self, config: Option<Config>, client: Client, ends: bool) {
        let (done, applied) = oneshot::channel();
        if self.commands.send(Command::Configure { config: config.map(Arc::new), client, ends, done }).await.is_ok() {
            let _ = applied.await;
        }
    }

    /// What faces and doors see, now.
    pub fn snapshot(&self) -> Snapshot {
        self.snapshot.borrow().clone()
    }

    /// The same as a stream of changes.
    pub fn follow(&self) -> watch::Receiver<Snapshot> {
        self.snapshot.clone()
    }

    /// Whether tokens of `epoch` may be served, this instant.
    pub fn serves(&self, epoch: u64) -> bool {
        let snapshot = self.snapshot.borrow();
        snapshot.serves && snapshot.epoch == epoch
    }

    /// Notes that a token was served; an overdue confirmation starts by it.
    pub fn touch(&self, now: Timestamp) {
        self.usage.used.store(now.as_second(), Ordering::Relaxed);
        if now.as_second() >= self.usage.check_at.load(Ordering::Relaxed) {
            self.usage.check_at.store(i64::MAX, Ordering::Relaxed);
            let _ = self.commands.try_send(Command::Check);
        }
    }

    /// Counts tokens as in use until the guard is dropped: a stream that was opened with one is still running.
    pub fn hold(&self) -> Held {
        self.touch(Timestamp::now());
        self.usage.held.fetch_add(1, Ordering::Relaxed);
        Held(self.usage.clone())
    }

    /// The proof for an exchange; `fresh` after the IdP refused the one given before.
    pub async fn subject(&self, kind: SubjectKind, fresh: bool) -> Result<Subject, SessionError> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::Subject { kind, fresh, reply }).await.map_err(|_| SessionError::Stopped)?;
        answer.await.map_err(|_| SessionError::Stopped)?
    }

    /// Tells what an exchange learnt; ignored when it is about an earlier epoch.
    pub async fn report(&self, epoch: u64, report: Report) {
        let _ = self.commands.send(Command::Report { epoch, report }).await;
    }

    /// Begins a sign-in, or joins the one under way, and returns its address. Only a person's act may lead here (MUST 15).
    pub async fn sign_in(&self) -> Result<String, SignInError> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::SignIn { reply }).await.map_err(|_| SignInError::Stopped)?;
        answer.await.map_err(|_| SignInError::Stopped)?
    }

    /// The redirected address as a person pasted it; returns whether it belonged to the attempt.
    pub async fn paste(&self, address: &str) -> bool {
        let Ok(url) = url::Url::parse(address.trim()) else { return false };
        let Some(query) = url.query() else { return false };
        let (reply, answer) = oneshot::channel();
        let sent = self.commands.send(Command::Paste { query: query.to_owned(), reply }).await.is_ok();
        sent && answer.await.unwrap_or(false)
    }

    /// Gives up the attempt under way.
    pub async fn cancel_sign_in(&self) {
        let _ = self.commands.send(Command::CancelSignIn).await;
    }

    /// Signs out: tokens stop at once, then vault and IdP. Returns the address that ends the IdP's own session.
    pub async fn sign_out(&self) -> Option<String> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::SignOut { reply }).await.ok()?;
        answer.await.ok()?
    }

    /// Resume, a new network, an unlocked screen or keychain: what is overdue is done now.
    pub async fn surroundings_changed(&self) {
        let _ = self.commands.send(Command::SurroundingsChanged).await;
    }

    /// Takes an identity from elsewhere, for conformance suites that hand one over (LI-58).
    #[cfg(debug_assertions)]
    pub async fn import(&self, imported: Imported) {
        let _ = self.commands.send(Command::Import(imported)).await;
    }
}

/// An identity that a conformance suite hands over; there is no sign-in in its world.
#[cfg(debug_assertions)]
pub struct Imported {
    /// The ID token, unverified.
    pub id_token: Secret,
}
