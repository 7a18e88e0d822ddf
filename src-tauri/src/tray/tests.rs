use std::fmt::Write;

use wire::{
    AccountStatus, AgentStatus, Code, DoorStatus, PolicyFault, PolicyStatus, ServerStatus, SessionStatus, Status, VaultStatus,
};

use super::*;
use crate::words::{ENGLISH, GERMAN};

/// Every state of a session, with every reason that comes with it.
const STATES: [(&str, &[&str]); 8] = [
    ("unconfigured", &[""]),
    ("signed-out", &["never", "user", "policy", "revoked", "expired", "account", "vault-damaged"]),
    ("signing-in", &["never"]),
    ("active", &[""]),
    ("renewing", &[""]),
    ("waiting", &[""]),
    ("needs-user", &["step-up", "interaction"]),
    ("vault-closed", &["opening", "locked", "unavailable", "damaged"]),
];

pub(crate) fn status(state: &str, reason: &str) -> Status {
    let known = matches!(state, "active" | "renewing" | "waiting" | "needs-user");
    let email = Some("ada@acme.example".to_owned());
    Status {
        schema: 1,
        version: "1.0.0".into(),
        agent: AgentStatus { running: true, pid: Some(7), since: None, paused: false, screen_locked: false },
        policy: PolicyStatus { managed: true, ..PolicyStatus::default() },
        session: SessionStatus {
            state: state.into(),
            reason: Some(reason.to_owned()).filter(|reason| !reason.is_empty()),
            account: known.then(|| AccountStatus { subject: "u1".into(), name: Some("Ada".into()), email }),
            since: None,
            renews_at: None,
            fault: None,
        },
        servers: Vec::new(),
        doors: DoorStatus::default(),
        vault: VaultStatus { kind: "keychain".into(), state: "open".into() },
        warnings: Vec::new(),
    }
}

pub(crate) fn server(id: &str, title: &str, state: &str) -> ServerStatus {
    ServerStatus {
        id: id.into(),
        title: title.into(),
        url: format!("https://{id}.example/mcp"),
        state: state.into(),
        expires_at: None,
        scope: None,
        last_used: None,
        mints_this_month: 0,
        mint_budget: 0,
        fault: None,
    }
}

pub(crate) fn rules() -> Rules {
    Rules {
        allow_quit: true,
        allow_sign_out: true,
        show_notifications: true,
        organisation: Some("Acme".into()),
        support_url: Some("https://help.acme.example/".into()),
        support_contact: None,
    }
}

fn drawn(model: &Model) -> String {
    let mut text = format!("{:?} | {}\n", model.icon, model.tooltip.replace('\n', " / "));
    for item in &model.items {
        let _ = match item {
            Item::Separator => writeln!(text, "  --"),
            Item::Text(label) => writeln!(text, "  ({label})"),
            Item::Action(label, choice) => writeln!(text, "  {label} -> {choice:?}"),
            Item::Check(label, on, choice) => writeln!(text, "  [{}] {label} -> {choice:?}", if *on { "x" } else { " " }),
        };
    }
    text
}

fn shown(status: &Status) -> String {
    drawn(&Model::of(Some(status), None, &rules(), &ENGLISH))
}

