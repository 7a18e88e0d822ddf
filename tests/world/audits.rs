//! The audit at a collector that somebody else runs.

use std::sync::{Arc, Mutex};

use axum::extract::State;
use http::StatusCode;
use sandbox::{Desk, Options, World};
use serde_json::{Value, json};

/// What a collector was sent; the first two requests it cannot take.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Value>>>);

impl Collector {
    /// The names of the events that it took.
    fn taken(&self) -> Vec<String> {
        let requests = self.0.lock().unwrap().clone();
        let records = requests
            .iter()
            .skip(2)
            .flat_map(|request| request["resourceLogs"][0]["scopeLogs"][0]["logRecords"].as_array().cloned().unwrap_or_default());
        records.map(|record| record["eventName"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

async fn logs(State(collector): State<Collector>, axum::Json(request): axum::Json<Value>) -> (StatusCode, axum::Json<Value>) {
    let mut requests = collector.0.lock().unwrap();
    requests.push(request);
    let status = if requests.len() <= 2 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (status, axum::Json(json!({})))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_gets_every_event_once_it_is_there_and_never_a_token() {
    let collector = Collector::default();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = format!("http://{}/v1/logs", listener.local_addr().unwrap());
    let router = axum::Router::new().route("/v1/logs", axum::routing::post(logs)).with_state(collector.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });

    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    policy["AuditSinks"] = json!(["file", "otlp"]);
    policy["AuditOtlpEndpoint"] = json!(endpoint);
    let desk = Desk::signed_in(&world, &policy, "ada").await;
    let token = desk.say(&["token", "linear"]).await.stdout.trim().to_owned();
    assert!(token.len() > 20);
    let both = |names: &[String]| {
        ["lanyard.signed-in", "lanyard.token-served"].iter().all(|wanted| names.iter().any(|name| name == wanted))
    };
    let arrived = async {
        while !both(&collector.taken()) {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(sandbox::desk::PATIENCE, arrived).await.unwrap_or_else(|_| panic!("{:?}", collector.taken()));
    let names = collector.taken();
    assert_eq!(names.iter().filter(|name| *name == "lanyard.token-served").count(), 1, "{names:?}");
    assert!(!format!("{:?}", collector.0.lock().unwrap()).contains(&token));
    let log = std::fs::read_to_string(desk.path("state/lanyard/audit.jsonl")).unwrap();
    assert!(log.contains("token-served"), "the file does not wait for the collector");
}
