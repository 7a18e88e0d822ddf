//! Packages for Debian and Fedora, by Tauri's bundler.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::json;

use crate::deb;
use crate::licences;
use crate::npm::Installed;
use crate::process::{cargo, root, run as run_command, say, target, watched};
use crate::setup::{self, Package};
use crate::test::Count;
use crate::ui;

const BUNDLER: &str = "packaging/bundler";

/// Tell the tests where the packages are, the one for Debian and the one for Fedora; without them those tests are skipped.
const VARIABLES: [&str; 2] = ["LANYARD_DEB", "LANYARD_RPM"];

/// What looks into the package for Fedora, on Debian.
const TOOLS: [Package; 1] = [Package { name: "rpm", program: "rpm", purpose: "looking into the package for Fedora" }];

/// What a package holds beside the tray, its entry in the menu and its icons: place in the package, place in the tree.
const FILES: [(&str, &str); 9] = [
    ("/usr/lib/systemd/user/lanyard.service", "packaging/systemd/lanyard.service"),
    ("/etc/xdg/autostart/lanyard.desktop", "packaging/autostart/lanyard.desktop"),
    ("/usr/share/bash-completion/completions/lanyard", "packaging/completions/lanyard.bash"),
    ("/usr/share/fish/vendor_completions.d/lanyard.fish", "packaging/completions/lanyard.fish"),
    ("/usr/share/doc/lanyard/LICENSE-MIT", "LICENSE-MIT"),
    ("/usr/share/doc/lanyard/LICENSE-APACHE", "LICENSE-APACHE"),
    ("/usr/share/doc/lanyard/README.md", "README.md"),
    ("/usr/share/doc/lanyard/policy.schema.json", "policies/linux/policy.schema.json"),
    ("/usr/share/doc/lanyard/policy.example.json", "policies/linux/annotated.json"),
];

/// What only one of them holds: where its zsh looks, and what its policy wants.
const OF_DEBIAN: [(&str, &str); 2] = [
    ("/usr/share/zsh/vendor-completions/_lanyard", "packaging/completions/_lanyard"),
    ("/usr/share/doc/lanyard/copyright", "packaging/debian/copyright"),
];
const OF_FEDORA: [(&str, &str); 1] = [("/usr/share/zsh/site-functions/_lanyard", "packaging/completions/_lanyard")];

/// What a program calls a version of the C library by.
const NAME: &[u8] = b"GLIBC_";

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

/// Makes both, looks into them, and tries the deb on this machine: installed, used, removed.
pub(crate) fn trial(build: Build) -> Result<Count, String> {
    let packages = make(build)?;
    setup::ensure(&TOOLS);
    let mut count = Count::default();
    let mut test = cargo(["test", "--package", "lanyard-tests", "--test", "package"]);
    let good = watched(test.envs(VARIABLES.into_iter().zip(packages)), |line| count.take(line))?;
    Ok(count.ended(good))
}

/// The deb and the rpm.
fn make(build: Build) -> Result<[PathBuf; 2], String> {
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
    let with = |own: &[(&str, &str)]| -> BTreeMap<String, PathBuf> { files.clone().into_iter().chain(placed(own)).collect() };
    // Of the C library the bundler says nothing, and an older one does not start the programs.
    let glibc = glibc(&[built.join("lanyard"), built.join("lanyard-tray")])?;
    let bundle = json!({
        "active": true,
        "targets": ["deb", "rpm"],
        "category": "Utility",
        "shortDescription": "One sign-in, short-lived tokens for MCP clients",
        "longDescription": "Signs a person in once at the organisation's identity provider, and gives the\n\
            MCP clients of this computer access to every server that IT listed, without\n\
            another sign-in.",
        "license": "MIT OR Apache-2.0",
        "publisher": "The Lanyard developers <security@lanyard.dev>",
        "homepage": "https://github.com/lanyard-agent/lanyard",
        "linux": {
            "deb": {
                "files": with(&OF_DEBIAN),
                "section": "utils",
                "depends": [format!("libc6 (>= {glibc})")],
            },
            "rpm": { "files": with(&OF_FEDORA), "depends": [format!("libc.so.6(GLIBC_{glibc})(64bit)")] },
        },
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
    let made: [PathBuf; 2] = made.try_into().map_err(|made| format!("the bundler made {made:?}"))?;
    deb::finish(&made[0], build == Build::Debug)?;
    Ok(made)
}

fn placed(files: &[(&str, &str)]) -> impl Iterator<Item = (String, PathBuf)> {
    files.iter().map(|(to, from)| ((*to).to_owned(), root().join(from)))
}

/// The newest version of the C library that these programs ask for.
fn glibc(programs: &[PathBuf]) -> Result<String, String> {
    let mut newest = (0, 0);
    for program in programs {
        let bytes = fs::read(program).map_err(|error| format!("{}: {error}", program.display()))?;
        newest = newest.max(asked(&bytes));
    }
    Ok(format!("{}.{}", newest.0, newest.1))
}

/// The newest version that a program's text names, as `GLIBC_2.35`.
fn asked(program: &[u8]) -> (u32, u32) {
    let named = program.windows(NAME.len()).enumerate().filter(|(_, text)| *text == NAME).map(|(at, _)| at + NAME.len());
    let version = |at: usize| {
        let text: String = program[at..].iter().take(8).map(|byte| char::from(*byte)).collect();
        let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    };
    named.filter_map(version).max().unwrap_or_default()
}

fn found(folder: &Path, end: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    files.filter(|path| path.is_file() && path.extension().is_some_and(|found| found == end)).collect()
}

/// Place in the package, and the file that goes there. Manual pages and changes are compressed, as Debian and Fedora want them.
fn files(built: &Path) -> Result<BTreeMap<String, PathBuf>, String> {
    let mut files: BTreeMap<String, PathBuf> = placed(&FILES).collect();
    files.insert("/usr/bin/lanyard".into(), built.join("lanyard"));
    let place = target()?.join("package/gz");
    let _ = fs::remove_dir_all(&place);
    fs::create_dir_all(&place).map_err(|error| format!("{}: {error}", place.display()))?;
    files.insert("/usr/share/doc/lanyard/changelog.gz".into(), zipped(&root().join("CHANGELOG.md"), &place)?);
    let libraries = target()?.join("package/LICENSES-OF-LIBRARIES");
    licences::write(&libraries)?;
    files.insert("/usr/share/doc/lanyard/LICENSES-OF-LIBRARIES.gz".into(), zipped(&libraries, &place)?);
    let pages = ["packaging/man", "packaging/tray"].into_iter().flat_map(|folder| found(&root().join(folder), "1"));
    for page in pages {
        let name = page.file_name().unwrap_or_default().to_string_lossy();
        files.insert(format!("/usr/share/man/man1/{name}.gz"), zipped(&page, &place)?);
    }
    Ok(files)
}

/// The same file compressed, in `folder`; without its name and time, so that the same text is the same file.
fn zipped(file: &Path, folder: &Path) -> Result<PathBuf, String> {
    let copy = folder.join(file.file_name().unwrap_or_default());
    fs::copy(file, &copy).map_err(|error| format!("{}: {error}", file.display()))?;
    run_command(Command::new("gzip").args(["-9", "-n", "-f"]).arg(&copy))?;
    Ok(copy.with_added_extension("gz"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_of_the_c_library_counts_by_number() {
        assert_eq!(asked(b"\0GLIBC_2.2.5\0GLIBC_2.34\0GLIBC_2.9\0GLIBC_PRIVATE\0GLIBC_"), (2, 34));
        assert_eq!(asked(b"nothing"), (0, 0));
    }
}
