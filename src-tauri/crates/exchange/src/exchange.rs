use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use net::Client;
use tokio::sync::watch;

use crate::assertion::Assertion;
use crate::cache::{Ask, Entry, Health, IN_USE, Lookup, Slot, Standing, lock};
use crate::classify::Leg;
use crate::config::{Config, Route};
use crate::discovery::Target;
use crate::error::{ExchangeError, Kind};
use crate::flight::{Flight, Joined, Outcome};
use crate::memory::Memory;
use crate::mint::{Bench, Ledger, is_presentable, unit};
use crate::mints::Mints;
use crate::trail::Trail;
use crate::upstream::SubjectTokens;

/// One mint, all calls and waits included.
const MINT_LIMIT: Duration = Duration::from_secs(30);
/// How long metadata is believed.
const TARGET_LIFE: SignedDuration = SignedDuration::from_hours(1);

/// The handle of this room; cheap to clone.
#[derive(Clone)]
pub struct Exchange(Arc<Inner>);

struct Inner {
    subjects: Arc<dyn SubjectTokens>,
    memory: Arc<Memory>,
    mints: Arc<Mints>,
    rules: Mutex<(Arc<Config>, Client)>,
    slots: Mutex<HashMap<String, Slot>>,
    assertions: Mutex<HashMap<String, Arc<Assertion>>>,
    /// Rises when what Status shows of a server may have changed.
    changes: watch::Sender<u64>,
}

impl Exchange {
    /// An exchange without servers; `folder` keeps `pins.json` and `mints.json`.
    pub fn new(subjects: Arc<dyn SubjectTokens>, folder: &Path, client: Client) -> Self {
        Self(Arc::new(Inner {
            subjects,
            memory: Arc::new(Memory::new(folder.join("pins.json"))),
            mints: Arc::new(Mints::new(folder.join("mints.json"))),
            rules: Mutex::new((Arc::default(), client)),
            slots: Mutex::default(),
            assertions: Mutex::default(),
            changes: watch::Sender::new(0),
        }))
    }

    /// Policy as it is now. Servers that left lose their tokens at once, and so do those that changed; what was
    /// refused may be tried again.
    pub fn configure(&self, config: Config, client: Client) {
        {
            let mut rules = lock(&self.0.rules);
            let same = *rules.0 == config && rules.1.settings() == client.settings();
            rules.1 = client.clone();
            if same {
                return;
            }
        }
        let mut slots = lock(&self.0.slots);
        slots.retain(|id, _| config.servers.contains_key(id));
        for (id, server) in &config.servers {
            let slot = slots.entry(id.clone()).or_default();
            if *slot.server != **server {
                let generation = slot.generation + 1;
                *slot = Slot { server: server.clone(), generation, last_used: slot.last_used, ..Slot::default() };
                lock(&self.0.assertions).remove(id);
            }
            slot.forgive();
        }
        *lock(&self.0.rules) = (Arc::new(config), client);
        self.0.changed();
    }

    /// A cached token that may be served this instant; none means: ask [`Exchange::token`].
    pub fn cached(&self, server: &str, ask: &Ask) -> Option<Arc<Entry>> {
        let now = Timestamp::now();
        let (epoch, sign_ins) = self.0.subjects.epoch();
        let margin = lock(&self.0.rules).0.margin;
        let (entry, ageing) = {
            let mut slots = lock(&self.0.slots);
            let slot = slots.get_mut(server)?;
            let (entry, ageing) = match slot.lookup(ask, margin, now, epoch, sign_ins) {
                Lookup::Fresh(entry) => (entry, false),
                Lookup::Ageing(entry) => (entry, true),
                Lookup::Refused(_) | Lookup::Absent => return None,
            };
            slot.last_used = Some(now);
            (entry, ageing)
        };
        // Checked after the look-up: a session that ended meanwhile serves nothing (MUST 38).
        if !self.0.subjects.serves(entry.epoch) {
            return None;
        }
        if ageing {
            self.renew(server);
        }
        self.0.subjects.touch(now);
        Some(entry)
    }

