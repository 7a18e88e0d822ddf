//! The official MCP conformance suite: with Lanyard as the client under test, with an official client behind Lanyard's
//! gateway and bridge, and against a conforming server with the gateway in front of it.

mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::npm::Installed;
use crate::process::{cargo, root, run as run_command, say, target};
use crate::tray;

const FOLDER: &str = "tests/conformance";
/// Counted as a failed check where the suite expects a client that succeeds.
const EXIT: &str = "client-exit";

/// The scenarios of authorization by an enterprise, and the ways a token leaves Lanyard.
const MANAGED: (&str, [&str; 4]) = ("auth/enterprise-managed-authorization", ["token", "headers", "gateway", "bridge"]);
/// Those of discovery and of the ordinary flow, which Lanyard has for servers that policy marks `interactive`.
const DISCOVERY: [&str; 15] = [
    "auth/metadata-default",
    "auth/metadata-var1",
    "auth/metadata-var2",
    "auth/metadata-var3",
    "auth/2025-03-26-oauth-metadata-backcompat",
    "auth/2025-03-26-oauth-endpoint-fallback",
    "auth/resource-mismatch",
    "auth/metadata-issuer-mismatch",
    "auth/pre-registration",
    "auth/iss-supported",
    "auth/iss-not-advertised",
    "auth/iss-supported-missing",
    "auth/iss-wrong-issuer",
    "auth/iss-unexpected",
    "auth/iss-normalized",
];
/// Those of the transport, by an official client that reaches the suite's server through Lanyard.
const TRANSPORT: ([&str; 9], [&str; 2]) = (
    [
        "initialize",
        "tools_call",
        "sse-retry",
        "request-metadata",
        "http-standard-headers",
        "http-custom-headers",
        "http-invalid-tool-headers",
        "json-schema-ref-no-deref",
        "json-schema-2020-12-preservation",
    ],
    ["gateway", "bridge"],
);

/// Here the suite takes whichever GET comes next for the reconnection, and the official client opens its standing stream at
/// about the same time. Both orders are right, so the suite is asked up to three times.
const RACES: [(&str, &str); 1] = [("sse-retry", "gateway")];

/// Runs them all; `Err` where anything differs from what is expected.
pub(crate) fn run() -> Result<(), String> {
    let suite = Installed::of(FOLDER)?;
    run_command(cargo(["build"]).args(tray::workspace()).arg("--all-targets"))?;
    let expected = expected()?;
    let managed = MANAGED.1.map(|door| (MANAGED.0, door));
    let mut count = Count::default();
    let discovery = DISCOVERY.map(|scenario| (scenario, "token"));
    let transport = TRANSPORT.0.into_iter().flat_map(|scenario| TRANSPORT.1.map(|door| (scenario, door)));
    for (scenario, door) in managed.into_iter().chain(discovery).chain(transport) {
        let judged = || match one(&suite, scenario, door) {
            Ok((failed, text)) => (judge(&failed, expected.get(scenario).unwrap_or(&BTreeSet::new())), text),
            Err(why) => (Outcome::Unexpected(why), String::new()),
        };
        let (mut outcome, mut text) = judged();
        let mut more = if RACES.contains(&(scenario, door)) { 2 } else { 0 };
        while more > 0 && matches!(outcome, Outcome::Unexpected(_)) {
            say(&format!("conformance {scenario} ({door}): once more, because two requests raced"));
            (outcome, text) = judged();
            more -= 1;
        }
        say(&format!("conformance {scenario} ({door}): {outcome}"));
        if matches!(outcome, Outcome::Unexpected(_)) {
            say(&text);
        }
        count.add(&outcome);
    }
    for scenario in expected.keys().filter(|name| !DISCOVERY.contains(&name.as_str()) && *name != MANAGED.0) {
        say(&format!("conformance {scenario}: in the list of expected failures, and not a scenario"));
        count.unexpected += 1;
    }
    for revision in server::REVISIONS {
        let changed = server::changed(&suite, revision)?;
        say(&format!("conformance of a server, {revision}: {changed}"));
        if changed.is_fault() {
            count.unexpected += 1;
        } else {
            count.passed += 1;
        }
    }
    say(&count.sentence());
    match count.unexpected {
        0 => Ok(()),
        _ => Err("The conformance suite came to something unexpected.".into()),
    }
}

