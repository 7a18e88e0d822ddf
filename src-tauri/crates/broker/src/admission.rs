//! May they? Pure decisions over what policy says and what the kernel says about the caller; nothing that the
//! caller says about itself is among the arguments (LI-16).

use std::path::PathBuf;

use wire::{Code, User};

use crate::peer::Executable;
use crate::{Pattern, Rules, ServerRule};

/// The user id that the kernel shows for users that this namespace does not know.
const UNMAPPED: User = User::Id(65_534);

/// The two ways in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Door {
    /// The local socket.
    Socket,
    /// The port on 127.0.0.1.
    Loopback,
}

impl Door {
    /// As audit writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Socket => "socket",
            Self::Loopback => "loopback",
        }
    }
}

/// Whether the caller's user is the agent's: equality alone, so that root is no exception for others' agents (LI-9),
/// and a user that is unknown or unmapped is nobody (LI-10).
pub fn user(caller: Option<&User>, own: &User) -> bool {
    caller.is_some_and(|user| user == own && *user != UNMAPPED)
}

/// Whether policy admits the program. An unknown program is on no list: it passes where only a list of blocked
/// programs stands, and never where a list of allowed ones does (LI-27).
pub fn program(rules: &Rules, program: Option<&Executable>) -> Result<(), Code> {
    let blocked = program.is_some_and(|program| matches(&rules.blocked, program));
    if blocked || !allows(rules.allowed.as_deref(), program) {
        return Err(Code::ClientNotAllowed);
    }
    Ok(())
}

/// Whether the program may use the verbs that give nobody a server: status, sign-in, policy, doctor. Lanyard's own
/// faces may even where policy lists programs without them, so that a person can see why everything is refused.
pub fn verb(rules: &Rules, caller: Option<&Executable>, own: &[PathBuf]) -> Result<(), Code> {
    if caller.is_some_and(|program| own.iter().any(|own| own == program.path())) {
        return Ok(());
    }
    program(rules, caller)
}

/// Whether the program may use the server `id` at all (LI-26): an open agent, an admitted program, a known server,
/// and the server's own list, which only narrows.
pub fn server<'r>(rules: &'r Rules, id: &str, caller: Option<&Executable>) -> Result<&'r ServerRule, Code> {
    open(rules)?;
    program(rules, caller)?;
    let rule = rules.servers.get(id).ok_or(Code::ServerUnknown)?;
    if !allows(rule.allowed.as_deref(), caller) {
        return Err(Code::ClientNotAllowed);
    }
    Ok(rule)
}

/// Whether anything is served.
pub fn open(rules: &Rules) -> Result<(), Code> {
    rules.closed.map_or(Ok(()), Err)
}

/// Whether this server's token leaves Lanyard.
pub fn gives_token(rules: &Rules, rule: &ServerRule) -> bool {
    rules.token_door && rule.containment.is_none()
}

fn allows(list: Option<&[Pattern]>, program: Option<&Executable>) -> bool {
    match (list, program) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(list), Some(program)) => matches(list, program),
    }
}