#[test]
fn every_state_of_a_session_is_shown_in_words() {
    let mut text = String::new();
    for (state, reasons) in STATES {
        for reason in reasons {
            let _ = writeln!(text, "{state} {reason}\n{}", shown(&status(state, reason)));
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn every_fault_of_a_session_is_shown_with_whom_to_ask() {
    let mut text = String::new();
    for code in Code::all() {
        let state = match code {
            Code::StepUpRequired => "needs-user",
            Code::VaultLocked | Code::VaultUnavailable => "vault-closed",
            Code::IdpUnreachable | Code::IdpThrottled => "waiting",
            _ => "signed-out",
        };
        let mut status = status(state, if code == Code::VaultLocked { "locked" } else { "" });
        status.session.fault = Some(code.problem(Some("it@acme.example")));
        let model = Model::of(Some(&status), None, &rules(), &ENGLISH);
        let _ = writeln!(text, "{}: {:?} | {}", code.name(), model.icon, model.tooltip.replace('\n', " / "));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_disabled_user_is_told_why_and_whom_to_ask() {
    let mut status = status("signed-out", "revoked");
    status.session.fault = Some(Code::SignInRequired.problem(Some("it@acme.example")));
    let model = Model::of(Some(&status), None, &rules(), &ENGLISH);
    assert_eq!(model.icon, Icon::Attention);
    let lines =
        ["Not signed in", "Your organisation ended the sign-in; the account may be disabled.", "For help: it@acme.example"];
    assert_eq!(model.tooltip.lines().collect::<Vec<_>>(), lines);
}

#[test]
fn every_state_of_a_server_stands_in_the_menu_and_trouble_stands_first() {
    let mut status = status("active", "");
    let states = ["idle", "ready", "renewing", "denied", "unreachable", "misconfigured", "needs-user", "of-the-future"];
    status.servers = states.iter().map(|state| server(state, &format!("A {state} server"), state)).collect();
    insta::assert_snapshot!(shown(&status));
}

#[test]
fn ten_servers_are_shown_and_the_rest_is_counted() {
    for (servers, lines, more) in [(0, 0, None), (10, 10, None), (11, 11, Some("1 more")), (500, 11, Some("490 more"))] {
        let mut status = status("active", "");
        status.servers = (0..servers).map(|at| server(&format!("s{at}"), &format!("Server {at}"), "ready")).collect();
        let model = Model::of(Some(&status), None, &rules(), &ENGLISH);
        let found = model.items.iter().filter_map(|item| match item {
            Item::Action(label, Choice::Open(crate::arguments::Page::Servers)) if *label != ENGLISH.menu.open => Some(label),
            _ => None,
        });
        let found: Vec<&String> = found.collect();
        assert_eq!(found.len(), lines, "{servers}");
        if let Some(more) = more {
            assert!(found[10].starts_with(more), "{found:?}");
        }
    }
}

#[test]
fn no_agent_is_told_from_one_that_has_nothing_to_do() {
    insta::assert_snapshot!(drawn(&Model::of(None, None, &rules(), &ENGLISH)));
    let mut gone = status("active", "");
    gone.agent.running = false;
    assert_eq!(Model::of(Some(&gone), None, &rules(), &ENGLISH), Model::of(None, None, &rules(), &ENGLISH));
}

#[test]
fn a_pause_is_said_and_ends_by_the_same_line() {
    let mut status = status("active", "");
    status.agent.paused = true;
    insta::assert_snapshot!(shown(&status));
}

#[test]
fn a_locked_screen_is_said_and_the_person_has_paused_nothing() {
    let mut status = status("active", "");
    status.agent.screen_locked = true;
    let model = Model::of(Some(&status), None, &rules(), &ENGLISH);
    assert_eq!(model.icon, Icon::Idle);
    assert!(model.tooltip.ends_with("Screen locked: no program gets access"), "{}", model.tooltip);
    assert!(model.items.contains(&Item::Check("Pause".into(), false, Choice::Pause(true))), "{model:?}");
    status.agent.paused = true;
    assert!(!Model::of(Some(&status), None, &rules(), &ENGLISH).tooltip.contains("locked"), "what the person did comes first");
}

#[test]
fn a_faulty_policy_is_attention_and_a_missing_one_is_not() {
    let mut status = status("unconfigured", "");
    assert_eq!(Icon::of(Some(&status)), Icon::Idle);
    let fault = PolicyFault { setting: "Issuer".into(), origin: "/etc/lanyard/policy.json".into(), message: "bad".into() };
    status.policy.faults = vec![fault];
    assert_eq!(Icon::of(Some(&status)), Icon::Attention);
}

#[test]
fn a_server_that_wants_the_person_turns_the_icon() {
    let mut status = status("active", "");
    status.servers = vec![server("a", "A", "denied"), server("b", "B", "unreachable")];
    assert_eq!(Icon::of(Some(&status)), Icon::Active, "nothing that the person can do");
    status.servers.push(server("c", "C", "needs-user"));
    assert_eq!(Icon::of(Some(&status)), Icon::Attention);
}

#[test]
fn what_policy_forbids_is_not_offered() {
    for (state, reason) in STATES.iter().flat_map(|(state, reasons)| reasons.iter().map(move |reason| (*state, *reason))) {
        let model = Model::of(Some(&status(state, reason)), None, &Rules::default(), &ENGLISH);
        let forbidden = |item: &Item| matches!(item, Item::Action(_, Choice::Quit | Choice::SignOut | Choice::Help(_)));
        assert!(!model.items.iter().any(forbidden), "{state} {reason}: {model:?}");
    }
}

#[test]
fn what_others_wrote_cannot_dress_up_as_the_menu() {
    let mut status = status("active", "");
    status.session.account.as_mut().unwrap().email = Some(format!("a\nQuit\u{202e}{}", "x".repeat(200)));
    status.servers = vec![server("a", &format!("One\n\nQuit{}", "y".repeat(200)), "ready")];
    let model = Model::of(Some(&status), None, &rules(), &ENGLISH);
    for item in &model.items {
        if let Item::Text(label) | Item::Action(label, _) | Item::Check(label, _, _) = item {
            assert!(label.chars().count() < 80 && !label.contains(['\n', '\u{202e}']), "{label}");
        }
    }
}

#[test]
fn german_is_said_where_the_system_speaks_it() {
    let mut status = status("signed-out", "revoked");
    status.servers = vec![server("a", "Linear", "idle")];
    insta::assert_snapshot!(drawn(&Model::of(Some(&status), None, &rules(), &GERMAN)));
}
