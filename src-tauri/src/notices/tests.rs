use proptest::prelude::*;
use wire::{Code, Status};

use super::*;
use crate::tray::tests::{rules, server, status};
use crate::words::{ENGLISH, GERMAN};

const fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// What is told of a state that lasts.
fn told(status: &Status) -> Vec<Kind> {
    let mut notices = Notices::default();
    let first = notices.look(Some(status), &rules(), at(0));
    assert!(first.is_empty(), "nothing is told before it has settled: {first:?}");
    notices.look(Some(status), &rules(), at(2)).iter().map(|notice| notice.kind).collect()
}

#[test]
fn what_needs_a_person_is_told_and_nothing_else() {
    let table: [(&str, &str, &[Kind]); 16] = [
        ("unconfigured", "", &[]),
        ("signed-out", "never", &[Kind::SignIn]),
        ("signed-out", "expired", &[Kind::SignIn]),
        ("signed-out", "revoked", &[Kind::Ended]),
        ("signed-out", "vault-damaged", &[Kind::SignIn]),
        ("signed-out", "user", &[]),
        ("signed-out", "policy", &[Kind::AccountChanged]),
        ("signed-out", "account", &[Kind::AccountChanged]),
        ("signing-in", "never", &[]),
        ("active", "", &[]),
        ("renewing", "", &[]),
        ("waiting", "", &[]),
        ("needs-user", "step-up", &[Kind::StepUp]),
        ("needs-user", "interaction", &[Kind::StepUp]),
        ("vault-closed", "opening", &[]),
        ("vault-closed", "locked", &[]),
    ];
    for (state, reason, kinds) in table {
        assert_eq!(told(&status(state, reason)), kinds, "{state} {reason}");
    }
}

#[test]
fn servers_are_named_and_whom_to_ask() {
    let mut now = status("active", "");
    now.servers = ["idle", "ready", "renewing", "unreachable", "misconfigured"].map(|state| server(state, state, state)).into();
    assert_eq!(told(&now), []);
    let mut refused = server("linear", "Linear", "denied");
    refused.fault = Some(Code::IdpRefused.problem(Some("it@acme.example")));
    now.servers.extend([refused, server("wiki", "Wiki", "needs-user")]);
    let mut notices = Notices::default();
    notices.look(Some(&now), &rules(), at(0));
    let said: Vec<Said> = notices.look(Some(&now), &rules(), at(2)).iter().map(|notice| notice.said(&ENGLISH)).collect();
    let wanted = [
        ("Wiki wants you to confirm who you are", "Sign in once more to go on using it."),
        ("No access to Linear", "Your account may not use it. For help: it@acme.example"),
    ]
    .map(|(title, text)| Said { title: title.into(), text: text.into(), page: Page::Servers });
    assert_eq!(said, wanted);
}

#[test]
fn diagnostics_are_for_whom_policy_names() {
    assert_eq!(copied(None, &GERMAN).text, "Fügen Sie sie in eine Nachricht an Ihre IT ein.");
    let text = |contact| copied(contact, &ENGLISH).text;
    assert_eq!(text(None), "Paste them into a message to your IT support.");
    assert_eq!(text(Some("#it\n-help")), "Paste them into a message to #it -help.");
}

#[test]
fn many_servers_are_one_notice() {
    let mut now = status("active", "");
    now.servers = (0..5).map(|at| server(&format!("s{at}"), &format!("Server {at}"), "denied")).collect();
    let mut notices = Notices::default();
    notices.look(Some(&now), &rules(), at(0));
    let all = notices.look(Some(&now), &rules(), at(2));
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].said(&ENGLISH).title, "No access to Server 0, Server 1 and 3 more");
    assert!(all[0].said(&ENGLISH).text.starts_with("Your account may not use them."));
    assert_eq!(all[0].said(&GERMAN).title, "Kein Zugang zu Server 0, Server 1 und 3 weitere");
    now.servers.iter_mut().for_each(|server| server.state = "needs-user".into());
    notices.look(Some(&now), &rules(), at(400));
    assert_eq!(
        notices.look(Some(&now), &rules(), at(402))[0].said(&ENGLISH).title,
        "Server 0, Server 1 and 3 more want you to confirm who you are"
    );
}