fn matches(list: &[Pattern], program: &Executable) -> bool {
    list.iter().any(|pattern| pattern.matches(program))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::peer::signed;

    fn patterns(texts: &[&str]) -> Vec<Pattern> {
        texts.iter().map(|text| Pattern::parse(text).unwrap()).collect()
    }

    fn rules(allowed: Option<&[&str]>, blocked: &[&str], narrowed: Option<&[&str]>) -> Rules {
        let server = ServerRule { allowed: narrowed.map(patterns), ..ServerRule::default() };
        Rules {
            allowed: allowed.map(patterns),
            blocked: patterns(blocked),
            servers: [("wiki".to_owned(), server)].into(),
            token_door: true,
            ..Rules::default()
        }
    }

    #[test]
    fn only_the_agents_own_user_is_admitted() {
        let table = [
            (Some(1000), 1000, true),
            (Some(0), 0, true),
            (Some(0), 1000, false),
            (Some(1000), 0, false),
            (Some(1001), 1000, false),
            (Some(65_534), 65_534, false),
            (None, 1000, false),
            (None, 0, false),
        ];
        for (caller, own, expected) in table {
            assert_eq!(user(caller.map(User::Id).as_ref(), &User::Id(own)), expected, "{caller:?} {own}");
        }
    }

    #[test]
    fn lists_of_programs_narrow_and_blocked_wins() {
        use Code::{ClientNotAllowed as No, ServerUnknown};
        let a: &[&str] = &["/a"];
        let table: [(Rules, Option<&str>, Result<(), Code>); 13] = [
            (rules(None, &[], None), None, Ok(())),
            (rules(None, &[], None), Some("/a"), Ok(())),
            (rules(Some(a), &[], None), Some("/a"), Ok(())),
            (rules(Some(a), &[], None), Some("/b"), Err(No)),
            (rules(Some(a), &[], None), None, Err(No)),
            (rules(Some(&[]), &[], None), Some("/a"), Err(No)),
            (rules(Some(a), a, None), Some("/a"), Err(No)),
            (rules(None, a, None), Some("/a"), Err(No)),
            (rules(None, a, None), None, Ok(())),
            (rules(None, &[], Some(a)), Some("/b"), Err(No)),
            (rules(None, &[], Some(a)), None, Err(No)),
            (rules(Some(&["/b"]), &[], Some(a)), Some("/a"), Err(No)),
            (rules(Some(a), &[], Some(&["team:X"])), Some("/a"), Err(No)),
        ];
        for (rules, program, expected) in table {
            let program = program.map(Executable::from);
            assert_eq!(server(&rules, "wiki", program.as_ref()).map(|_| ()), expected, "{rules:?} {program:?}");
        }
        assert_eq!(server(&rules(None, &[], None), "other", None).map(|_| ()).unwrap_err(), ServerUnknown);
    }

    #[test]
    fn a_closed_agent_says_why_before_anything_else() {
        for code in [Code::NotConfigured, Code::PolicyFault, Code::DoorClosed] {
            let rules = Rules { closed: Some(code), ..rules(Some(&[]), &[], None) };
            assert_eq!(server(&rules, "wiki", None).map(|_| ()).unwrap_err(), code);
        }
    }

    #[test]
    fn lanyards_own_faces_keep_their_verbs_and_get_no_server() {
        let own = [PathBuf::from("/usr/bin/lanyard")];
        let rules = rules(Some(&["/a"]), &[], None);
        assert_eq!(verb(&rules, Some(&"/usr/bin/lanyard".into()), &own), Ok(()));
        assert_eq!(verb(&rules, Some(&"/b".into()), &own), Err(Code::ClientNotAllowed));
        assert_eq!(verb(&rules, None, &own), Err(Code::ClientNotAllowed));
        assert!(server(&rules, "wiki", Some(&"/usr/bin/lanyard".into())).is_err());
    }

    #[test]
    fn a_team_of_apple_admits_and_blocks_whom_it_signed() {
        let team: &[&str] = &["team:ABCDE12345"];
        let (theirs, other) = (signed("/a", "ABCDE12345"), signed("/a", "OTHER67890"));
        assert_eq!(program(&rules(Some(team), &[], None), Some(&theirs)), Ok(()));
        assert_eq!(program(&rules(None, team, None), Some(&theirs)), Err(Code::ClientNotAllowed));
        for nobody in [&other, &"/a".into()] {
            assert_eq!(program(&rules(Some(team), &[], None), Some(nobody)), Err(Code::ClientNotAllowed));
            assert_eq!(program(&rules(None, team, None), Some(nobody)), Ok(()));
        }
    }

    fn list() -> impl Strategy<Value = Vec<&'static str>> {
        proptest::sample::subsequence(vec!["/a", "/b", "/c/*", "/c/**", "publisher:X", "team:Y"], 0..=6)
    }

    proptest! {
        /// LI-11: whatever is known about the process, it never admits what user and policy do not.
        #[test]
        fn evidence_never_raises_a_decision(
            allowed in proptest::option::of(list()), blocked in list(), narrowed in proptest::option::of(list()),
            program in proptest::option::of(proptest::sample::select(vec!["/a", "/b", "/c/d", "/c/d/e", "/f"])),
            uid in proptest::option::of(0_u32..3), own in 0_u32..3,
        ) {
            let rules = rules(allowed.as_deref(), &blocked, narrowed.as_deref());
            let without_lists = Rules { allowed: None, blocked: Vec::new(), ..rules.clone() };
            let program = program.map(Executable::from);
            let program = program.as_ref();
            let (uid, own) = (uid.map(User::Id), User::Id(own));
            let admitted = user(uid.as_ref(), &own) && server(&rules, "wiki", program).is_ok();
            prop_assert!(!admitted || uid == Some(own.clone()));
            prop_assert!(!admitted || server(&without_lists, "wiki", program).is_ok());
            prop_assert!(!admitted || !program.is_some_and(|program| matches(&rules.blocked, program)));
            if rules.allowed.is_some() || narrowed.is_some() {
                prop_assert!(!admitted || program.is_some());
            }
            // Knowing less never admits more where a list of allowed programs stands.
            if rules.allowed.is_some() {
                prop_assert!(server(&rules, "wiki", None).is_err());
            }
        }
    }
}
