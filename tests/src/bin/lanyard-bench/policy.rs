//! A large policy: how long it takes to read, what it holds, and how soon a change has its effect.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sandbox::{Desk, World};
use serde_json::{Value, json};

use crate::door::quantile;
use crate::process;
use crate::table::Row;

const RUNS: usize = 60;
const SERVERS: usize = 500;
const CHANGES: usize = 5;

pub(crate) async fn rows(world: &World, binary: &Path) -> Result<Vec<Row>, String> {
    let (small, large) = (world.policy_json(), large(world));
    let desk = Desk::new(world, &small).with_binary(binary.to_owned());
    let load = load(&desk, &large)?;
    let note = format!("{SERVERS} servers, beside one; whole processes compared");
    let held = |policy: &Value| -> Result<u64, String> {
        let mut desk = Desk::new(world, policy).with_binary(binary.to_owned());
        desk.start_agent();
        Ok(process::pss(desk.agent_pid().ok_or("no agent runs")?)?.0)
    };
    let (few, many) = (held(&small)?, held(&large)?);
    let more = process::mebibytes(many.saturating_sub(few));
    Ok(vec![
        Row::time("policy of 500 servers, read and judged, p50", load, 20.0, "ms").note(note),
        Row::new("policy of 500 servers, memory (PSS) added", more, f64::INFINITY, "MiB"),
        Row::time("changed policy file to its effect, slowest of 5", change(world, binary).await?, 5_000.0, "ms"),
    ])
}

fn large(world: &World) -> Value {
    let mut policy = world.policy_json();
    policy["Servers"] = (0..SERVERS)
        .map(|n| {
            let server = json!({
                "url": format!("https://mcp-{n}.acme.example/mcp"), "title": format!("Server {n}"), "clientId": format!("client-{n}"),
                "scopes": ["read", "write"], "tools": { "deny": ["delete*"] },
            });
            (format!("server-{n}"), server)
        })
        .collect::<serde_json::Map<_, _>>()
        .into();
    policy
}

/// What the large policy adds to `lanyard policy check` of one server.
fn load(desk: &Desk, large: &Value) -> Result<Duration, String> {
    let mut one = large.clone();
    one["Servers"] = json!({ "server-0": large["Servers"]["server-0"] });
    let file = |name: &str, policy: &Value| -> Result<String, String> {
        let path = desk.path(name);
        fs::write(&path, policy.to_string()).map_err(|error| error.to_string())?;
        Ok(path.display().to_string())
    };
    let (one, many) = (file("one.json", &one)?, file("many.json", large)?);
    let (mut little, mut much) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        little.push(once(desk.command(&["policy", "check", &one]))?);
        much.push(once(desk.command(&["policy", "check", &many]))?);
    }
    little.sort_unstable();
    much.sort_unstable();
    Ok(quantile(&much, 0.5).saturating_sub(quantile(&little, 0.5)))
}

fn once(mut command: Command) -> Result<Duration, String> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    let status = command.status().map_err(|error| error.to_string())?;
    let took = began.elapsed();
    if status.success() { Ok(took) } else { Err(format!("policy check: {status}")) }
}

async fn change(world: &World, binary: &Path) -> Result<Duration, String> {
    let mut policy = world.policy_json();
    let mut desk = Desk::new(world, &policy).with_binary(binary.to_owned());
    desk.start_agent();
    let mut slowest = Duration::ZERO;
    for turn in 0..CHANGES {
        let title = format!("Turn {turn}");
        policy["Servers"]["linear"]["title"] = json!(title);
        desk.write_policy(&policy);
        let began = Instant::now();
        let named = |status: &Value| status["servers"].as_array().into_iter().flatten().any(|server| server["title"] == title);
        desk.until("renamed", named).await;
        slowest = slowest.max(began.elapsed());
    }
    Ok(slowest)
}
