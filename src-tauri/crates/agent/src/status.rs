//! Status: one document out of what the rooms say. Pure.

use exchange::{Health, ServerState};
use jiff::Timestamp;
use policy::{Policy, Route, Server};
use session::Snapshot;
use wire::{AccountStatus, AgentStatus, Code, DoorStatus, Problem, ServerStatus, SessionStatus, Status, VaultStatus};

use crate::fault;

/// Everything that Status is made of.
pub(crate) struct Parts<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) closed: Option<Problem>,
    pub(crate) health: &'a dyn Fn(&str) -> Option<Health>,
    pub(crate) doors: DoorStatus,
    pub(crate) paused: bool,
    pub(crate) screen_locked: bool,
    pub(crate) since: Timestamp,
    pub(crate) warnings: Vec<String>,
}

/// The document.
pub(crate) fn status(parts: &Parts<'_>) -> Status {
    let contact = parts.policy.appearance.support_contact.as_deref();
    let servers: Vec<ServerStatus> = parts.policy.servers.values().map(|entry| server(entry, parts)).collect();
    let mut warnings = parts.warnings.clone();
    warnings.extend(policy_warnings(parts.policy));
    warnings.extend(parts.snapshot.clock_offset.map(clock_warning));
    warnings.extend((parts.snapshot.serves && !parts.snapshot.renewable).then(|| UNRENEWABLE.to_owned()));
    warnings.extend(servers.iter().filter_map(budget_warning));
    Status {
        schema: wire::SCHEMA,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        agent: AgentStatus {
            running: true,
            pid: Some(std::process::id()),
            since: Some(parts.since),
            paused: parts.paused,
            screen_locked: parts.screen_locked,
        },
        policy: parts.policy.status(),
        session: session(parts.snapshot, parts.closed.clone(), contact),
        servers,
        doors: parts.doors.clone(),
        vault: VaultStatus { kind: word(&parts.snapshot.vault.kind), state: word(&parts.snapshot.vault.state) },
        warnings,
    }
}

/// A certified provider ignores `offline_access` without it (OIDC Core §11).
pub(crate) const UNRENEWABLE: &str = "The identity provider gave no refresh token, so the sign-in ends with its ID token. Its client may lack the grant, or policy may need Prompt set to consent.";

fn session(snapshot: &Snapshot, closed: Option<Problem>, contact: Option<&str>) -> SessionStatus {
    let reason = match (&snapshot.reason, &snapshot.demand, &snapshot.closed) {
        (Some(reason), _, _) => Some(word(reason)),
        (_, Some(session::state::Demand::StepUp { .. }), _) => Some("step-up".to_owned()),
        (_, Some(session::state::Demand::Interaction), _) => Some("interaction".to_owned()),
        (_, _, Some(closed)) => Some(word(closed)),
        _ => None,
    };
    SessionStatus {
        state: snapshot.label.to_owned(),
        reason,
        account: snapshot.account.as_ref().map(|account| AccountStatus {
            subject: account.subject.clone(),
            name: account.name.clone(),
            email: account.email.clone(),
        }),
        since: snapshot.since,
        renews_at: snapshot.renews_at,
        fault: match snapshot.label {
            "unconfigured" => closed,
            _ => fault::of_session(snapshot, contact),
        },
    }
}

fn server(server: &Server, parts: &Parts<'_>) -> ServerStatus {
    let health = (parts.health)(&server.id);
    let contact = server.contact.as_deref().or(parts.policy.appearance.support_contact.as_deref());
    let problem = match &health {
        Some(health) => health.error.as_ref().map(broker::problem),
        // Known to policy alone: it was left out, because its key cannot be used.
        None => Some(Code::ServerMisconfigured.problem(None)),
    };
    let problem = problem.map(|problem| match contact {
        Some(contact) => Problem { contact: contact.to_owned(), ..problem },
        None => problem,
    });
    let state = match health.as_ref().map(|health| health.state) {
        Some(ServerState::Ready) => "ready",
        Some(ServerState::Renewing) => "renewing",
        Some(ServerState::Denied) => "denied",
        Some(ServerState::Unreachable) => "unreachable",
        Some(ServerState::Misconfigured) | None => "misconfigured",
        Some(ServerState::NeedsUser) => "needs-user",
        Some(ServerState::Idle) => "idle",
    };
    ServerStatus {
        id: server.id.clone(),
        title: server.name().to_owned(),
        url: server.url.clone(),
        state: state.to_owned(),
        expires_at: health.as_ref().and_then(|health| health.expires),
        scope: health.as_ref().and_then(|health| health.scope.clone()),
        last_used: health.as_ref().and_then(|health| health.last_used),
        mints_this_month: health.as_ref().map_or(0, |health| health.mints),
        // The licence counts assertions, and no other way to a server takes one.
        mint_budget: match server.route {
            Route::IdJag => parts.policy.exchange.monthly_mint_budget.into(),
            Route::Interactive | Route::None => 0,
        },
        fault: problem,
    }
}

fn policy_warnings(policy: &Policy) -> Vec<String> {
    let mut warnings = Vec::new();
    if policy.network.allow_insecure_loopback {
        warnings.push(
            "AllowInsecureLoopback is on: plain http to this computer is accepted. It is for development alone.".to_owned(),
        );
    }
    if !policy.managed && policy.identity.is_ok() {
        warnings
            .push("The policy comes from a file that a person named, not from your organisation's machine policy.".to_owned());
    }
    warnings
}

fn clock_warning(offset: i64) -> String {
    let direction = if offset > 0 { "behind" } else { "ahead of" };
    format!("The clock of this computer is {} seconds {direction} the identity provider's.", offset.abs())
}

/// 80 % of the month's licence is worth a word, while something can still be done.
fn budget_warning(server: &ServerStatus) -> Option<String> {
    let near = server.mint_budget > 0 && server.mints_this_month * 5 >= server.mint_budget * 4;
    near.then(|| {
        format!(
            "{} used {} of {} assertions that this month's licence allows.",
            server.title, server.mints_this_month, server.mint_budget
        )
    })
}

/// An enum of words as the word that it is written as.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
