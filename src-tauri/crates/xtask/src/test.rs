//! Every test of the workspace, counted.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use crate::process::{cargo, run as run_command, say, target, watched};
use crate::{setup, tray, ui};

/// Where tests that see something leave pictures of it.
const PICTURES: &str = "LANYARD_PICTURES";

/// How the tests went.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    passed: u64,
    failed: u64,
    ignored: u64,
    skips: Vec<String>,
    /// Why a part of the workspace was not built, and so not tested at all.
    absent: Option<String>,
    /// Whether a test program failed, which it can without counting.
    broken: bool,
}

/// Everything that a newcomer can test, the pages of the window first.
pub(crate) fn whole() -> Result<Count, String> {
    setup::run();
    Ok(pages()?.and(run(Vec::new())?))
}

/// The pages of the window, which the tray embeds: checked, tested and built where there is a tray.
pub(crate) fn pages() -> Result<Count, String> {
    let mut count = Count::default();
    if tray::missing().is_none() {
        count.take(&ui::run()?);
    }
    Ok(count)
}

/// Sets up, builds and tests everything; `foreign` are the variables that say where programs of others are.
pub(crate) fn run(foreign: Vec<(&str, PathBuf)>) -> Result<Count, String> {
    setup::run();
    // A test that cannot run here appends `SKIPPED: reason` to this file and returns.
    let skips = target()?.join("skips");
    fs::create_dir_all(target()?).and_then(|()| fs::write(&skips, "")).map_err(|error| format!("{skips:?}: {error}"))?;
    let workspace = tray::workspace();
    run_command(cargo(["build"]).args(&workspace).arg("--all-targets"))?;
    let mut count = Count::default();
    let mut tests = cargo(["test"]);
    tests.args(&workspace).arg("--no-fail-fast");
    let pictures = pictures()?;
    tests.env("LANYARD_SKIPS", &skips).env(PICTURES, &pictures).envs(foreign);
    let good = watched(&mut tests, |line| count.take(line))?;
    count = count.ended(good);
    say(&format!("Pictures of the tray and the window, to be looked at: {}", pictures.display()));
    let written = fs::read_to_string(&skips).unwrap_or_default();
    count.skips = written.lines().filter_map(|line| line.strip_prefix("SKIPPED: ")).map(str::to_owned).collect();
    count.absent = tray::missing();
    Ok(count)
}

/// Where pictures go: to a place that somebody named, or to one that is empty.
fn pictures() -> Result<PathBuf, String> {
    let folder = match std::env::var_os(PICTURES) {
        Some(named) => PathBuf::from(named),
        None => {
            let own = target()?.join("pictures");
            if own.exists() {
                fs::remove_dir_all(&own).map_err(|error| format!("{}: {error}", own.display()))?;
            }
            own
        }
    };
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

impl Count {
    /// Adds a line of a test program: `test result: ok. 3 passed; 0 failed; 1 ignored; ...`.
    pub(crate) fn take(&mut self, line: &str) {
        let Some((_, numbers)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) else {
            return;
        };
        for part in numbers.split("; ") {
            match part.split_once(' ').map(|(number, what)| (number.parse().unwrap_or(0), what)) {
                Some((number, "passed")) => self.passed += number,
                Some((number, "failed")) => self.failed += number,
                Some((number, "ignored")) => self.ignored += number,
                _ => {}
            }
        }
    }

    /// The same, and whether every test program came to a good end.
    pub(crate) fn ended(self, good: bool) -> Self {
        Self { broken: self.broken || !good, ..self }
    }

    /// Both together.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
        self.skips.extend(other.skips);
        self.absent = self.absent.or(other.absent);
        self.broken |= other.broken;
        self
    }

    /// The last line of a run. A skipped test has returned early and so stands among the passed of its program.
    pub(crate) fn sentence(&self) -> String {
        let skipped = self.skips.len() as u64;
        let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
        for reason in &self.skips {
            *reasons.entry(reason).or_default() += 1;
        }
        if self.ignored > 0 {
            reasons.insert("ignored", self.ignored);
        }
        let reasons: Vec<String> = reasons.iter().map(|(reason, times)| format!("{reason}: {times}")).collect();
        let why = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join("; ")) };
        let passed = self.passed.saturating_sub(skipped);
        let absent = self.absent.as_ref().map_or(String::new(), |why| format!("; not built: {why}"));
        format!("{passed} tests passed, {} failed, {} skipped{why}{absent}", self.failed, skipped + self.ignored)
    }

    /// Whether that is good enough.
    pub(crate) fn verdict(&self) -> Result<(), String> {
        match self.failed == 0 && !self.broken && self.passed > 0 {
            true => Ok(()),
            false => Err("The tests failed.".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(lines: &[&str], skips: &[&str]) -> Count {
        let mut count = Count { skips: skips.iter().map(|&skip| skip.into()).collect(), ..Count::default() };
        lines.iter().for_each(|line| count.take(line));
        count
    }

    #[test]
    fn the_results_of_every_program_are_added() {
        let lines = [
            "test a ... ok",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.01s",
        ];
        let count = counted(&lines, &["no secret-tool", "no secret-tool"]);
        assert_eq!(count.sentence(), "5 tests passed, 2 failed, 3 skipped (ignored: 1; no secret-tool: 2)");
        assert!(count.verdict().is_err());
    }

    #[test]
    fn a_run_without_a_test_or_with_a_broken_program_is_no_success() {
        assert!(counted(&[], &[]).verdict().is_err());
        let good = counted(&["test result: ok. 1 passed; 0 failed; 0 ignored"], &[]);
        assert_eq!((good.sentence().as_str(), good.verdict()), ("1 tests passed, 0 failed, 0 skipped", Ok(())));
        let part = Count { absent: Some("no library".into()), ..good };
        assert_eq!(part.sentence(), "1 tests passed, 0 failed, 0 skipped; not built: no library");
        assert!(Count { broken: true, ..part }.verdict().is_err());
    }
}
