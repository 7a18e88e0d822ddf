use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use wire::{Code, Diagnostics, DoctorStep, PolicyReport, Problem, SignIn, SignInRequest, SignOut, Status};

use crate::{Containment, Doing, Pattern};

/// What stands behind the verbs of the local interface.
///
/// The broker writes the audit events of callers: token-served, token-refused, caller-refused, key-made,
/// key-removed, paused, resumed, retried. The agent writes those of the session, of policy and of the vault.
///
/// A caller may vanish, which drops the future of its verb: what must not stop half-way (a sign-out) runs in a task
/// of its own.
pub trait Agent: Send + Sync + 'static {
    /// What is so now.
    fn status(&self) -> Status;
    /// A number that changes whenever [`Agent::status`] may have.
    fn changes(&self) -> watch::Receiver<u64>;
    /// When [`Agent::status`] changes next by time alone: a token ends, or a refusal does.
    fn next_change(&self) -> Option<Timestamp>;
    /// What policy admits; swapped as a whole when policy changes.
    fn rules(&self) -> Arc<Rules>;
    /// The account as audit shows it, by `AuditIdentity`.
    fn account(&self) -> Option<String>;
    /// Begins a sign-in, or finishes one with a pasted address. `sign-in-in-progress` while a browser is open.
    fn sign_in(&self, request: SignInRequest) -> Doing<'_, Result<SignIn, Problem>>;
    /// Ends the session.
    fn sign_out(&self) -> Doing<'_, Result<SignOut, Problem>>;
    /// Forgets a cached denial. The server is one of [`Rules::servers`].
    fn retry<'a>(&'a self, server: &'a str) -> Doing<'a, Result<(), Problem>>;
    /// Effective policy with origins, faults and unknown names; settings of kind secret as set or not set.
    fn policy(&self) -> PolicyReport;
    /// Reads policy again; the same document afterwards.
    fn reload_policy(&self) -> Doing<'_, PolicyReport>;
    /// Fresh exchanges, step by step; the work stops when the receiver is dropped.
    fn doctor(&self, server: Option<String>) -> mpsc::Receiver<DoctorStep>;
    /// The redacted support bundle.
    fn diagnostics(&self) -> Doing<'_, Result<Diagnostics, Problem>>;
    /// A person pauses or resumes serving.
    fn pause(&self, paused: bool);
}

/// What policy admits at the doors.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Why nothing is served at all: `not-configured`, `policy-fault`, or `door-closed` while paused.
    pub closed: Option<Code>,
    /// `TokenDoor`: whether tokens leave Lanyard.
    pub token_door: bool,
    /// `AllowedPrograms`; `None` admits every program, an empty list none.
    pub allowed: Option<Vec<Pattern>>,
    /// `BlockedPrograms`; stronger than every list of allowed programs.
    pub blocked: Vec<Pattern>,
    /// The servers by id.
    pub servers: BTreeMap<String, ServerRule>,
    /// Whom to ask.
    pub contact: Option<String>,
    /// `AllowSignOut`.
    pub sign_out: bool,
    /// How calls leave the machine.
    pub client: net::Client,
}

/// One server of policy.
#[derive(Clone, Debug, Default)]
pub struct ServerRule {
    /// Its name for people.
    pub title: String,
    /// The MCP endpoint.
    pub url: String,
    /// Whom to ask about it.
    pub contact: Option<String>,
    /// `allowedPrograms`: narrows [`Rules::allowed`].
    pub allowed: Option<Vec<Pattern>>,
    /// What may be done with it; where there is any, only the gateway and the bridge serve it.
    pub containment: Option<Arc<Containment>>,
    /// Whether it wants a token at all.
    pub authorized: bool,
    /// Whether its tokens come by enterprise-managed authorization, which clients then declare.
    pub enterprise: bool,
    /// The hosts that calls to it may reach.
    pub reach: net::Reach,
}

impl Rules {
    /// Whom to ask about `server`.
    pub fn contact(&self, server: Option<&str>) -> Option<&str> {
        let own = server.and_then(|id| self.servers.get(id)).and_then(|rule| rule.contact.as_deref());
        own.or(self.contact.as_deref())
    }

    /// Whether any rule looks at the program that asks.
    pub fn judges_programs(&self) -> bool {
        self.allowed.is_some()
            || !self.blocked.is_empty()
            || self.servers.values().any(|rule| {
                rule.allowed.is_some() || rule.containment.as_ref().is_some_and(|containment| containment.judges_programs())
            })
    }
}
