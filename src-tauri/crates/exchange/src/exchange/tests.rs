use secret::Secret;
use session::{Report, SessionError, Subject, SubjectKind};

use super::*;
use crate::config::Server;
use crate::upstream::{Doing, Hold};

/// A session that serves, and of which nothing else is asked here.
struct Signed;

impl SubjectTokens for Signed {
    fn subject(&self, _: SubjectKind, _: bool) -> Doing<'_, Result<Subject, SessionError>> {
        Box::pin(async { unreachable!("nothing is minted here") })
    }

    fn serves(&self, epoch: u64) -> bool {
        epoch == 1
    }

    fn epoch(&self) -> (u64, u64) {
        (1, 1)
    }

    fn hold(&self) -> Hold {
        Box::new(())
    }

    fn touch(&self, _: Timestamp) {}

    fn report(&self, _: u64, _: Report) -> Doing<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// An exchange with these servers; the folder is where it remembers.
fn exchange(servers: &[&str]) -> (Exchange, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let exchange = Exchange::new(Arc::new(Signed), folder.path(), Client::new(net::Settings::default()));
    let server = |id: &&str| ((*id).to_owned(), Arc::new(Server { id: (*id).to_owned(), ..Server::default() }));
    let config = Config { servers: servers.iter().map(server).collect(), ..Config::default() };
    exchange.configure(config, Client::new(net::Settings::default()));
    (exchange, folder)
}

fn entry() -> Arc<Entry> {
    let now = Timestamp::now();
    Arc::new(Entry {
        token: Arc::new(Secret::new("t".to_owned())),
        scope: "read".into(),
        resource: "https://wiki.example/mcp".into(),
        minted: now,
        expires: now + SignedDuration::from_hours(1),
        epoch: 1,
        assertion: None,
        trace: None,
    })
}

/// Whether a follower was told since it last looked.
fn told(follower: &mut watch::Receiver<u64>) -> bool {
    let told = follower.has_changed().unwrap();
    follower.mark_unchanged();
    told
}

#[test]
fn a_wipe_forgets_every_token_and_assertion_and_tells_followers() {
    let (exchange, _folder) = exchange(&["linear", "wiki"]);
    for slot in lock(&exchange.0.slots).values_mut() {
        slot.entry = Some(entry());
    }
    let generations = |exchange: &Exchange| lock(&exchange.0.slots).values().map(|slot| slot.generation).sum::<u64>();
    let before = generations(&exchange);
    let mut follower = exchange.follow();
    assert!(exchange.cached("wiki", &Ask::default()).is_some() && !told(&mut follower));
    exchange.wipe();
    assert!(told(&mut follower), "nobody was told");
    for server in ["linear", "wiki"] {
        assert!(exchange.cached(server, &Ask::default()).is_none(), "{server}");
    }
    // What is being minted meanwhile is of before, and is not kept.
    assert_eq!(generations(&exchange), before + 2);
    assert!(lock(&exchange.0.assertions).is_empty());
}

#[test]
fn a_new_network_clears_what_a_network_caused_and_tells_followers() {
    let mut by_network = ExchangeError::new(Kind::ServerRefused, "Not from this address.");
    by_network.by_network = true;
    let refusals = [
        ("idp", ExchangeError::new(Kind::IdpUnreachable, "away"), false),
        ("server", ExchangeError::new(Kind::ServerUnreachable, "away"), false),
        ("place", by_network, false),
        ("denied", ExchangeError::new(Kind::ServerRefused, "no"), true),
        ("throttled", ExchangeError::new(Kind::IdpThrottled, "slow down"), true),
    ];
    let (exchange, _folder) = exchange(&refusals.each_ref().map(|(id, ..)| *id));
    for (id, error, _) in &refusals {
        let until = Timestamp::now() + SignedDuration::from_hours(1);
        let standing = Standing { error: error.clone(), until, sign_ins: 1 };
        lock(&exchange.0.slots).get_mut(*id).unwrap().standing = Some(standing);
    }
    let kept = entry();
    lock(&exchange.0.slots).get_mut("idp").unwrap().entry = Some(kept.clone());
    let mut follower = exchange.follow();
    exchange.network_changed();
    assert!(told(&mut follower), "nobody was told");
    for (id, _, stands) in &refusals {
        assert_eq!(lock(&exchange.0.slots)[*id].standing.is_some(), *stands, "{id}");
    }
    assert!(Arc::ptr_eq(&exchange.cached("idp", &Ask::default()).unwrap(), &kept));
}

#[test]
fn a_new_sign_in_is_a_new_try() {
    let (mut slot, now) = (Slot::default(), Timestamp::now());
    slot.begin(1);
    while slot.budget.failed(crate::classify::Leg::Exchange, now) {}
    slot.begin(1);
    assert!(slot.budget.closed_for(now).is_some(), "the same sign-in waits");
    slot.begin(2);
    assert!(slot.budget.closed_for(now).is_none());
}