#[test]
fn a_keychain_that_stays_closed_is_told_once() {
    for reason in ["locked", "unavailable", "damaged"] {
        let mut notices = Notices::default();
        let closed = status("vault-closed", reason);
        notices.look(Some(&closed), &rules(), at(0));
        assert!(notices.look(Some(&closed), &rules(), at(29)).is_empty(), "it may open by itself");
        let told = notices.look(Some(&closed), &rules(), at(30));
        assert_eq!(told.iter().map(|notice| notice.kind).collect::<Vec<_>>(), [Kind::VaultClosed], "{reason}");
        notices.look(Some(&status("vault-closed", "opening")), &rules(), at(500));
        notices.look(Some(&closed), &rules(), at(501));
        assert!(notices.look(Some(&closed), &rules(), at(600)).is_empty(), "{reason}");
    }
}

#[test]
fn what_was_told_is_told_again_only_after_it_was_over() {
    let with = |state: &str, reason: &str, of_server: &str| {
        let mut status = status(state, reason);
        status.servers = vec![server("a", "A", of_server)];
        status
    };
    type Case = (Kind, Status, Vec<Status>, Status);
    let denied = || with("active", "", "denied");
    let wanted = || with("active", "", "needs-user");
    let out = || status("signed-out", "revoked");
    let table: [Case; 5] = [
        (
            Kind::Refused,
            denied(),
            vec![
                with("active", "", "idle"),
                with("renewing", "", "denied"),
                with("waiting", "", "idle"),
                with("active", "", "renewing"),
            ],
            with("active", "", "ready"),
        ),
        (Kind::Refused, denied(), vec![with("active", "", "unreachable")], status("active", "")),
        (
            Kind::StepUp,
            wanted(),
            vec![with("waiting", "", "needs-user"), with("active", "", "idle")],
            with("active", "", "ready"),
        ),
        (
            Kind::StepUp,
            status("needs-user", "step-up"),
            vec![status("signing-in", ""), status("waiting", "")],
            status("renewing", ""),
        ),
        (Kind::Ended, out(), vec![status("unconfigured", ""), status("signing-in", "revoked")], status("active", "")),
    ];
    for (kind, so, passing, over) in table {
        let mut notices = Notices::default();
        let mut now = at(0);
        let mut look = |status: &Status| {
            now += at(1_000);
            notices.look(Some(status), &rules(), now);
            now += at(1_000);
            notices.look(Some(status), &rules(), now).iter().filter(|notice| notice.kind == kind).count()
        };
        assert_eq!(look(&so), 1, "{kind:?}");
        for between in &passing {
            assert_eq!(look(between), 0, "{kind:?} {}", between.session.state);
            assert_eq!(look(&so), 0, "{kind:?} after {}", between.session.state);
        }
        assert_eq!(look(&over), 0, "{kind:?}");
        assert_eq!(look(&so), 1, "{kind:?} after it was over");
    }
}

#[test]
fn a_choice_that_failed_says_what_failed() {
    let said = |why: Why, words| failed(&Failed { page: Page::Account, why }, words);
    assert_eq!(said(Why::Browser, &ENGLISH).text, "No browser could be opened on this computer.");
    assert!(
        said(Why::Clipboard, &ENGLISH).text.contains("clipboard")
            && said(Why::Clipboard, &GERMAN).text.contains("Zwischenablage")
    );
    let away = Why::Problem(Box::new(Code::IdpUnreachable.problem(None)));
    let told = said(away, &ENGLISH);
    assert!(told.text.starts_with("Your identity provider cannot be reached. "), "{told:?}");
    assert_eq!(told.page, Page::Account, "where it can be chosen once more");
}

