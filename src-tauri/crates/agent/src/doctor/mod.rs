//! `lanyard doctor`: fresh exchanges, step by step. It names the first step that fails, what was sent, and who can mend it.

mod mcp;
mod network;
mod products;
mod server;

use std::time::Instant;

use net::Client;
use policy::{Closed, Policy};
use session::Snapshot;
use session::state::Reason;
use tokio::sync::mpsc;
use wire::{Code, DoctorOutcome, DoctorStep, Problem};

use crate::autostart::{self, Autostart};
use crate::{fault, harden};

/// What a diagnosis works with.
pub(crate) struct Patient {
    pub(crate) policy: std::sync::Arc<Policy>,
    pub(crate) config: Result<session::Config, Problem>,
    pub(crate) wiring_faults: Vec<String>,
    pub(crate) client: Client,
    pub(crate) snapshot: Snapshot,
    pub(crate) exchange: exchange::Exchange,
    pub(crate) server: Option<String>,
}

/// Without a server named, at most this many are tried: each costs an assertion of the month's licence.
const SERVERS: usize = 10;

/// Who mends a policy.
const POLICY: &str = "whoever writes the Lanyard policy";

/// Walks every step and sends it as it is done. Stops when nobody listens.
pub(crate) async fn examine(patient: Patient, steps: mpsc::Sender<DoctorStep>) {
    let repaired = autostart::repair();
    let basics = looked(&patient, repaired).await;
    let healthy = basics.iter().all(|step| step.outcome != DoctorOutcome::Failed);
    for step in basics {
        if steps.send(step).await.is_err() {
            return;
        }
    }
    let ids: Vec<String> = match &patient.server {
        Some(id) => vec![id.clone()],
        None => patient.policy.servers.keys().take(SERVERS).cloned().collect(),
    };
    let others = patient.server.is_none().then(|| patient.policy.servers.len() - ids.len()).filter(|others| *others > 0);
    for id in ids {
        for step in server::examine(&patient, &id, healthy).await {
            if steps.send(step).await.is_err() {
                return;
            }
        }
    }
    if let Some(others) = others {
        let _gone = steps.send(others_step(others)).await;
    }
}

/// What was left out is said, or silence would pass for good news.
fn others_step(others: usize) -> DoctorStep {
    let mut step = step("others", "Look at the other servers", Instant::now());
    step.outcome = DoctorOutcome::Skipped;
    let them = if others == 1 { "1 server was" } else { &format!("{others} servers were") };
    step.found = format!("{them} not tried, as each costs an assertion of the licence. Name one to try it.");
    step
}

/// The steps that ask no server and cost no assertion.
pub(crate) async fn basics(patient: &Patient) -> Vec<DoctorStep> {
    looked(patient, false).await
}

async fn looked(patient: &Patient, repaired: bool) -> Vec<DoctorStep> {
    let way = network::examine(patient).await;
    let idp = idp_step(patient).await;
    vec![policy_step(patient), process_step(), autostart_step(repaired), way, idp, session_step(patient)]
}