    /// A token for `server`, from the cache or minted; also whether this call waited for a mint.
    ///
    /// # Errors
    /// Every stop, with what an administrator needs.
    pub async fn token(&self, server: &str, ask: &Ask) -> Result<(Arc<Entry>, bool), ExchangeError> {
        let mut minted = false;
        for _ in 0..4 {
            if let Some(entry) = self.cached(server, ask) {
                return Ok((entry, minted));
            }
            let joined = match self.board(server, ask)? {
                Boarding::Ours(joined) => joined,
                Boarding::Another(joined) => {
                    // It asks for other scopes; its end, good or bad, makes room for ours.
                    let _ = joined.await;
                    continue;
                }
            };
            let entry = joined.await?;
            minted = true;
            self.fits(&entry, ask)?;
        }
        // The session ended between the mint and the serving; it says itself why.
        let kind = lock(&self.0.rules).0.subject;
        self.0.subjects.subject(kind, false).await?;
        Err(ExchangeError::new(Kind::Busy, "The token changed while it was being served.").after(1))
    }

    /// A fresh exchange with every step written to `trail`; what it brings is cached.
    pub async fn diagnose(&self, server: &str, trail: Trail) -> Result<Arc<Entry>, ExchangeError> {
        let (generation, bench) = {
            let mut slots = lock(&self.0.slots);
            let slot = slots.get_mut(server).ok_or_else(unknown)?;
            self.routable(slot)?;
            slot.forgive();
            slot.target = None;
            (slot.generation, self.bench(slot, trail))
        };
        work(self.0.clone(), bench, server.to_owned(), generation, Vec::new()).await
    }

    /// Forgets a standing refusal and the metadata behind it: a person says "try again".
    pub fn retry(&self, server: &str) -> bool {
        let mut slots = lock(&self.0.slots);
        let Some(slot) = slots.get_mut(server) else { return false };
        slot.forgive();
        slot.target = None;
        true
    }

    /// A new network: what only a network could have caused is tried again.
    pub fn network_changed(&self) {
        for slot in lock(&self.0.slots).values_mut() {
            let clears = |standing: &Standing| {
                standing.error.by_network || matches!(standing.error.kind, Kind::IdpUnreachable | Kind::ServerUnreachable)
            };
            if slot.standing.as_ref().is_some_and(clears) {
                slot.forgive();
            }
        }
    }

    /// Forgets every cached token: sign-out, a clock that jumped back, a locked screen where policy says so.
    pub fn wipe(&self) {
        for slot in lock(&self.0.slots).values_mut() {
            slot.entry = None;
            slot.generation += 1;
        }
        lock(&self.0.assertions).clear();
    }

    /// A number that changes when what Status shows of a server may have changed.
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// What Status shows of `server`.
    pub fn health(&self, server: &str) -> Option<Health> {
        let now = Timestamp::now();
        let (epoch, sign_ins) = self.0.subjects.epoch();
        let serves = self.0.subjects.serves(epoch);
        let mints = self.0.mints.count(server, now);
        lock(&self.0.slots).get(server).map(|slot| slot.health(now, epoch, sign_ins, serves, mints))
    }

    fn fits(&self, entry: &Entry, ask: &Ask) -> Result<(), ExchangeError> {
        if !entry.covers(ask.scopes.as_deref()) {
            let hint = "The identity provider did not grant every scope that was asked for.";
            return Err(ExchangeError::new(Kind::Scope, hint).by(crate::classify::Who::Idp));
        }
        let life = entry.expires.duration_since(entry.minted);
        if ask.min_ttl.is_some_and(|ttl| SignedDuration::try_from(ttl).is_ok_and(|ttl| life < ttl)) {
            let hint = format!("Tokens of this server live {} seconds at most.", life.as_secs());
            return Err(ExchangeError::new(Kind::TooShort, hint));
        }
        Ok(())
    }

