use super::{Group, SETTING, Setting};
use crate::kinds::{Address, AuditIdentity, Item, Kind, Sink};

const AUDIT: Setting = Setting { group: Group::Audit, ..SETTING };

pub(super) static SETTINGS: &[Setting] = &[
    Setting {
        name: "AuditSinks",
        kind: Kind::List { of: Item::Choice(Sink::WORDS), min: 0, max: 3 },
        default: Some("[\"file\"]"),
        summary: "Where audit events go.",
        explanation: "Any of system (the system's own log), file (JSON lines) and otlp (a collector). An empty list turns the audit log off.",
        absent: "They go to the file.",
        example: "[\"system\",\"file\"]",
        ..AUDIT
    },
    Setting {
        name: "AuditFile",
        kind: Kind::Path,
        summary: "The audit file.",
        explanation: "An absolute path in which the employee's own agent can write.",
        absent: "audit.jsonl in the employee's state folder.",
        example: "\"/var/log/lanyard/audit.jsonl\"",
        ..AUDIT
    },
    Setting {
        name: "AuditIdentity",
        kind: Kind::Choice(AuditIdentity::WORDS),
        default: Some("\"name\""),
        when_faulty: Some("\"subject-hash\""),
        summary: "How audit events name the employee.",
        explanation: "subject-hash keeps names out of the log; events of one person can still be told to belong together.",
        absent: "By account name.",
        example: "\"subject-hash\"",
        ..AUDIT
    },
    Setting {
        name: "AuditOtlpEndpoint",
        kind: Kind::Url(Address::Endpoint),
        summary: "The collector, when AuditSinks has otlp.",
        explanation: "The address to which log records are posted (OTLP over HTTP).",
        absent: "Nothing is sent to a collector.",
        example: "\"https://otel.acme.example/v1/logs\"",
        ..AUDIT
    },
];
