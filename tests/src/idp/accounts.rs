//! People, their sign-ins, and who may use what.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde::Serialize;

use crate::form::words;
use crate::keys::{digest, random};

/// The password of every account.
pub const PASSWORD: &str = "correct horse";

/// The strong sign-in that the second page gives.
pub const STRONG: &str = "phr";

/// One person.
#[derive(Clone, Debug, Serialize)]
pub struct Account {
    /// What they type at sign-in.
    pub name: String,
    /// Their full name.
    pub display: String,
    /// Their address.
    pub email: String,
    /// Whether the address was confirmed.
    pub email_verified: bool,
    /// Their groups.
    pub groups: Vec<String>,
    /// Whether they may sign in.
    pub active: bool,
    /// The `sub` claim: opaque, not the name.
    pub subject: String,
}

/// A sign-in at the IdP, whatever clients it served.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Session {
    pub(crate) sid: String,
    pub(crate) user: String,
    pub(crate) auth_time: i64,
    pub(crate) acr: String,
    pub(crate) alive: bool,
}

/// What a code or a refresh token stands for.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) user: String,
    pub(crate) client: String,
    pub(crate) sid: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) auth_time: i64,
    pub(crate) acr: String,
}

impl Grant {
    pub(crate) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|have| have == scope)
    }

    pub(crate) fn amr(&self) -> Vec<&'static str> {
        if self.acr == STRONG { vec!["pwd", "hwk", "mfa"] } else { vec!["pwd"] }
    }
}

/// A refresh token and its successors; all die together.
#[derive(Clone, Debug)]
pub(crate) struct Family {
    pub(crate) grant: Grant,
    pub(crate) alive: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub(crate) family: String,
    pub(crate) spent: bool,
}

/// An authorization request that waits for the person.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) client: String,
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) acr_values: Vec<String>,
    /// The browser that asked, so that nobody else's answers the form.
    pub(crate) browser: String,
    /// The session that passed the first page.
    pub(crate) sid: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) asked: Asked,
    pub(crate) grant: Grant,
    pub(crate) until: i64,
}

/// A server as the IdP knows it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Target {
    pub(crate) server: String,
    /// Issuers that its AS goes by.
    pub(crate) audiences: Vec<String>,
    pub(crate) resource: String,
    /// Lanyard's client id there.
    pub(crate) client: String,
    pub(crate) acr: Option<String>,
    pub(crate) max_age: Option<i64>,
}

/// Everything that the IdP remembers.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) accounts: BTreeMap<String, Account>,
    pub(crate) sessions: BTreeMap<String, Session>,
    /// Digest of the cookie to session.
    pub(crate) cookies: HashMap<String, String>,
    pub(crate) asked: HashMap<String, Asked>,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) families: HashMap<String, Family>,
    pub(crate) tickets: HashMap<String, Ticket>,
    /// Group, server, scopes.
    pub(crate) access: BTreeMap<(String, String), Vec<String>>,
    pub(crate) targets: Vec<Target>,
    pub(crate) recent: VecDeque<std::time::Instant>,
    /// The last assertion of each resource, for a replay on demand.
    pub(crate) last: HashMap<String, String>,
}

impl Memory {
    pub(crate) fn seeded() -> Self {
        let people = [
            ("ada", "Ada Lovelace", "engineering everyone"),
            ("grace", "Grace Hopper", "finance everyone"),
            ("linus", "Linus Example", "contractors"),
        ];
        let account = |(name, display, groups): (&str, &str, &str)| Account {
            name: name.into(),
            display: display.into(),
            email: format!("{name}@acme.example"),
            email_verified: name != "linus",
            groups: words(groups),
            active: true,
            subject: format!("00u{}", random(9)),
        };
        let rules = [
            ("engineering", "linear", "read write"),
            ("engineering", "figma", "read write"),
            ("engineering", "wiki", "read write"),
            ("finance", "linear", "read"),
            ("everyone", "wiki", "read"),
            ("contractors", "figma", "read"),
        ];
        Self {
            accounts: people.map(account).into_iter().map(|one| (one.name.clone(), one)).collect(),
            access: rules.map(|(group, server, scopes)| ((group.into(), server.into()), words(scopes))).into(),
            ..Self::default()
        }
    }

    /// The scopes that a user's groups open at a server; `None` is no access.
    pub(crate) fn allowed(&self, user: &str, server: &str) -> Option<Vec<String>> {
        let groups = &self.accounts.get(user)?.groups;
        let rules = self.access.iter().filter(|((group, target), _)| target == server && groups.contains(group));
        let mut scopes: Vec<String> = rules.flat_map(|(_, scopes)| scopes.clone()).collect();
        scopes.sort();
        scopes.dedup();
        (!scopes.is_empty()).then_some(scopes)
    }

    pub(crate) fn active(&self, user: &str) -> bool {
        self.accounts.get(user).is_some_and(|account| account.active)
    }

    pub(crate) fn alive(&self, sid: &str) -> bool {
        self.sessions.get(sid).is_some_and(|session| session.alive)
    }

    /// Ends a session with every refresh token that came of it.
    pub(crate) fn end(&mut self, sid: &str) {
        if let Some(session) = self.sessions.get_mut(sid) {
            session.alive = false;
        }
        for family in self.families.values_mut().filter(|family| family.grant.sid == sid) {
            family.alive = false;
        }
    }

    /// A first or next refresh token of a family.
    pub(crate) fn ticket(&mut self, family: &str) -> String {
        let token = format!("rt_{}", random(32));
        self.tickets.insert(digest(&token), Ticket { family: family.into(), spent: false });
        token
    }

    /// The family of a refresh token, dead or alive, and whether this token was replaced already.
    pub(crate) fn family(&self, token: &str) -> Option<(String, Family, bool)> {
        let ticket = self.tickets.get(&digest(token))?;
        let family = self.families.get(&ticket.family)?;
        Some((ticket.family.clone(), family.clone(), ticket.spent))
    }
}