/// Runs one; the checks that failed or warned, and what was said.
fn one(suite: &Installed, scenario: &str, door: &str) -> Result<(BTreeSet<String>, String), String> {
    let client = target()?.join("debug/lanyard-conformance-client");
    let results = suite.folder().join("results").join(door);
    let _ = fs::remove_dir_all(&results);
    let told = Command::new(suite.node())
        .arg(program(suite))
        .args(["client", "--scenario", scenario, "--command"])
        .arg(format!("{} {door}", client.display()))
        .arg("--output-dir")
        .arg(&results)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{}: {error}", suite.node().display()))?;
    let text = format!("{}{}", String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    let file = found(&results, "checks.json").ok_or_else(|| format!("the suite wrote no checks:\n{text}"))?;
    let checks: Value = fs::read(&file)
        .map_err(|error| error.to_string())
        .and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()))?;
    let mut failed = failed(&checks);
    // The suite's own verdict rules: whatever it fails must be seen here too.
    if !told.status.success() && failed.is_empty() || text.contains("CLIENT EXITED WITH ERROR") {
        failed.insert(EXIT.to_owned());
    }
    Ok((failed, text))
}

/// The suite's own program.
fn program(suite: &Installed) -> PathBuf {
    suite.folder().join("node_modules/@modelcontextprotocol/conformance/dist/index.js")
}

fn failed(checks: &Value) -> BTreeSet<String> {
    let checks = checks.as_array().map(Vec::as_slice).unwrap_or_default();
    let bad = checks.iter().filter(|check| matches!(check["status"].as_str(), Some("FAILURE" | "WARNING")));
    bad.filter_map(|check| check["id"].as_str()).map(str::to_owned).collect()
}

/// A file below a folder.
fn found(folder: &Path, name: &str) -> Option<PathBuf> {
    fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).find_map(|path| match path.is_dir() {
        true => found(&path, name),
        false => path.ends_with(name).then_some(path),
    })
}

/// `expected-failures.json`: scenario -> `{"checks": [id], "reason": text}`.
fn expected() -> Result<BTreeMap<String, BTreeSet<String>>, String> {
    let path = root().join(FOLDER).join("expected-failures.json");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let list: BTreeMap<String, Value> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    list.into_iter()
        .map(|(scenario, entry)| {
            let checks = entry["checks"].as_array().map(Vec::as_slice).unwrap_or_default();
            let checks: BTreeSet<String> = checks.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            match entry["reason"].as_str().is_some_and(|reason| !reason.is_empty()) && !checks.is_empty() {
                true => Ok((scenario, checks)),
                false => Err(format!("{scenario}: an expected failure needs its checks and its reason")),
            }
        })
        .collect()
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    ExpectedFailure,
    Unexpected(String),
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Passed => f.write_str("passed"),
            Self::ExpectedFailure => f.write_str("failed as expected"),
            Self::Unexpected(why) => write!(f, "UNEXPECTED: {why}"),
        }
    }
}

/// A scenario fails exactly as its entry says or passes without one; a check that passes by now is to be struck off.
fn judge(failed: &BTreeSet<String>, expected: &BTreeSet<String>) -> Outcome {
    let list = |ids: Vec<&String>| ids.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let surprising = list(failed.difference(expected).collect());
    let mended = list(expected.difference(failed).collect());
    match (surprising.as_str(), mended.as_str()) {
        ("", "") if expected.is_empty() => Outcome::Passed,
        ("", "") => Outcome::ExpectedFailure,
        ("", mended) => Outcome::Unexpected(format!("{mended} passed; strike it off the list")),
        (surprising, _) => Outcome::Unexpected(format!("{surprising} failed")),
    }
}

#[derive(Default)]
struct Count {
    passed: u32,
    expected: u32,
    unexpected: u32,
}

impl Count {
    fn add(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::ExpectedFailure => self.expected += 1,
            Outcome::Unexpected(_) => self.unexpected += 1,
        }
    }

    fn sentence(&self) -> String {
        let Self { passed, expected, unexpected } = self;
        format!("conformance: {passed} scenarios passed, {expected} expected failures, {unexpected} unexpected")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(ids: &[&str]) -> BTreeSet<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn a_scenario_fails_exactly_as_expected_or_not_at_all() {
        assert_eq!(judge(&set(&[]), &set(&[])), Outcome::Passed);
        assert_eq!(judge(&set(&["a"]), &set(&["a"])), Outcome::ExpectedFailure);
        for (failed, expected) in [(&["a"][..], &[][..]), (&["a", "b"], &["a"]), (&[], &["a"]), (&["b"], &["a"])] {
            assert!(matches!(judge(&set(failed), &set(expected)), Outcome::Unexpected(_)), "{failed:?} {expected:?}");
        }
    }

    #[test]
    fn warnings_count_as_failures_and_information_does_not() {
        let checks = json!([
            { "id": "a", "status": "SUCCESS" }, { "id": "b", "status": "INFO" },
            { "id": "c", "status": "WARNING" }, { "id": "d", "status": "FAILURE" },
        ]);
        assert_eq!(failed(&checks), set(&["c", "d"]));
    }

    #[test]
    fn every_expected_failure_has_a_reason_and_is_run() {
        for scenario in expected().unwrap().keys() {
            assert!(DISCOVERY.contains(&scenario.as_str()), "{scenario}");
        }
    }
}
