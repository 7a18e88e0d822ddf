use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use net::Client;
use tokio::sync::watch;

use crate::answer::Answers;
use crate::assertion::Assertion;
use crate::cache::{Ask, Entry, Health, Lookup, Slot, Standing, lock};
use crate::config::{Config, Route};
use crate::error::{ExchangeError, Kind};
use crate::flight::{Flight, Joined};
use crate::interactive::{Authorization, LIMIT};
use crate::memory::Memory;
use crate::mint::Bench;
use crate::mints::Mints;
use crate::trail::Trail;
use crate::upstream::SubjectTokens;

mod answered;
mod page;
#[cfg(test)]
mod tests;
mod work;

use page::Page;
use work::work;

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
            self.fits(&entry, ask).inspect_err(|error| self.note(server, ask, error))?;
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

    /// Begins the browser authorization of a server that policy marks `interactive`; returns its address. Only a
    /// person's act may lead here, and only beside a session: its end takes these tokens too.
    ///
    /// # Errors
    /// When the server is no such server, nobody is signed in, or nothing could be prepared.
    pub async fn authorize(&self, server: &str) -> Result<String, ExchangeError> {
        let (bench, generation) = {
            let mut slots = lock(&self.0.slots);
            let slot = slots.get_mut(server).ok_or_else(unknown)?;
            if slot.server.route != Route::Interactive {
                return Err(ExchangeError::new(Kind::NoTokenNeeded, "This server has no sign-in of its own."));
            }
            slot.forgive();
            (self.bench(slot, Trail::default()), slot.generation)
        };
        let (epoch, _) = self.0.subjects.epoch();
        if !self.0.subjects.serves(epoch) {
            bench.subjects.subject(bench.subject, false).await?;
        }
        let page = Page { inner: self.0.clone(), server: server.to_owned(), generation };
        let target = bench.target(&page).await?;
        let authorization = Authorization::prepare(bench.server.clone(), target).await?;
        let address = authorization.address.clone();
        let inner = self.0.clone();
        tokio::spawn(async move {
            let finished = tokio::time::timeout(LIMIT, authorization.finish(bench.client.clone(), bench.max_life, epoch)).await;
            let mut slots = lock(&inner.slots);
            if let (Ok(outcome), Some(slot)) =
                (finished, slots.get_mut(&page.server).filter(|slot| slot.generation == generation))
            {
                match outcome {
                    Ok(entry) => slot.entry = Some(Arc::new(entry)),
                    Err(error) => tracing::warn!(server = page.server, %error, "the browser authorization failed"),
                }
            }
            drop(slots);
            inner.changed();
        });
        Ok(address)
    }

    /// Forgets a standing refusal and the metadata behind it: a person says "try again".
    pub fn retry(&self, server: &str) -> bool {
        let mut slots = lock(&self.0.slots);
        let Some(slot) = slots.get_mut(server) else { return false };
        slot.forgive();
        slot.answers = Answers::default();
        slot.target = None;
        drop(slots);
        self.0.changed();
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
        self.0.changed();
    }

    /// Forgets every cached token: sign-out, a clock that jumped back, a locked screen where policy says so.
    pub fn wipe(&self) {
        for slot in lock(&self.0.slots).values_mut() {
            slot.entry = None;
            slot.generation += 1;
        }
        lock(&self.0.assertions).clear();
        self.0.changed();
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

    /// When the health of any server changes next by time alone.
    pub fn next_change(&self) -> Option<Timestamp> {
        let now = Timestamp::now();
        lock(&self.0.slots).values().filter_map(|slot| slot.next_change(now)).min()
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

    /// Scopes that were not granted are remembered: a server that asks for them at each call would cost a mint each.
    fn note(&self, server: &str, ask: &Ask, error: &ExchangeError) {
        if let (Kind::Scope, Some(scopes)) = (&error.kind, &ask.scopes)
            && let Some(slot) = lock(&self.0.slots).get_mut(server)
        {
            slot.answers.denied(scopes, Timestamp::now());
        }
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
        slot.begin(sign_ins);
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
            Route::Interactive => {
                let hint =
                    format!("This server wants its own sign-in in the browser: run `lanyard login --server {}`.", slot.server.id);
                Err(ExchangeError::new(Kind::Interactive, hint))
            }
            Route::None => Err(ExchangeError::new(Kind::NoTokenNeeded, "This server needs no token.")),
        }
    }

    fn launch(&self, slot: &mut Slot, server: &str, scopes: Vec<String>) -> Joined {
        let bench = self.bench(slot, Trail::default());
        let (generation, inner, server) = (slot.generation, self.0.clone(), server.to_owned());
        let asked = scopes.clone();
        let told = self.0.clone();
        let work = async move { work(inner, bench, server, generation, asked).await }.boxed();
        let (flight, joined) = Flight::begin(scopes, work, move || told.changed());
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
