//! What the agent itself writes to the audit log, and where the log goes.

use std::path::{Path, PathBuf};

use broker::audit::{Audit, FileSink, Sink, SystemSink};
use jiff::Timestamp;
use net::Client;
use policy::{AuditIdentity, Policy};
use session::Account;
use sha2::{Digest, Sha256};
use wire::{AuditEvent, Code};

use crate::otlp::OtlpSink;

/// The account as `AuditIdentity` says.
pub(crate) fn account(account: &Account, identity: AuditIdentity) -> String {
    match identity {
        AuditIdentity::Name => account.email.clone().or_else(|| account.name.clone()).unwrap_or_else(|| account.subject.clone()),
        AuditIdentity::SubjectHash => Sha256::digest(&account.subject)[..8].iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

/// Where the audit file is. A path of another system would be one beside wherever this process stands.
pub(crate) fn file(policy: &Policy, state: &Path) -> (PathBuf, Option<String>) {
    let usual = state.join("audit.jsonl");
    match &policy.audit.file {
        None => (usual, None),
        Some(named) if named.is_absolute() => (named.clone(), None),
        Some(_) => (usual, Some("AuditFile is no absolute path of this system; events go to the usual file.".to_owned())),
    }
}

/// Opens the sinks that policy names.
pub(crate) fn sinks(audit: &Audit, policy: &Policy, state: &Path, client: &Client) {
    let sinks = policy.audit.sinks.iter().filter_map(|sink| -> Option<Box<dyn Sink>> {
        match sink {
            policy::Sink::File => Some(Box::new(FileSink::new(file(policy, state).0))),
            policy::Sink::System => Some(Box::new(SystemSink::default())),
            policy::Sink::Otlp => {
                let endpoint = policy.audit.otlp_endpoint.clone()?;
                Some(Box::new(OtlpSink::new(client.clone(), endpoint)))
            }
        }
    });
    audit.set_sinks(sinks.collect());
}

/// An event about no caller.
pub(crate) fn event(name: &str, account: Option<String>, reason: Option<String>, fault: Option<Code>) -> AuditEvent {
    let outcome = if fault.is_some() { "refused" } else { "allowed" };
    AuditEvent {
        time: Timestamp::now(),
        event: name.to_owned(),
        account,
        reason,
        fault,
        outcome: outcome.to_owned(),
        ..AuditEvent::default()
    }
}
