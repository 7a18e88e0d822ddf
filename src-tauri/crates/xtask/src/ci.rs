//! Every check that a change must pass, with what each took.

use std::mem;
use std::time::Instant;

use crate::package::Build;
use crate::process::{cargo, metadata, run as run_command, say};
use crate::test::Count;
use crate::{
    clients, conformance, directions, fuzz, generate, macos, package, peers, promises, recipes, setup, sources, test, tray,
    vscode, windows,
};

/// Enough to try every seed and its neighbours.
const FUZZ_SECONDS: u32 = 5;

/// Runs all of them, also after one failed, and says at the end which did.
pub(crate) fn run() -> Result<(), String> {
    let mut steps = Steps::default();
    steps.take("fmt", || run_command(&mut cargo(["fmt", "--all", "--check"])));
    steps.take("directions", || none(directions::faults(metadata()?)));
    steps.take("sources", || none(sources::faults()?));
    steps.take("promises", || none(promises::faults()?));
    let mut count = Count::default();
    steps.take("ui", || {
        // The tray is looked at wherever its libraries are or may be installed.
        setup::run();
        count = test::pages()?;
        Ok(())
    });
    steps.take("clippy", || {
        let rest = ["--all-targets", "--features", "lanyard-cli/generate", "--", "-D", "warnings"];
        run_command(cargo(["clippy"]).args(tray::workspace()).args(rest))
    });
    steps.take("macos", macos::run);
    steps.take("generate --check", || generate::check(generate::Extent::Everything));
    let mut foreign = Vec::new();
    steps.take("peers", || {
        foreign.push(peers::install()?);
        Ok(())
    });
    steps.take("clients", || {
        foreign.push(clients::install()?);
        Ok(())
    });
    steps.take("vscode", || {
        foreign.push(vscode::install()?);
        Ok(())
    });
    steps.take("recipes", || {
        foreign.push(recipes::install()?);
        Ok(())
    });
    steps.take("windows", || {
        let (name, place) = windows::install()?;
        foreign.push((name, place.clone()));
        let units = windows::units(&place)?;
        let verdict = units.verdict();
        count = mem::take(&mut count).and(units);
        verdict
    });
    steps.take("test", || {
        count = mem::take(&mut count).and(test::run(foreign)?);
        count.verdict()
    });
    steps.take("package", || {
        if tray::missing().is_some() {
            return Ok(());
        }
        let trial = package::trial(Build::Debug)?;
        let verdict = trial.verdict();
        count = mem::take(&mut count).and(trial);
        verdict
    });
    steps.take("conformance", conformance::run);
    steps.take("fuzz", || fuzz::run(FUZZ_SECONDS, None));
    steps.lines.iter().for_each(|line| say(line));
    say(&count.sentence());
    match steps.failed.is_empty() {
        true => Ok(()),
        false => Err(format!("Failed: {}", steps.failed.join(", "))),
    }
}

#[derive(Default)]
struct Steps {
    lines: Vec<String>,
    failed: Vec<&'static str>,
}

impl Steps {
    fn take(&mut self, name: &'static str, step: impl FnOnce() -> Result<(), String>) {
        say(&format!("== {name}"));
        let begun = Instant::now();
        let outcome = match step() {
            Ok(()) => "good",
            Err(why) => {
                say(&why);
                self.failed.push(name);
                "FAILED"
            }
        };
        self.lines.push(format!("{name:<18} {outcome:<6} {:>7.1} s", begun.elapsed().as_secs_f32()));
    }
}

fn none(faults: Vec<String>) -> Result<(), String> {
    match faults.is_empty() {
        true => Ok(()),
        false => Err(faults.join("\n")),
    }
}
