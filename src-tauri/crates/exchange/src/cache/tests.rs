use proptest::prelude::*;

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn entry(life: i64, scope: &str) -> Arc<Entry> {
    Arc::new(Entry {
        token: Arc::new(Secret::from("t")),
        scope: scope.into(),
        resource: "https://mcp".into(),
        minted: at(0),
        expires: at(life),
        epoch: 1,
        assertion: None,
        trace: None,
    })
}

fn slot(life: i64) -> Slot {
    Slot { entry: Some(entry(life, "read write")), ..Slot::default() }
}

const MARGIN: Duration = Duration::from_secs(60);

fn named(slot: &Slot, ask: &Ask, now: i64) -> &'static str {
    match slot.lookup(ask, MARGIN, at(now), 1, 0) {
        Lookup::Fresh(_) => "fresh",
        Lookup::Ageing(_) => "ageing",
        Lookup::Refused(_) => "refused",
        Lookup::Absent => "absent",
    }
}

fn ask(scopes: Option<&[&str]>, min_ttl: Option<u64>) -> Ask {
    Ask {
        scopes: scopes.map(|scopes| scopes.iter().map(|scope| (*scope).to_owned()).collect()),
        min_ttl: min_ttl.map(Duration::from_secs),
    }
}

#[test]
fn a_token_is_served_until_it_is_too_old_and_renewed_before() {
    let slot = slot(300);
    let plain = ask(None, None);
    let found: Vec<_> = [0, 239, 240, 295, 296, 300].iter().map(|now| named(&slot, &plain, *now)).collect();
    assert_eq!(found, ["fresh", "fresh", "ageing", "ageing", "absent", "absent"]);
}

#[test]
fn time_alone_changes_what_is_shown_when_a_token_or_a_refusal_ends() {
    let refused = |until: i64| Standing { error: ExchangeError::new(Kind::IdpRefused, ""), until: at(until), sign_ins: 0 };
    let both = Slot { standing: Some(refused(60)), ..slot(300) };
    let found: Vec<_> = [0, 59, 60, 299, 300].iter().map(|now| both.next_change(at(*now))).collect();
    assert_eq!(found, [Some(at(60)), Some(at(60)), Some(at(300)), Some(at(300)), None]);
    assert_eq!(Slot::default().next_change(at(0)), None);
    for now in [0, 59, 60, 299, 300] {
        let state = |seconds: i64| both.health(at(seconds), 1, 0, true, 0).state;
        let until = both.next_change(at(now)).map_or(now + 1_000, |then| then.as_second() - at(0).as_second());
        assert!((now..until).all(|second| state(second) == state(now)), "nothing changes before it is said from {now}");
    }
}

#[test]
fn the_margin_is_at_most_a_fifth_of_the_life() {
    assert_eq!(entry(100, "").renew_at(MARGIN), at(80));
    assert_eq!(entry(3600, "").renew_at(MARGIN), at(3540));
    assert_eq!(entry(10, "").renew_at(Duration::ZERO), at(10));
}

#[test]
fn fewer_scopes_are_served_from_the_token_that_has_them() {
    let slot = slot(300);
    assert_eq!(named(&slot, &ask(Some(&["read"]), None), 0), "fresh");
    assert_eq!(named(&slot, &ask(Some(&["read", "write"]), None), 0), "fresh");
    assert_eq!(named(&slot, &ask(Some(&["admin"]), None), 0), "absent");
    assert_eq!(named(&slot, &ask(Some(&["rea"]), None), 0), "absent");
}

#[test]
fn a_token_of_an_earlier_session_is_not_there() {
    assert!(matches!(slot(300).lookup(&Ask::default(), MARGIN, at(0), 2, 0), Lookup::Absent));
}

#[test]
fn a_refusal_stands_until_its_time_or_the_next_sign_in() {
    let error = ExchangeError::new(Kind::IdpRefused, "no");
    let refused = Slot { standing: Some(Standing { error, until: at(900), sign_ins: 3 }), ..Slot::default() };
    assert!(matches!(refused.lookup(&Ask::default(), MARGIN, at(899), 1, 3), Lookup::Refused(_)));
    assert!(matches!(refused.lookup(&Ask::default(), MARGIN, at(900), 1, 3), Lookup::Absent));
    assert!(matches!(refused.lookup(&Ask::default(), MARGIN, at(0), 1, 4), Lookup::Absent));
}

proptest! {
    #[test]
    fn a_served_token_has_the_life_that_was_asked_for(life in 1..4000_i64, now in 0..4000_i64, asked in prop::option::of(0..4000_u64)) {
        let slot = slot(life);
        if let Lookup::Fresh(entry) | Lookup::Ageing(entry) = slot.lookup(&ask(None, asked), MARGIN, at(now), 1, 0) {
            let left = entry.expires.as_second() - at(now).as_second();
            prop_assert!(left > 0);
            prop_assert!(left >= asked.map_or(0, |asked| i64::try_from(asked).unwrap()));
        }
    }
}