    fn board(&self, server: &str, ask: &Ask) -> Result<Boarding, ExchangeError> {
        let scopes = ask.scopes.clone().unwrap_or_default();
        let now = Timestamp::now();
        let (epoch, sign_ins) = self.0.subjects.epoch();
        let margin = lock(&self.0.rules).0.margin;
        let mut slots = lock(&self.0.slots);
        let slot = slots.get_mut(server).ok_or_else(unknown)?;
        self.routable(slot)?;
        slot.last_used = Some(now);
        if let Lookup::Refused(error) = slot.lookup(ask, margin, now, epoch, sign_ins)
            && (error.kind != Kind::Scope || ask.scopes.is_some())
        {
            return Err(error);
        }
        if let Some(flight) = &slot.flight {
            if let Some(joined) = flight.join(&scopes) {
                return Ok(Boarding::Ours(joined));
            }
            if let Some(joined) = flight.join(&[]) {
                return Ok(Boarding::Another(joined));
            }
        }
        if let Some(seconds) = slot.budget.closed_for(now) {
            return Err(ExchangeError::new(Kind::Busy, "Several tries failed; Lanyard waits before the next.").after(seconds));
        }
        Ok(Boarding::Ours(self.launch(slot, server, scopes)))
    }

    fn routable(&self, slot: &Slot) -> Result<(), ExchangeError> {
        match slot.server.route {
            Route::IdJag => Ok(()),
            Route::Interactive => Err(ExchangeError::new(Kind::Interactive, "")),
            Route::None => Err(ExchangeError::new(Kind::NoTokenNeeded, "This server needs no token.")),
        }
    }

    fn launch(&self, slot: &mut Slot, server: &str, scopes: Vec<String>) -> Joined {
        let bench = self.bench(slot, Trail::default());
        let (generation, inner, server) = (slot.generation, self.0.clone(), server.to_owned());
        let asked = scopes.clone();
        let (flight, joined) = Flight::begin(scopes, async move { work(inner, bench, server, generation, asked).await }.boxed());
        slot.flight = Some(flight);
        joined
    }

    fn bench(&self, slot: &Slot, trail: Trail) -> Bench {
        let rules = lock(&self.0.rules);
        Bench {
            client: rules.1.clone(),
            subjects: self.0.subjects.clone(),
            memory: self.0.memory.clone(),
            mints: self.0.mints.clone(),
            subject: rules.0.subject,
            max_life: SignedDuration::try_from(rules.0.max_life).unwrap_or(SignedDuration::from_hours(1)),
            server: slot.server.clone(),
            trail,
        }
    }

    /// Fetches the next token while the old one is still served.
    fn renew(&self, server: &str) {
        let joined = {
            let mut slots = lock(&self.0.slots);
            let Some(slot) = slots.get_mut(server) else { return };
            if slot.flight.as_ref().is_some_and(Flight::is_alive) || slot.budget.closed_for(Timestamp::now()).is_some() {
                return;
            }
            let scopes = slot.entry.as_ref().map(|entry| renewable_scopes(slot, entry)).unwrap_or_default();
            self.launch(slot, server, scopes)
        };
        tokio::spawn(joined);
    }
}

impl Inner {
    fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }
}

/// The scopes of a token that are beyond the server's default and still within the ceiling.
fn renewable_scopes(slot: &Slot, entry: &Entry) -> Vec<String> {
    let default = slot.server.scopes.as_deref().unwrap_or_default();
    let ceiling = slot.server.ceiling().unwrap_or_default();
    let scopes = entry.scope.split(' ').map(str::to_owned);
    scopes.filter(|scope| !default.contains(scope) && ceiling.contains(scope)).collect()
}

enum Boarding {
    Ours(Joined),
    Another(Joined),
}

fn unknown() -> ExchangeError {
    ExchangeError::new(Kind::Unknown, "")
}

