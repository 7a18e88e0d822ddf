//! Promises about the text of sources that no compiler holds.

use std::fs;
use std::path::Path;

use crate::process::{output, root};

const LONGEST: usize = 400;
const NAMES: [&str; 14] = [
    "util", "utils", "common", "helper", "helpers", "core", "misc", "manager", "managers", "handler", "handlers", "types",
    "stuff", "shared",
];
/// LI-3: neither broker nor client uses a folder that everybody may write, or an abstract socket.
const WORLD: [&str; 5] = ["/tmp", "/var/tmp", "temp_dir(", "abstract_name(", "\"\\0"];

/// Everything that is wrong, in the files that git knows or would.
pub(crate) fn faults() -> Result<Vec<String>, String> {
    let mut list = std::process::Command::new("git");
    let words = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
    let listed = output(list.args(words).current_dir(root()))?;
    let mut faults = Vec::new();
    for path in listed.split('\0').filter(|path| path.ends_with(".rs")) {
        // A file may be listed and deleted.
        let Ok(text) = fs::read_to_string(root().join(path)) else { continue };
        faults.extend(of_file(path, &text));
    }
    Ok(faults)
}

fn of_file(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let lines = text.lines().count();
    if lines > LONGEST {
        faults.push(format!("{path} has {lines} lines, more than {LONGEST}"));
    }
    let parts = Path::new(path).with_extension("");
    for part in parts.iter().filter_map(|part| part.to_str()).filter(|part| NAMES.contains(part)) {
        faults.push(format!("{path}: {part} names nothing"));
    }
    let product = path.starts_with("src-tauri/") && !path.contains("/xtask/") && !parts.iter().any(|part| part == "tests");
    if product {
        for (number, line) in code(text) {
            for word in WORLD.iter().filter(|word| line.contains(**word)) {
                faults.push(format!("{path}:{number}: {word} (LI-3)"));
            }
        }
    }
    faults
}

/// The numbered lines that are neither comments nor of the inline tests, which stand last in a file.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines.windows(2).position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod "));
    let end = tests.unwrap_or(lines.len());
    lines
        .into_iter()
        .take(end)
        .enumerate()
        .map(|(at, line)| (at + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_and_empty_names_are_found() {
        assert_eq!(of_file("src-tauri/a.rs", &"\n".repeat(401)), ["src-tauri/a.rs has 401 lines, more than 400"]);
        assert!(of_file("src-tauri/a.rs", &"\n".repeat(400)).is_empty());
        assert_eq!(of_file("tests/utils.rs", ""), ["tests/utils.rs: utils names nothing"]);
        assert_eq!(of_file("src-tauri/helpers/a.rs", ""), ["src-tauri/helpers/a.rs: helpers names nothing"]);
    }

    #[test]
    fn places_of_everybody_are_found_in_code_but_not_in_tests_or_comments() {
        let path = "src-tauri/crates/wire/src/place.rs";
        for bad in ["let p = \"/tmp/x\";", "std::env::temp_dir()", "SocketAddr::from_abstract_name(b\"x\")", "bind(\"\\0x\")"] {
            assert_eq!(of_file(path, bad).len(), 1, "{bad}");
            assert!(of_file(path, &format!("// {bad}")).is_empty());
            assert!(of_file(path, &format!("fn f() {{}}\n#[cfg(test)]\nmod tests {{\n{bad}\n}}")).is_empty());
            assert!(of_file("src-tauri/crates/wire/src/place/tests.rs", bad).is_empty());
            assert!(of_file("tests/src/world.rs", bad).is_empty());
        }
    }
}
