//! Audit events to a collector (OpenTelemetry Protocol, logs over HTTP as JSON).

use std::io;
use std::time::Duration;

use broker::audit::Sink;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use net::{Client, Reach, retry_delay, throttle_delay};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;
use wire::AuditEvent;

/// Events that wait for a collector that is away; later ones are lost for it, and counted.
const WAITING: usize = 4_096;
/// Events of one request.
const BATCH: usize = 256;
/// How long events gather.
const GATHER: Duration = Duration::from_secs(1);
/// The longest pause between two tries: what waits would be lost sooner.
const LONGEST: Duration = Duration::from_secs(60);
/// How long the last events are tried when the sink is closed.
const GOODBYE: Duration = Duration::from_secs(3);
/// `SEVERITY_NUMBER_INFO` and `SEVERITY_NUMBER_WARN` of the log data model.
const SEVERITY: [(u8, &str); 2] = [(9, "INFO"), (13, "WARN")];

/// Hands events to a task of its own, so that no decision waits for the network.
pub(crate) struct OtlpSink(mpsc::Sender<AuditEvent>);

impl OtlpSink {
    /// Opens the way to a collector. It must run within a tokio runtime.
    pub(crate) fn new(client: Client, endpoint: String) -> Self {
        let (queue, events) = mpsc::channel(WAITING);
        tokio::spawn(deliver(Collector { client, reach: Reach::of([endpoint.as_str()]), endpoint }, events));
        Self(queue)
    }
}

impl Sink for OtlpSink {
    fn write(&mut self, event: &AuditEvent) -> io::Result<()> {
        self.0.try_send(event.clone()).map_err(|_| io::Error::other("the collector is too far behind"))
    }
}

/// A number in 0..1 that differs from desk to desk, so that a fleet does not return as one.
fn unit() -> f64 {
    f64::from(Timestamp::now().subsec_nanosecond()) / 1e9
}

struct Collector {
    client: Client,
    reach: Reach,
    endpoint: String,
}

/// What became of a request.
enum Sent {
    Taken,
    /// It will never be taken.
    Refused(u16),
    /// It may be taken later, after what the collector asks for.
    Later(Option<Duration>),
}

async fn deliver(collector: Collector, mut events: mpsc::Receiver<AuditEvent>) {
    let mut batch = Vec::new();
    while events.recv_many(&mut batch, BATCH).await > 0 {
        if batch.len() < BATCH && !events.is_closed() {
            let more = async { while batch.len() < BATCH && events.recv_many(&mut batch, 1).await > 0 {} };
            let _gathered = tokio::time::timeout(GATHER, more).await;
        }
        let body = logs(&batch).to_string().into_bytes();
        let mut attempt = 0;
        loop {
            let pause = match collector.send(body.clone()).await {
                Sent::Taken => break,
                Sent::Refused(status) => {
                    tracing::warn!(status, events = batch.len(), "the audit collector refuses these events");
                    break;
                }
                Sent::Later(asked) => asked.unwrap_or_else(|| retry_delay(attempt, unit()).min(LONGEST)),
            };
            if attempt == 0 {
                tracing::warn!("the audit collector does not take events; they wait");
            }
            attempt += 1;
            // A sink that is closed gives its last events one more chance and no more.
            if events.is_closed() {
                tokio::time::sleep(pause.min(GOODBYE)).await;
                let _last = collector.send(body).await;
                return;
            }
            tokio::time::sleep(pause).await;
        }
        batch.clear();
    }
}

impl Collector {
    async fn send(&self, body: Vec<u8>) -> Sent {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        match self.client.post(&self.endpoint, headers, body, &self.reach).await {
            Ok(reply) if (200..300).contains(&reply.status) => Sent::Taken,
            // The statuses that the protocol calls retryable.
            Ok(reply) if matches!(reply.status, 429 | 502 | 503 | 504) => {
                Sent::Later(reply.retry_after().map(|seconds| throttle_delay(0, Some(seconds), unit()).min(LONGEST)))
            }
            Ok(reply) => Sent::Refused(reply.status),
            Err(_) => Sent::Later(None),
        }
    }
}

/// An `ExportLogsServiceRequest`.
fn logs(events: &[AuditEvent]) -> Value {
    let resource = [("service.name", "lanyard"), ("service.version", env!("CARGO_PKG_VERSION"))];
    json!({"resourceLogs": [{
        "resource": {"attributes": resource.map(|(key, value)| attribute(key, &json!(value)))},
        "scopeLogs": [{
            "scope": {"name": "dev.lanyard.audit"},
            "logRecords": events.iter().map(record).collect::<Vec<_>>(),
        }],
    }]})
}

fn record(event: &AuditEvent) -> Value {
    let (number, text) = SEVERITY[usize::from(event.fault.is_some())];
    let Ok(Value::Object(fields)) = serde_json::to_value(event) else { return json!({}) };
    let mut attributes = Vec::new();
    flatten("lanyard", fields, &mut attributes);
    json!({
        "timeUnixNano": event.time.as_nanosecond().to_string(),
        "severityNumber": number, "severityText": text,
        "eventName": format!("lanyard.{}", event.event),
        "body": {"stringValue": format!("{} {}", event.event, event.outcome)},
        "attributes": attributes,
    })
}

/// The fields of an event as attributes; what is within another field is named by both.
fn flatten(prefix: &str, fields: Map<String, Value>, attributes: &mut Vec<Value>) {
    for (name, value) in fields {
        let name = format!("{prefix}.{name}");
        match value {
            Value::Object(inner) => flatten(&name, inner, attributes),
            value => attributes.push(attribute(&name, &value)),
        }
    }
}

fn attribute(key: &str, value: &Value) -> Value {
    json!({"key": key, "value": any(value)})
}

/// An `AnyValue`, whole numbers as texts (protobuf's JSON mapping of 64-bit integers).
fn any(value: &Value) -> Value {
    match value {
        Value::Bool(yes) => json!({"boolValue": yes}),
        Value::Number(number) if !number.is_f64() => json!({"intValue": number.to_string()}),
        Value::Number(number) => json!({"doubleValue": number}),
        Value::Array(items) => json!({"arrayValue": {"values": items.iter().map(any).collect::<Vec<_>>()}}),
        Value::String(text) => json!({"stringValue": text}),
        other => json!({"stringValue": other.to_string()}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_becomes_a_log_record_with_every_field() {
        let event = AuditEvent {
            id: 7,
            event: "token-served".into(),
            server: Some("wiki".into()),
            scopes: vec!["read".into()],
            client: Some(wire::AuditClient { program: Some("/usr/bin/x".into()), ..wire::AuditClient::default() }),
            outcome: "allowed".into(),
            token_life: Some(300),
            ..AuditEvent::default()
        };
        let request = logs(&[event]);
        let record = &request["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0];
        assert_eq!((record["eventName"].as_str(), record["severityText"].as_str()), (Some("lanyard.token-served"), Some("INFO")));
        let of = |name: &str| {
            let attributes = record["attributes"].as_array().unwrap();
            attributes.iter().find(|one| one["key"] == name).map(|one| one["value"].clone()).unwrap()
        };
        assert_eq!(of("lanyard.server"), json!({"stringValue": "wiki"}));
        assert_eq!(of("lanyard.token_life"), json!({"intValue": "300"}));
        assert_eq!(of("lanyard.client.program"), json!({"stringValue": "/usr/bin/x"}));
        assert_eq!(of("lanyard.scopes"), json!({"arrayValue": {"values": [{"stringValue": "read"}]}}));
    }
}
