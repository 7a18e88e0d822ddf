//! Packages for Debian and Fedora, by Tauri's bundler.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::json;

use crate::npm::Installed;
use crate::process::{cargo, root, run as run_command, say, target, watched};
use crate::test::Count;
use crate::ui;

const BUNDLER: &str = "packaging/bundler";

/// Tells the test where the package is; without it that test is skipped.
const VARIABLE: &str = "LANYARD_PACKAGE";

/// What a package holds beside the tray, its entry in the menu and its icons: place in the package, place in the tree.
const FILES: [(&str, &str); 10] = [
    ("/usr/lib/systemd/user/lanyard.service", "packaging/systemd/lanyard.service"),
    ("/etc/xdg/autostart/lanyard.desktop", "packaging/autostart/lanyard.desktop"),
    ("/usr/share/bash-completion/completions/lanyard", "packaging/completions/lanyard.bash"),
    ("/usr/share/fish/vendor_completions.d/lanyard.fish", "packaging/completions/lanyard.fish"),
    ("/usr/share/zsh/vendor-completions/_lanyard", "packaging/completions/_lanyard"),
    ("/usr/share/doc/lanyard/LICENSE-MIT", "LICENSE-MIT"),
    ("/usr/share/doc/lanyard/LICENSE-APACHE", "LICENSE-APACHE"),
    ("/usr/share/doc/lanyard/README.md", "README.md"),
    ("/usr/share/doc/lanyard/policy.schema.json", "policies/linux/policy.schema.json"),
    ("/usr/share/doc/lanyard/policy.example.json", "policies/linux/annotated.json"),
];

/// Which build goes into the packages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// What is released.
    Release,
    /// What the tests were built with: minutes faster, and only for trying the packages.
    Debug,
}

/// Builds, and makes a deb and an rpm.
pub(crate) fn run(build: Build) -> Result<(), String> {
    for package in make(build)? {
        say(&format!("Made {}", package.display()));
    }
    Ok(())
}

/// Makes the deb, and tries it on this machine: installed, used, removed.
pub(crate) fn trial(build: Build) -> Result<Count, String> {
    let packages = make(build)?;
    let deb = packages.iter().find(|path| path.extension().is_some_and(|end| end == "deb")).ok_or("there is no deb")?;
    let mut count = Count::default();
    let mut test = cargo(["test", "--package", "lanyard-tests", "--test", "package"]);
    let good = watched(test.env(VARIABLE, deb), |line| count.take(line))?;
    Ok(count.ended(good))
}

fn make(build: Build) -> Result<Vec<PathBuf>, String> {
    let (flag, folder): (&[&str], _) = match build {
        Build::Release => {
            ui::build()?;
            (&["--release"], "release")
        }
        Build::Debug => (&[], "debug"),
    };
    run_command(cargo(["build", "--package", "lanyard-cli", "--package", "lanyard-tray"]).args(flag))?;
    let built = target()?.join(folder);
    let files = files(&built)?;
    let bundle = json!({
        "active": true,
        "targets": ["deb", "rpm"],
        "category": "Utility",
        "shortDescription": "One sign-in, short-lived tokens for MCP clients",
        "license": "MIT OR Apache-2.0",
        "publisher": "The Lanyard developers",
        "homepage": "https://github.com/lanyard-agent/lanyard",
        "linux": { "deb": { "files": files, "section": "utils" }, "rpm": { "files": files } },
    });
    let bundler = Installed::of(BUNDLER)?;
    let mut tauri = Command::new(bundler.node());
    tauri.arg(bundler.folder().join("node_modules/@tauri-apps/cli/tauri.js"));
    tauri.args(["bundle", "--ci", "--bundles", "deb,rpm", "--config", &json!({ "bundle": bundle }).to_string()]);
    if build == Build::Debug {
        tauri.arg("--debug");
    }
    let _ = fs::remove_dir_all(built.join("bundle"));
    run_command(tauri.current_dir(root().join("src-tauri")).stdin(Stdio::null()))?;
    let made: Vec<PathBuf> = ["deb", "rpm"].iter().flat_map(|kind| found(&built.join("bundle").join(kind), kind)).collect();
    if made.len() == 2 { Ok(made) } else { Err(format!("the bundler made {made:?}")) }
}

fn found(folder: &Path, end: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    files.filter(|path| path.is_file() && path.extension().is_some_and(|found| found == end)).collect()
}

/// Place in the package, and the file that goes there. Manual pages are compressed, as Debian and Fedora want them.
fn files(built: &Path) -> Result<BTreeMap<String, PathBuf>, String> {
    let mut files: BTreeMap<String, PathBuf> = FILES.iter().map(|(to, from)| ((*to).to_owned(), root().join(from))).collect();
    files.insert("/usr/bin/lanyard".into(), built.join("lanyard"));
    let pages = target()?.join("package/man");
    let fault = |error: std::io::Error| format!("{}: {error}", pages.display());
    let _ = fs::remove_dir_all(&pages);
    fs::create_dir_all(&pages).map_err(fault)?;
    for page in found(&root().join("packaging/man"), "1") {
        let name = page.file_name().unwrap_or_default().to_string_lossy().into_owned();
        fs::copy(&page, pages.join(&name)).map_err(fault)?;
        // No name and no time, so that the same page is the same file.
        run_command(Command::new("gzip").args(["-9", "-n", "-f"]).arg(pages.join(&name)))?;
        files.insert(format!("/usr/share/man/man1/{name}.gz"), pages.join(format!("{name}.gz")));
    }
    Ok(files)
}