/// One mint with its time limit, and its outcome in the slot, unless policy changed meanwhile.
async fn work(inner: Arc<Inner>, bench: Bench, server: String, generation: u64, scopes: Vec<String>) -> Outcome {
    let page = Page { inner: inner.clone(), server: server.clone(), generation };
    let minted = tokio::time::timeout(MINT_LIMIT, bench.mint(&page, &scopes)).await;
    let minted = minted.unwrap_or_else(|_| {
        Err(ExchangeError::new(Kind::ServerUnreachable, "The exchange took longer than 30 seconds.").after(15))
    });
    let now = Timestamp::now();
    let (_, sign_ins) = inner.subjects.epoch();
    inner.changed();
    let mut slots = lock(&inner.slots);
    let slot = slots.get_mut(&server).filter(|slot| slot.generation == generation);
    match minted {
        Ok(entry) => {
            let entry = Arc::new(entry);
            if let Some(slot) = slot {
                slot.forgive();
                slot.entry = Some(entry.clone());
                let margin = lock(&inner.rules).0.margin;
                ahead(&inner, server.clone(), entry.clone(), margin);
            }
            Ok(entry)
        }
        Err(mut error) => {
            if let Some(slot) = slot {
                if error.kind == Kind::StepUp && slot.step_up_at.replace(sign_ins).is_some_and(|at| at != sign_ins) {
                    // The person did what was asked and it was not enough: asking again would never end (MUST 43).
                    error.kind = Kind::IdpRefused;
                    error.who = Some(crate::classify::Who::Idp);
                }
                if error.retry_after.is_some() && matches!(error.kind, Kind::IdpUnreachable | Kind::ServerUnreachable) {
                    error.retry_after = Some(net::retry_delay(slot.passing.min(2), unit()).as_secs().max(1));
                    slot.passing += 1;
                }
                if let Some(seconds) = error.stands() {
                    let until = now + SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(900));
                    slot.standing = Some(Standing { error: error.clone(), until, sign_ins });
                }
            }
            Err(error)
        }
    }
}

/// Renews once, shortly before the margin, if a client used the server lately; nothing runs around the clock (MUST 36).
fn ahead(inner: &Arc<Inner>, server: String, entry: Arc<Entry>, margin: Duration) {
    let weak: Weak<Inner> = Arc::downgrade(inner);
    let due = entry.renew_at(margin);
    let wait = Duration::try_from(due.duration_since(Timestamp::now())).unwrap_or_default();
    tokio::spawn(async move {
        tokio::time::sleep(net::jittered(wait.mul_f64(0.95), 0.05, unit())).await;
        let Some(exchange) = weak.upgrade().map(Exchange) else { return };
        let in_use = {
            let slots = lock(&exchange.0.slots);
            let slot = slots.get(&server);
            slot.is_some_and(|slot| {
                let same = slot.entry.as_ref().is_some_and(|held| Arc::ptr_eq(held, &entry));
                let lately = slot.last_used.is_some_and(|used| Timestamp::now().duration_since(used) < IN_USE);
                same && lately && slot.last_used > Some(entry.minted)
            })
        };
        if in_use && exchange.0.subjects.serves(entry.epoch) {
            exchange.renew(&server);
        }
    });
}

/// A mint's view of its slot.
struct Page {
    inner: Arc<Inner>,
    server: String,
    generation: u64,
}

impl Page {
    fn with<T>(&self, act: impl FnOnce(&mut Slot) -> T) -> Option<T> {
        lock(&self.inner.slots).get_mut(&self.server).filter(|slot| slot.generation == self.generation).map(act)
    }
}

impl Ledger for Page {
    fn target(&self) -> Option<Arc<Target>> {
        let now = Timestamp::now();
        self.with(|slot| slot.target.as_ref().filter(|(_, until)| now < *until).map(|(target, _)| target.clone()))?
    }

    fn keep_target(&self, target: Option<Arc<Target>>) {
        let until = Timestamp::now() + TARGET_LIFE;
        self.with(|slot| slot.target = target.map(|target| (target, until)));
    }

    fn failed(&self, leg: Leg) -> bool {
        self.with(|slot| slot.budget.failed(leg, Timestamp::now())).unwrap_or(false)
    }

    fn kept_assertion(&self) -> Option<Arc<Assertion>> {
        let now = Timestamp::now();
        lock(&self.inner.assertions).get(&self.server).filter(|assertion| is_presentable(assertion, now)).cloned()
    }

    fn keep_assertion(&self, assertion: Option<Arc<Assertion>>) {
        let mut assertions = lock(&self.inner.assertions);
        match assertion {
            Some(assertion) => assertions.insert(self.server.clone(), assertion),
            None => assertions.remove(&self.server),
        };
    }
}
