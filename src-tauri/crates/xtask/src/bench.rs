//! The budgets, measured: the released program beside the sandbox.

use std::process::Command;

use crate::process::{cargo, run as run_command, say, target};
use crate::setup::{self, Package};
use crate::{clients, tray, ui};

/// Who does the same job in the same run. nginx is not among them: its package starts a server on the machine.
const PEERS: [Package; 1] = [Package { name: "oidc-agent-cli", program: "oidc-agent", purpose: "a peer to measure beside" }];

/// Builds `lanyard` as it is released and the bench, and runs it; `words` are the bench's own.
pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    setup::ensure(&PEERS);
    say("Building Lanyard as it is released; the first time takes some minutes.");
    run_command(&mut cargo(["build", "--quiet", "--release", "--package", "lanyard-cli"]))?;
    run_command(&mut cargo(["build", "--quiet", "--package", "lanyard-tests", "--bin", "lanyard-bench"]))?;
    let target = target()?;
    let mut bench = Command::new(target.join("debug/lanyard-bench"));
    match tray::missing() {
        None => {
            ui::build()?;
            run_command(&mut cargo(["build", "--quiet", "--release", "--package", tray::PACKAGE]))?;
            bench.arg("--tray").arg(target.join("release").join(tray::PACKAGE));
        }
        Some(why) => say(&why),
    }
    let (clients, folder) = clients::install()?;
    run_command(bench.arg("--lanyard").arg(target.join("release/lanyard")).args(words).env(clients, folder))
}
