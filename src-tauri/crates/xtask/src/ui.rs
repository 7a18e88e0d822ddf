//! The pages of the window: installed as their lock file says, checked, tested, and built to `ui/dist`.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::npm;
use crate::process::{root, run as run_command, say, target};

/// Where they are.
const PLACE: &str = "ui";

/// Builds the pages, which the tray embeds when it is built.
pub(crate) fn build() -> Result<(), String> {
    npm::install_within(PLACE)?;
    run_command(&mut script("build", &[]))
}

/// Checks, tests and builds them; the line that a test program of Rust would end with.
pub(crate) fn run() -> Result<String, String> {
    npm::install_within(PLACE)?;
    sound()?;
    run_command(&mut script("check", &[]))?;
    let report = target()?.join("ui-tests.json");
    fs::create_dir_all(target()?).map_err(|error| format!("{}: {error}", report.display()))?;
    let file = format!("--outputFile.json={}", report.display());
    let tested = run_command(&mut script("test", &["--", "--reporter=default", "--reporter=json", &file]));
    let text = fs::read(&report).map_err(|error| format!("{}: {error}", report.display()))?;
    let line = counted(&serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", report.display()))?)?;
    say(&line);
    tested?;
    run_command(&mut script("build", &[]))?;
    // The same pages before an agent made of fixtures, which are looked at in every state and look.
    run_command(&mut script("mock", &[]))?;
    Ok(line)
}

/// A lock file that names a registry would fetch from there alone.
fn sound() -> Result<(), String> {
    let lock = fs::read_to_string(root().join(PLACE).join("package-lock.json")).map_err(|error| error.to_string())?;
    match lock.contains("\"resolved\"") {
        true => Err(format!("{PLACE}/package-lock.json names a registry; write it again with {PLACE}/.npmrc in force")),
        false => Ok(()),
    }
}

/// A script of `package.json`. npm puts the packages' own programs first, the Node among them.
fn script(name: &str, words: &[&str]) -> Command {
    let mut npm = Command::new("npm");
    npm.args(["run", "--silent", name]).args(words).current_dir(root().join(PLACE)).stdin(Stdio::null());
    npm
}

/// As `test result: ok. 3 passed; ...`, so that all are counted alike.
fn counted(report: &Value) -> Result<String, String> {
    let number = |name: &str| report[name].as_u64().ok_or_else(|| format!("the report of the tests has no {name}"));
    let (passed, failed) = (number("numPassedTests")?, number("numFailedTests")?);
    let ignored = number("numPendingTests")? + number("numTodoTests")?;
    if passed + failed == 0 {
        return Err("the report of the tests tells of none".into());
    }
    let verdict = if failed == 0 && report["success"] == true { "ok" } else { "FAILED" };
    Ok(format!("test result: {verdict}. {passed} passed; {failed} failed; {ignored} ignored"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_report_becomes_the_line_of_a_test_program() {
        let report = |passed: u64, failed: u64, success: bool| json!({"numPassedTests": passed, "numFailedTests": failed, "numPendingTests": 1, "numTodoTests": 1, "success": success});
        assert_eq!(counted(&report(3, 0, true)).unwrap(), "test result: ok. 3 passed; 0 failed; 2 ignored");
        assert_eq!(counted(&report(3, 2, false)).unwrap(), "test result: FAILED. 3 passed; 2 failed; 2 ignored");
        assert_eq!(counted(&report(3, 0, false)).unwrap(), "test result: FAILED. 3 passed; 0 failed; 2 ignored");
    }

    #[test]
    fn a_report_without_a_test_is_no_success() {
        assert!(counted(&json!({})).is_err());
        let none = json!({"numPassedTests": 0, "numFailedTests": 0, "numPendingTests": 0, "numTodoTests": 0, "success": true});
        assert!(counted(&none).is_err());
    }
}