#[test]
fn a_sign_in_that_worked_is_told_and_a_session_that_was_kept_is_not() {
    let mut notices = Notices::default();
    for (state, kinds) in
        [("vault-closed", 0), ("active", 0), ("renewing", 0), ("active", 0), ("signing-in", 0), ("active", 1), ("active", 0)]
    {
        let found = notices.look(Some(&status(state, "")), &rules(), at(10));
        assert_eq!(found.len(), kinds, "{state}: {found:?}");
        if let Some(notice) = found.first() {
            assert_eq!(notice.said(&ENGLISH).text, "You are signed in as ada@acme.example.");
        }
    }
}

#[test]
fn what_passes_at_once_is_told_to_nobody() {
    let mut notices = Notices::default();
    notices.look(Some(&status("signed-out", "never")), &rules(), at(0));
    // As with `AutoSignIn`.
    notices.look(Some(&status("signing-in", "never")), &rules(), at(1));
    assert!(notices.look(Some(&status("signing-in", "never")), &rules(), at(60)).is_empty());
    assert_eq!(notices.next_look(at(60)), None);
}

#[test]
fn a_server_refused_later_is_told_when_the_next_notice_may_come() {
    let mut now = status("active", "");
    now.servers = vec![server("a", "A", "denied"), server("b", "B", "ready")];
    let mut notices = Notices::default();
    notices.look(Some(&now), &rules(), at(0));
    assert_eq!(notices.look(Some(&now), &rules(), at(2)).len(), 1);
    now.servers[1].state = "denied".into();
    assert!(notices.look(Some(&now), &rules(), at(60)).is_empty());
    assert_eq!(notices.next_look(at(60)), Some(at(302 - 60)));
    let later = notices.look(Some(&now), &rules(), at(302));
    assert_eq!(later[0].names, ["B"]);
    assert_eq!(notices.next_look(at(302)), None);
}

#[test]
fn an_agent_that_went_and_came_back_tells_nothing_twice() {
    let mut notices = Notices::default();
    let out = status("signed-out", "revoked");
    notices.look(Some(&out), &rules(), at(0));
    assert_eq!(notices.look(Some(&out), &rules(), at(2)).len(), 1);
    assert!(notices.look(None, &rules(), at(400)).is_empty());
    assert!(notices.look(Some(&out), &rules(), at(800)).is_empty());
}

#[test]
fn policy_may_want_silence() {
    let quiet = Rules { show_notifications: false, ..rules() };
    let mut notices = Notices::default();
    let out = status("signed-out", "never");
    for second in [0, 2, 600] {
        assert!(notices.look(Some(&out), &quiet, at(second)).is_empty());
        assert_eq!(notices.next_look(at(second)), None);
    }
    assert_eq!(notices.look(Some(&out), &rules(), at(601)).len(), 1);
}

const STATES: [(&str, &str); 8] = [
    ("signed-out", "never"),
    ("signed-out", "user"),
    ("signed-out", "account"),
    ("signing-in", "never"),
    ("active", ""),
    ("needs-user", "step-up"),
    ("waiting", ""),
    ("unconfigured", ""),
];

proptest! {
    #[test]
    fn two_of_one_kind_are_never_close_and_a_look_is_never_due_for_nothing(
        steps in prop::collection::vec((0_usize..8, 0_usize..3, 0_u64..200, any::<bool>(), any::<bool>()), 1..60)
    ) {
        let mut notices = Notices::default();
        let mut last: BTreeMap<Kind, Duration> = BTreeMap::new();
        let mut now = at(0);
        for (state, denied, pause, there, shown) in steps {
            now += at(pause);
            let (state, reason) = STATES[state];
            let mut status = status(state, reason);
            status.servers = (0..denied).map(|at| server(&format!("s{at}"), "S", "denied")).collect();
            let rules = Rules { show_notifications: shown, ..rules() };
            let found = notices.look(Some(&status).filter(|_| there), &rules, now);
            prop_assert!(found.is_empty() || there && shown);
            for notice in found {
                if let Some(before) = last.insert(notice.kind, now) {
                    prop_assert!(now >= before + APART, "{:?} {before:?} {now:?}", notice.kind);
                }
            }
            // Or the program would turn in a circle.
            prop_assert!(notices.next_look(now).is_none_or(|wait| wait > at(0)));
        }
    }
}
