use std::time::Instant;

use exchange::{ExchangeError, Step, StepName, Trail};
use wire::{Code, DoctorOutcome, DoctorStep};

use super::{Patient, failed, mcp, products, step};

/// The steps of one server: resource metadata, authorization server metadata, both legs, `tools/list`.
pub(super) async fn examine(patient: &Patient, id: &str, healthy: bool) -> Vec<DoctorStep> {
    let Some(server) = patient.policy.servers.get(id) else {
        let unknown = failed(
            step("server", format!("Look for {id} in the policy"), Instant::now()),
            patient.problem(Code::ServerUnknown),
            "whoever writes the Lanyard policy",
        );
        return vec![DoctorStep { server: Some(id.to_owned()), ..unknown }];
    };
    let mut steps = Vec::new();
    let mut token = None;
    if !healthy {
        steps.push(skipped("token", format!("Get a token for {}", server.name()), "an earlier step failed"));
    } else if server.route == policy::Route::None {
        steps.push(skipped("token", format!("Get a token for {}", server.name()), "policy says that the server needs none"));
    } else {
        let trail = Trail::kept();
        let outcome = patient.exchange.diagnose(id, trail.clone()).await;
        let walked = trail.steps();
        steps.extend(walked.iter().map(|walked| of_trail(patient, server, walked)));
        match outcome {
            Ok(entry) => token = Some(entry),
            Err(error) if walked.iter().all(|walked| walked.error.is_none()) => {
                steps.push(stopped(patient, server, "token", &error, Instant::now()))
            }
            Err(_) => {}
        }
    }
    let reachable = token.is_some() || (healthy && server.route == policy::Route::None);
    steps.push(match reachable {
        true => tools(patient, server, token.as_deref()).await,
        false => skipped("tools", format!("Ask {} for its tools", server.name()), "there is no token"),
    });
    steps.into_iter().map(|step| DoctorStep { server: Some(id.to_owned()), ..step }).collect()
}

fn skipped(name: &str, title: String, why: &str) -> DoctorStep {
    DoctorStep { outcome: DoctorOutcome::Skipped, found: format!("Not tried: {why}."), ..step(name, title, Instant::now()) }
}

fn of_trail(patient: &Patient, server: &policy::Server, walked: &Step) -> DoctorStep {
    let (name, title) = match walked.name {
        StepName::Discovery => ("resource-metadata", format!("Find the authorization server of {}", server.name())),
        StepName::Subject => ("subject", "Take the proof of the sign-in".to_owned()),
        StepName::Assertion => ("assertion", format!("Exchange it for an ID-JAG for {} at the identity provider", server.name())),
        StepName::Token => ("token", format!("Redeem the ID-JAG at the authorization server of {}", server.name())),
    };
    let mut step = match &walked.error {
        Some(error) => stopped(patient, server, name, error, Instant::now()),
        None => step(name, "", Instant::now()),
    };
    step.title = title;
    step.sent = walked.sent.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    if walked.error.is_none() {
        let found = walked.found.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name} {value}"));
        step.found = found.collect::<Vec<_>>().join(", ");
    }
    step.took_ms = u64::try_from(walked.took.as_millis()).unwrap_or(u64::MAX);
    step
}

fn stopped(patient: &Patient, server: &policy::Server, name: &str, error: &ExchangeError, began: Instant) -> DoctorStep {
    let mut problem = broker::problem(error);
    if let Some(contact) = server.contact.as_deref().or(patient.policy.appearance.support_contact.as_deref()) {
        problem.contact = contact.to_owned();
    }
    let who = error.who.map_or("the person at this computer", exchange::classify::Who::phrase);
    let who = match products::known(&server.url) {
        Some(product) => format!("{who}. {}", product),
        None => who.to_owned(),
    };
    let mut step = failed(step(name, "", began), problem, &who);
    step.found = error.hint.clone();
    step.theirs = match (&error.theirs, &error.trace) {
        (Some(theirs), Some(trace)) => Some(format!("{theirs} (trace {trace})")),
        (theirs, _) => theirs.clone(),
    };
    step.sent = error.sent.clone();
    step
}

async fn tools(patient: &Patient, server: &policy::Server, token: Option<&exchange::Entry>) -> DoctorStep {
    let began = Instant::now();
    let listed = mcp::list_tools(&patient.client, &server.url, token.map(|entry| entry.token.expose())).await;
    let mut step = step("tools", format!("Ask {} for its tools", server.name()), began);
    match listed {
        Ok(count) => step.found = format!("{count} tools."),
        Err(refusal) => {
            step.found = refusal.to_string();
            if let mcp::Refusal::Away(net::NetError::Untrusted { issuer: Some(issuer), .. }) = &refusal {
                step.theirs = Some(format!("its certificate was issued by “{issuer}”"));
            }
            let code = match refusal {
                mcp::Refusal::Away(_) => Code::ServerUnreachable,
                mcp::Refusal::Status(401 | 403) => Code::ServerRefused,
                mcp::Refusal::Status(_) | mcp::Refusal::Answer => Code::ServerMisconfigured,
            };
            step = failed(step, patient.problem(code), "the administrators of the server");
        }
    }
    step
}
