//! Fuzz targets: each built with LLVM's coverage marks and run from its seeds for a while.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::{cargo, output, root, run as run_command, say, target};

const FOLDER: &str = "tests/fuzz";
/// What cargo-fuzz passes, without its sanitizer: these flags are the stable compiler's.
const MARKS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// Runs every target, or the one that is named, for `seconds`; says SKIPPED where none can be built.
pub(crate) fn run(seconds: u32, only: Option<&str>) -> Result<(), String> {
    if !compiles_cpp() {
        say("SKIPPED: fuzz (no C++ compiler)");
        return Ok(());
    }
    let names: Vec<String> = targets()?.into_iter().filter(|name| only.is_none_or(|only| only == name)).collect();
    if names.is_empty() {
        return Err("There is no such fuzz target.".into());
    }
    let place = target()?.join("fuzz");
    let host = host()?;
    let mut build = cargo(["build", "--quiet", "--locked", "--target", &host]);
    for name in &names {
        build.args(["--bin", name]);
    }
    // With --target, build scripts and macros stay without marks.
    build.current_dir(root().join(FOLDER)).env("CARGO_TARGET_DIR", &place).env("RUSTFLAGS", MARKS);
    run_command(build.env_remove("CARGO_ENCODED_RUSTFLAGS"))?;
    let failed: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|name| {
            one(&place.join(&host).join("debug").join(name), name, seconds, &place).is_err_and(|why| {
                say(&why);
                true
            })
        })
        .collect();
    match failed.is_empty() {
        true => Ok(()),
        false => Err(format!("Fuzz targets failed: {}", failed.join(", "))),
    }
}

/// Runs one; what it finds new grows beside the built files, and what breaks it is kept there.
fn one(program: &Path, name: &str, seconds: u32, place: &Path) -> Result<(), String> {
    let (grown, crashes) = (place.join("corpus").join(name), place.join("crashes").join(name));
    for folder in [&grown, &crashes] {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let log = place.join(format!("{name}.log"));
    let written = fs::File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let mut command = Command::new(program);
    command
        .args([format!("-max_total_time={seconds}"), "-max_len=16384".into(), "-timeout=10".into()])
        .args(["-rss_limit_mb=2048".into(), format!("-artifact_prefix={}/", crashes.display())])
        .args([grown, root().join(FOLDER).join("corpus").join(name)])
        .stdout(Stdio::null())
        .stderr(written);
    let ended = run_command(&mut command);
    let text = String::from_utf8_lossy(&fs::read(&log).unwrap_or_default()).into_owned();
    let last = text.lines().rfind(|line| line.starts_with("Done ")).unwrap_or("broken");
    say(&format!("fuzz {name:<18} {last}"));
    ended.map_err(|why| format!("{why}\n{}\nThe input is in {}", end(&text), crashes.display()))
}

fn end(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

/// The targets are the files.
fn targets() -> Result<Vec<String>, String> {
    let folder = root().join(FOLDER).join("targets");
    let files = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let paths = files.flatten().map(|file| file.path()).filter(|path| path.extension().is_some_and(|end| end == "rs"));
    let mut names: Vec<String> = paths.filter_map(|path: PathBuf| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    names.sort();
    Ok(names)
}

fn compiles_cpp() -> bool {
    let named = std::env::var("CXX").unwrap_or_else(|_| "c++".into());
    let tried = Command::new(named).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}

fn host() -> Result<String, String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let told = output(Command::new(rustc).arg("-vV"))?;
    told.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned).ok_or_else(|| "rustc names no host".into())
}

/// `--seconds N` and the name of a target, both optional; ten seconds without the first.
pub(crate) fn words<'w>(words: &[&'w str]) -> Option<(u32, Option<&'w str>)> {
    match *words {
        [] => Some((10, None)),
        ["--seconds", seconds] => Some((seconds.parse().ok()?, None)),
        ["--seconds", seconds, name] => Some((seconds.parse().ok()?, Some(name))),
        [name] if !name.starts_with('-') => Some((10, Some(name))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_a_time_and_a_target() {
        assert_eq!(words(&[]), Some((10, None)));
        assert_eq!(words(&["--seconds", "60", "id_jag"]), Some((60, Some("id_jag"))));
        assert_eq!(words(&["id_jag"]), Some((10, Some("id_jag"))));
        for wrong in [&["--seconds"][..], &["--seconds", "x"], &["a", "b"]] {
            assert_eq!(words(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn every_target_has_seeds_and_an_entry_in_the_manifest() {
        let manifest = fs::read_to_string(root().join(FOLDER).join("Cargo.toml")).unwrap();
        let names = targets().unwrap();
        assert!(!names.is_empty());
        for name in names {
            assert!(manifest.contains(&format!("path = \"targets/{name}.rs\"")), "{name}");
            assert!(fs::read_dir(root().join(FOLDER).join("corpus").join(&name)).unwrap().count() > 0, "{name}");
        }
    }
}
