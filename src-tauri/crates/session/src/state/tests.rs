use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn machine(state: State) -> Machine {
    Machine { state, attempt: None, flight: None, last_id: 10 }
}

fn active() -> Machine {
    machine(State::Active { renew_at: at(900) })
}

fn run(machine: Machine, event: Event) -> (String, Vec<Effect>) {
    let (next, effects) = step(machine, event, at(0));
    let reason = match &next.state {
        State::SignedOut(reason) => format!("{} {reason:?}", next.label()),
        _ => next.label().to_owned(),
    };
    (reason, effects)
}

#[test]
fn only_the_word_of_the_idp_ends_a_session() {
    let flying = || Machine { flight: Some(3), ..active() };
    let wait = Duration::from_secs(4);
    assert_eq!(run(flying(), Event::RenewalDelayed { flight: 3, wait }), ("waiting".into(), vec![]));
    let ended = Event::RenewalEnded { flight: 3, reason: Reason::Expired };
    assert_eq!(run(flying(), ended.clone()), ("signed-out Expired".into(), vec![Effect::DropTokens, Effect::WipeVault]));
    assert_eq!(run(active(), ended), ("active".into(), vec![]), "an answer nobody waits for");
    assert_eq!(run(active(), Event::SessionGone).0, "signed-out Revoked");
}

#[test]
fn signing_out_stops_serving_before_anything_else() {
    let (label, effects) = run(active(), Event::SignOutRequested);
    assert_eq!(label, "signed-out User");
    assert_eq!(effects, vec![Effect::DropTokens, Effect::RevokeAtIdp, Effect::WipeVault]);
}

#[test]
fn a_changed_identity_ends_the_session_and_a_closed_one_keeps_the_vault() {
    let (label, effects) = run(active(), Event::IdentityUsable { changed: true });
    assert_eq!((label.as_str(), effects), ("signed-out Policy", vec![Effect::DropTokens, Effect::WipeVault]));
    assert_eq!(run(active(), Event::IdentityClosed), ("unconfigured".into(), vec![Effect::DropTokens]));
    assert_eq!(run(active(), Event::IdentityUsable { changed: false }), ("active".into(), vec![]));
}

#[test]
fn a_sign_in_beside_a_living_session_keeps_it_serving() {
    let needs = machine(State::NeedsUser(Demand::StepUp { acr_values: Some("phr".into()), max_age: None }, at(900)));
    let (next, effects) = step(needs, Event::SignInRequested, at(0));
    assert_eq!(next.label(), "needs-user");
    assert!(next.serves() && next.attempt.unwrap().same_person);
    assert_eq!(effects, vec![Effect::BeginAttempt(11)]);
    let (next, effects) = step(next, Event::SignInFailed { attempt: 11, account: true }, at(1));
    assert_eq!((next.label(), effects), ("needs-user", vec![Effect::EndAttempt]));
}

#[test]
fn an_attempt_ends_by_itself_after_five_minutes() {
    let (signing, _) = step(machine(State::SignedOut(Reason::Expired)), Event::SignInRequested, at(0));
    assert_eq!(signing.label(), "signing-in");
    assert_eq!(signing.wake_at(), Some(at(300)));
    let (next, effects) = step(signing, Event::TimeCame, at(300));
    assert_eq!((next.state, effects), (State::SignedOut(Reason::Expired), vec![Effect::EndAttempt]));
}

#[test]
fn a_closed_vault_is_looked_at_again() {
    let (locked, _) = step(machine(State::VaultClosed(Closed::Opening, at(0))), Event::VaultRefused(Closed::Locked), at(0));
    let wake = locked.wake_at().unwrap();
    let (locked, effects) = step(locked, Event::TimeCame, wake);
    assert_eq!(effects, vec![Effect::OpenVault]);
    let (next, effects) = step(locked, Event::VaultHeldSession, at(60));
    assert!(matches!(next.state, State::Waiting { .. }) && matches!(effects[..], [Effect::Refresh(_)]));
}

