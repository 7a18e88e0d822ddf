//! The suite's server scenarios, at a conforming server and at the gateway in front of it: the gateway must not change a
//! single verdict.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::{FOLDER, program};
use crate::npm::Installed;
use crate::process::{root, target};

/// The revisions of MCP that the suite knows the requirements of.
pub(super) const REVISIONS: [&str; 2] = ["2025-11-25", "2026-07-28"];
/// The server, and what the suite is loaded with.
const FILES: [&str; 4] = ["server.mjs", "features.mjs", "events.mjs", "key.mjs"];

/// The one check that the gateway fails on purpose: it wants a request with the server's own address for `Origin` to be
/// served, and the loopback door serves nothing that a browser sent (LI-33).
const NO_BROWSER: &str = "dns-rebinding-protection localhost-host-valid-accepted";

/// Check -> its verdicts, of one run.
type Verdicts = BTreeMap<String, Vec<String>>;

/// What the gateway made of the verdicts.
#[derive(Debug, Default)]
pub(super) struct Changed {
    same: usize,
    good: usize,
    refused: usize,
    other: Vec<String>,
}

impl Changed {
    pub(super) fn is_fault(&self) -> bool {
        // A server that conforms in nothing would prove nothing.
        !self.other.is_empty() || self.refused != 1 || self.good < 40
    }
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { same, good, refused, other } = self;
        let others = other.len();
        write!(
            f,
            "{same} checks with the gateway as without it ({good} of them good), {refused} refused on purpose, {others} others"
        )?;
        other.iter().try_for_each(|one| write!(f, "\n  CHANGED {one}"))
    }
}

/// Runs one revision's scenarios at both.
pub(super) fn changed(suite: &Installed, revision: &str) -> Result<Changed, String> {
    for name in FILES {
        fs::copy(root().join(FOLDER).join(name), suite.folder().join(name)).map_err(|error| format!("{name}: {error}"))?;
    }
    let (_serving, address) = serve(suite)?;
    let text = |name: &str| address[name].as_str().unwrap_or_default().to_owned();
    let (direct, proxied) = (text("direct"), text("proxied"));
    let without = verdicts(suite, revision, &direct, "direct", None)?;
    let with = verdicts(suite, revision, &proxied, "proxied", Some(&text("key")))?;
    Ok(compare(&without, &with))
}

fn compare(without: &Verdicts, with: &Verdicts) -> Changed {
    let mut changed = Changed::default();
    for name in without.keys().chain(with.keys().filter(|name| !without.contains_key(*name))) {
        match (without.get(name), with.get(name)) {
            (Some(before), Some(after)) if before == after => {
                changed.same += before.len();
                changed.good += before.iter().filter(|verdict| *verdict == "SUCCESS").count();
            }
            (Some(_), Some(after)) if name.ends_with(NO_BROWSER) && *after == ["FAILURE"] => changed.refused += 1,
            (before, after) => changed.other.push(format!("{name}: {before:?} became {after:?}")),
        }
    }
    changed
}

/// A running server; it ends when this is dropped.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        // It takes its own programs with it when its standard input ends.
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

fn serve(suite: &Installed) -> Result<(Serving, Value), String> {
    let mut command = Command::new(target()?.join("debug/lanyard-conformance-server"));
    command.arg(suite.node()).arg(suite.folder().join(FILES[0]));
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut serving = Serving(child.map_err(|error| format!("{command:?}: {error}"))?);
    let mut line = String::new();
    let output = serving.0.stdout.take().ok_or("no output")?;
    BufReader::new(output).read_line(&mut line).map_err(|error| error.to_string())?;
    let address = serde_json::from_str(&line).map_err(|error| format!("the server did not start: {error}"))?;
    Ok((serving, address))
}

fn verdicts(suite: &Installed, revision: &str, url: &str, way: &str, key: Option<&str>) -> Result<Verdicts, String> {
    let results = suite.folder().join("results").join(way).join(revision);
    let _ = fs::remove_dir_all(&results);
    let mut command = Command::new(suite.node());
    if let Some(key) = key {
        let door = url.rsplit_once("/mcp/").map_or(url, |(door, _)| door);
        command.arg("--import").arg(suite.folder().join(FILES[3])).env("LANYARD_DOOR", door).env("LANYARD_KEY", key);
    }
    command.arg(program(suite)).args(["server", "--url", url, "--requirements", revision, "--output-dir"]).arg(&results);
    let told = command.stdin(Stdio::null()).output().map_err(|error| format!("{command:?}: {error}"))?;
    let verdicts = read(&results)?;
    match verdicts.is_empty() {
        true => Err(format!("the suite wrote no checks:\n{}", String::from_utf8_lossy(&told.stdout))),
        false => Ok(verdicts),
    }
}

/// Every check of every scenario, in the order in which it was made.
fn read(results: &Path) -> Result<Verdicts, String> {
    let mut verdicts = Verdicts::new();
    for entry in fs::read_dir(results).map_err(|error| error.to_string())?.flatten() {
        let Ok(bytes) = fs::read(entry.path().join("checks.json")) else { continue };
        let checks: Vec<Value> = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        for check in checks.iter().filter(|check| check["status"] != "INFO") {
            let scenario = entry.file_name();
            // Its folder is named by the scenario and the time.
            let scenario = scenario.to_string_lossy().split("-20").next().unwrap_or_default().to_owned();
            let name = format!("{scenario} {}", check["id"].as_str().unwrap_or_default());
            verdicts.entry(name).or_default().push(check["status"].as_str().unwrap_or_default().to_owned());
        }
    }
    Ok(verdicts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(verdicts: &[(&str, &str)]) -> Verdicts {
        verdicts.iter().map(|(name, verdict)| ((*name).to_owned(), vec![(*verdict).to_owned(); 40])).collect()
    }

    #[test]
    fn every_difference_is_a_fault_and_so_is_a_server_that_conforms_in_nothing() {
        let refused = |verdicts: &[(&str, &str)], verdict: &str| {
            let mut verdicts = run(verdicts);
            verdicts.insert(format!("server-{NO_BROWSER}"), vec![verdict.to_owned()]);
            verdicts
        };
        let direct = refused(&[("a", "SUCCESS"), ("b", "FAILURE")], "SUCCESS");
        assert!(!compare(&direct, &refused(&[("a", "SUCCESS"), ("b", "FAILURE")], "FAILURE")).is_fault());
        assert!(compare(&direct, &direct).is_fault(), "a browser was served");
        for other in [&[("a", "SUCCESS"), ("b", "SUCCESS")][..], &[("a", "SUCCESS")], &[("a", "WARNING"), ("b", "FAILURE")]] {
            assert!(compare(&direct, &refused(other, "FAILURE")).is_fault(), "{other:?}");
        }
        let bad = refused(&[("b", "FAILURE")], "FAILURE");
        assert!(compare(&bad, &bad).is_fault());
    }
}