/// A step that went well so far.
fn step(name: &str, title: impl Into<String>, began: Instant) -> DoctorStep {
    DoctorStep {
        server: None,
        step: name.to_owned(),
        title: title.into(),
        outcome: DoctorOutcome::Good,
        found: String::new(),
        sent: Vec::new(),
        theirs: None,
        who: None,
        fault: None,
        took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}

impl Patient {
    fn problem(&self, code: Code) -> Problem {
        code.problem(self.policy.appearance.support_contact.as_deref())
    }
}

fn failed(mut step: DoctorStep, problem: Problem, who: &str) -> DoctorStep {
    step.outcome = DoctorOutcome::Failed;
    step.who = Some(who.to_owned());
    step.fault = Some(problem);
    step
}

fn policy_step(patient: &Patient) -> DoctorStep {
    let policy = &patient.policy;
    let mut step = step("policy", "Read the policy of this computer", Instant::now());
    let faults = policy.faults.iter().map(|fault| {
        let name = fault.setting.as_deref().unwrap_or("the file");
        format!("{name} ({}): {}", fault.origin, fault.message)
    });
    let faults: Vec<String> = faults.chain(patient.wiring_faults.iter().cloned()).collect();
    step.found = match policy.origins.is_empty() {
        true => "No policy was found.".to_owned(),
        false => format!("{} servers from {}.", policy.servers.len(), policy.origins.join(", ")),
    };
    if let Err(Closed::Faulty { settings }) = &policy.identity {
        step.found = format!("{} Faulty: {}.", step.found, settings.join(", "));
    }
    if let Err(problem) = &patient.config {
        step.found = format!("{} {}", step.found, faults.join("; ")).trim_end().to_owned();
        return failed(step, problem.clone(), POLICY);
    }
    let unknown = policy.unknown.iter().map(|unknown| match &unknown.nearest {
        Some(nearest) => format!("{} is unknown here; is {nearest} meant?", unknown.name),
        None => format!("{} is unknown here", unknown.name),
    });
    let remarks: Vec<String> = faults.into_iter().chain(unknown).collect();
    if !remarks.is_empty() || !policy.managed {
        step.outcome = DoctorOutcome::Warning;
        let person = if policy.managed { "" } else { " It comes from a file that a person named." };
        step.found = format!("{}{person} {}", step.found, remarks.join("; ")).trim_end().to_owned();
    }
    step
}

fn process_step() -> DoctorStep {
    let mut step = step("process", "Look at how this process is protected", Instant::now());
    let missing: Vec<&str> = harden::measures().iter().filter(|measure| !measure.in_force).map(|measure| measure.name).collect();
    step.found = match missing.is_empty() {
        true => "Core dumps are off and the process cannot be traced.".to_owned(),
        false => format!("Not in force: {}.", missing.join(", ")),
    };
    if !missing.is_empty() {
        step.outcome = DoctorOutcome::Warning;
    }
    step
}

fn autostart_step(repaired: bool) -> DoctorStep {
    let mut step = step("autostart", "Look for what starts Lanyard at log-on", Instant::now());
    let found = autostart::found();
    step.found = match &found {
        Autostart::Entered(entry) if repaired => format!("{entry}, which was mended just now."),
        Autostart::Entered(entry) => format!("{entry}."),
        Autostart::SwitchedOff(entry) => format!("{entry} is switched off."),
        Autostart::Broken(entry) => format!("{entry} starts a program that is not there."),
        Autostart::Absent => "Nothing does. It starts when a client or `lanyard login` needs it.".to_owned(),
    };
    if !matches!(found, Autostart::Entered(_)) {
        step.outcome = DoctorOutcome::Warning;
        step.who = Some("whoever installs Lanyard, or the person who switched it off".to_owned());
    }
    step
}

async fn idp_step(patient: &Patient) -> DoctorStep {
    let began = Instant::now();
    let Ok(config) = &patient.config else {
        let mut step = step("idp", "Ask the identity provider for its metadata", began);
        step.outcome = DoctorOutcome::Skipped;
        return step;
    };
    let probed = session::probe(&patient.client, config).await;
    let mut step = step("idp", "Ask the identity provider for its metadata", began);
    step.sent = vec![("issuer".to_owned(), config.issuer.clone()), ("client_id".to_owned(), config.client_id.clone())];
    match probed {
        Ok(metadata) => {
            step.found = format!("Token endpoint {}.", metadata.token_endpoint.unwrap_or_default());
            step
        }
        Err(problem) => {
            step.theirs = problem.detail.clone();
            let who = if problem.is_passing() { "the network, or the identity provider" } else { other_spelling(&config.issuer) };
            failed(step, fault::of_fault(&problem, patient.policy.appearance.support_contact.as_deref()), who)
        }
    }
}

/// The commonest slip with issuers.
fn other_spelling(issuer: &str) -> &'static str {
    match issuer.ends_with('/') {
        true => {
            "whoever writes the Lanyard policy: the issuer must be spelt byte for byte as in the metadata; try it without its trailing slash"
        }
        false => {
            "whoever writes the Lanyard policy: the issuer must be spelt byte for byte as in the metadata; try it with a trailing slash"
        }
    }
}

fn session_step(patient: &Patient) -> DoctorStep {
    let snapshot = &patient.snapshot;
    let mut step = step("session", "Look at the sign-in", Instant::now());
    step.found = match (&snapshot.account, snapshot.label) {
        (Some(account), label) => {
            let name = account.email.as_deref().or(account.name.as_deref()).unwrap_or(&account.subject);
            format!("{name}, {label}.")
        }
        (None, label) => format!("The session is {label}."),
    };
    if let Some(offset) = snapshot.clock_offset {
        step.outcome = DoctorOutcome::Warning;
        step.found = format!("{} The clocks differ by {offset} seconds.", step.found);
    }
    if snapshot.serves && !snapshot.renewable {
        step.outcome = DoctorOutcome::Warning;
        step.found = format!("{} {}", step.found, crate::status::UNRENEWABLE);
    }
    if snapshot.serves {
        return step;
    }
    let contact = patient.policy.appearance.support_contact.as_deref();
    let closed = patient.config.as_ref().err().cloned();
    let problem = closed.or_else(|| fault::of_session(snapshot, contact)).unwrap_or_else(|| match snapshot.label {
        "signing-in" => Code::SignInInProgress.problem(contact),
        _ => Code::SignInRequired.problem(contact),
    });
    step.theirs = snapshot.fault.as_ref().and_then(|fault| fault.detail.clone());
    let who = who(problem.code, snapshot.reason);
    failed(step, problem, who)
}

/// Who can end what stands against the session.
fn who(code: Code, reason: Option<Reason>) -> &'static str {
    match code {
        Code::NotConfigured | Code::PolicyFault => POLICY,
        Code::IdpUnreachable | Code::IdpThrottled => "the network, or the identity provider; Lanyard tries again by itself",
        Code::ServerMisconfigured => "whoever registered Lanyard at the identity provider, or writes the Lanyard policy",
        Code::VaultLocked | Code::VaultUnavailable => "the person at this computer: open the keychain, or run `lanyard login`",
        Code::AccountNotAllowed => "the person at this computer: run `lanyard login` with the work account",
        Code::SignInInProgress => "the person at this computer: finish the sign-in in the browser",
        Code::SignInRequired if reason == Some(Reason::Revoked) => {
            "the administrators of the identity provider, where the account is disabled; else the person: run `lanyard login`"
        }
        Code::Internal => "the makers of Lanyard: send them the diagnostics",
        _ => "the person at this computer: run `lanyard login`",
    }
}
