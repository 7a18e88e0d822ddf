use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use serde_json::json;
use wire::client::ClientError;
use wire::{Code, DoctorOutcome, DoctorStep, SCHEMA};

use crate::call::{Call, server_path};
use crate::failure::Failure;
use crate::output::{BAD, DIM, GOOD, TITLE, WARN, plain, styled};

/// The longest that one step may take; every request of it has limits of its own.
const STEP_LIMIT: Duration = Duration::from_secs(120);

/// `lanyard doctor`: each step as it comes; exits with the first failing step's code.
pub(crate) fn run(server: Option<&str>, call: &Call) -> Result<u8, Failure> {
    let path = match server {
        Some(server) => server_path("/v1/doctor", server, "")?,
        None => "/v1/doctor".to_owned(),
    };
    let coming = call.follow::<DoctorStep>(&path)?;
    let mut steps: Vec<DoctorStep> = Vec::new();
    loop {
        let step = match coming.recv_timeout(STEP_LIMIT) {
            Ok(step) => step?,
            Err(RecvTimeoutError::Disconnected) if !steps.is_empty() => break,
            // No step at all is a connection that broke; a step that never ends is the agent's defect.
            Err(_) => return Err(ClientError::Answer.into()),
        };
        if !call.output.is_json() {
            let before = steps.last().and_then(|step| step.server.as_deref());
            call.output.text(&text(&step, before))?;
        }
        steps.push(step);
    }
    if call.output.is_json() {
        call.output.document(&json!({ "schema": SCHEMA, "steps": steps }))?;
    }
    Ok(exit(&steps))
}

fn exit(steps: &[DoctorStep]) -> u8 {
    let failed = steps.iter().find(|step| step.outcome == DoctorOutcome::Failed);
    failed.map_or(0, |step| step.fault.as_ref().map_or(Code::Internal.row().exit, |fault| fault.exit()))
}

/// One step, under a heading where it begins another server.
fn text(step: &DoctorStep, before: Option<&str>) -> String {
    let mut text = String::new();
    if let Some(server) = step.server.as_deref().filter(|server| Some(*server) != before) {
        text.push_str(&format!("\n{}\n", styled(TITLE, &plain(server))));
    }
    let (style, mark) = match step.outcome {
        DoctorOutcome::Good => (GOOD, "ok  "),
        DoctorOutcome::Warning => (WARN, "look"),
        DoctorOutcome::Failed => (BAD, "FAIL"),
        DoctorOutcome::Skipped => (DIM, "skip"),
    };
    let took = match step.outcome {
        DoctorOutcome::Skipped => String::new(),
        _ => styled(DIM, &format!(" ({} ms)", step.took_ms)),
    };
    let found = if step.found.is_empty() { String::new() } else { format!(": {}", plain(&step.found)) };
    text.push_str(&format!("{} {}{found}{took}\n", styled(style, mark), plain(&step.title)));
    let mut more = |line: String| text.push_str(&format!("       {line}\n"));
    if step.outcome == DoctorOutcome::Failed {
        if !step.sent.is_empty() {
            more("Sent:".into());
        }
        for (name, value) in &step.sent {
            more(format!("  {} = {}", plain(name), plain(value)));
        }
        step.theirs.iter().for_each(|theirs| more(format!("The other side said: {}", plain(theirs))));
        step.fault.iter().for_each(|fault| more(format!("{}: {}", fault.code.name(), plain(&fault.sentences()))));
    }
    step.who.iter().for_each(|who| more(plain(who)));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(server: Option<&str>, step: &str, title: &str, outcome: DoctorOutcome, found: &str) -> DoctorStep {
        DoctorStep {
            server: server.map(str::to_owned),
            step: step.into(),
            title: title.into(),
            outcome,
            found: found.into(),
            sent: Vec::new(),
            theirs: None,
            who: None,
            fault: None,
            took_ms: 12,
        }
    }

    fn steps() -> Vec<DoctorStep> {
        use DoctorOutcome::{Failed, Good, Skipped, Warning};
        let linear = Some("linear");
        vec![
            step(None, "policy", "Read the policy", Good, "/etc/lanyard/policy.json"),
            DoctorStep {
                who: Some("IT: correct this computer's clock.".into()),
                ..step(None, "idp", "Reach the identity provider", Warning, "its clock is 45 s ahead")
            },
            step(linear, "resource-metadata", "Find the authorization server", Good, "https://mcp.linear.app"),
            DoctorStep {
                sent: vec![
                    ("grant_type".into(), "urn:ietf:params:oauth:grant-type:jwt-bearer".into()),
                    ("scope".into(), "read".into()),
                ],
                theirs: Some("invalid_grant: user not found\u{1b}[2J".into()),
                who: Some("You: sign in to Linear's website once with your work account.".into()),
                fault: Some(Code::ServerRefused.problem(Some("it@acme.example"))),
                ..step(linear, "token", "Redeem the assertion", Failed, "refused")
            },
            step(linear, "tools", "List the tools", Skipped, ""),
        ]
    }

    #[test]
    fn each_step_says_what_was_tried_found_and_who_can_mend_it() {
        let steps = steps();
        let befores = std::iter::once(None).chain(steps.iter().map(|step| step.server.as_deref()));
        let whole: String = steps.iter().zip(befores).map(|(step, before)| text(step, before)).collect();
        insta::assert_snapshot!(anstream::adapter::strip_str(&whole).to_string());
    }

    #[test]
    fn the_first_failure_decides_and_warnings_do_not_count() {
        let steps = steps();
        assert_eq!(exit(&steps), 7);
        assert_eq!(exit(&steps[..3]), 0);
        assert_eq!(exit(&[step(None, "idp", "", DoctorOutcome::Failed, "")]), 1);
    }
}