#[test]
fn a_silent_renewal_does_not_satisfy_a_step_up() {
    let demand = Demand::StepUp { acr_values: None, max_age: Some(0) };
    let needs = Machine { flight: Some(4), ..machine(State::NeedsUser(demand, at(10))) };
    assert_eq!(run(needs, Event::Renewed { flight: 4, renew_at: at(900) }).0, "needs-user");
}

fn any_event() -> impl Strategy<Value = Event> {
    let id = 0..14_u64;
    let step_up = Demand::StepUp { acr_values: None, max_age: Some(0) };
    prop_oneof![
        any::<bool>().prop_map(|changed| Event::IdentityUsable { changed }),
        Just(Event::IdentityClosed),
        Just(Event::VaultHeldSession),
        Just(Event::VaultHeldNone),
        Just(Event::VaultHeldOther),
        prop_oneof![Just(Closed::Locked), Just(Closed::Unavailable), Just(Closed::Damaged)].prop_map(Event::VaultRefused),
        Just(Event::SignInRequested),
        id.clone().prop_map(|attempt| Event::SignedIn { attempt, renew_at: at(900) }),
        (id.clone(), any::<bool>()).prop_map(|(attempt, account)| Event::SignInFailed { attempt, account }),
        Just(Event::SignInCancelled),
        Just(Event::TimeCame),
        Just(Event::CheckPostponed { renew_at: at(2_000) }),
        Just(Event::RenewalRequested),
        id.clone().prop_map(|flight| Event::Renewed { flight, renew_at: at(900) }),
        id.clone().prop_map(|flight| Event::RenewalDelayed { flight, wait: Duration::from_secs(4) }),
        id.clone().prop_map(move |flight| Event::RenewalDemanded { flight, demand: Demand::Interaction }),
        id.prop_map(|flight| Event::RenewalEnded { flight, reason: Reason::Revoked }),
        Just(Event::StepUpDemanded(step_up)),
        Just(Event::SessionGone),
        Just(Event::IdentityExpired),
        Just(Event::AccountRefused),
        Just(Event::SignOutRequested),
        Just(Event::SurroundingsChanged),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_the_promises_hold(events in prop::collection::vec((any_event(), 0..400_i64), 1..60)) {
        let mut machine = Machine::new();
        let mut clock = 0;
        for (event, passed) in events {
            clock += passed;
            let before = machine.clone();
            let person = matches!(event, Event::SignInRequested);
            let ends = matches!(event, Event::RenewalEnded { .. } | Event::SessionGone | Event::IdentityExpired | Event::AccountRefused
                | Event::SignOutRequested | Event::IdentityClosed | Event::IdentityUsable { changed: true });
            let (next, effects) = step(before.clone(), event.clone(), at(clock));
            let begins = effects.iter().filter(|effect| matches!(effect, Effect::BeginAttempt(_))).count();
            prop_assert!(begins == 0 || (person && before.attempt.is_none()), "a browser opens by a person's act alone");
            let flights = effects.iter().filter(|effect| matches!(effect, Effect::Refresh(_))).count();
            prop_assert!(flights == 0 || (flights == 1 && before.flight.is_none()), "one refresh in flight");
            if before.serves() && !next.serves() {
                prop_assert!(ends, "only these end a session: {event:?}");
                prop_assert!(effects.contains(&Effect::DropTokens));
            }
            if !next.serves() {
                prop_assert!(next.flight.is_none(), "no refresh without a session");
            }
            let homeless = matches!(next.state, State::Unconfigured | State::SignedOut(_) | State::VaultClosed(..));
            prop_assert!(next.attempt.is_none() || !homeless, "no attempt survives its session");
            if let State::SigningIn(_) = next.state {
                prop_assert!(next.attempt.is_some(), "signing in has an attempt");
            }
            machine = next;
        }
    }
}
