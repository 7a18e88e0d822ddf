//! The package for Debian on this machine: installed, used, removed. It changes the machine, so it runs by itself. The one for
//! Fedora is looked into, and unpacked beside it.

#![expect(clippy::unwrap_used, reason = "a helper of a test ends the test")]

use std::path::{Path, PathBuf};
use std::process::Command;

use sandbox::desk::skipped;
use sandbox::program::{Said, said};
use sandbox::{Desk, Options, World};

/// Folders of the package's own.
const FOLDERS: [&str; 3] = ["/usr/share/doc/lanyard", "/usr/lib/lanyard", "/etc/lanyard"];

mod rpm;

/// The licences of what the programs contain.
const LIBRARIES: &str = "/usr/share/doc/lanyard/LICENSES-OF-LIBRARIES.gz";

/// Installs until it is dropped.
struct Installed;

impl Installed {
    fn from(deb: &Path) -> Self {
        let mut apt = Command::new("apt-get");
        apt.args(["install", "-y", "-qq", "--no-install-recommends"]).arg(deb).env("DEBIAN_FRONTEND", "noninteractive");
        let told = said(&mut apt);
        assert_eq!(told.code, 0, "{told:?}");
        Self
    }

    fn files() -> Vec<PathBuf> {
        let listed = run("dpkg", &["--listfiles", "lanyard"]).stdout;
        listed.lines().map(PathBuf::from).filter(|path| !path.is_dir()).collect()
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        run("dpkg", &["--purge", "lanyard"]);
    }
}

fn run(program: &str, words: &[&str]) -> Said {
    said(Command::new(program).args(words))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_package_brings_an_agent_that_works_and_leaves_nothing_behind() {
    let Some(deb) = std::env::var_os("LANYARD_DEB").map(PathBuf::from) else {
        return skipped("LANYARD_DEB names no package");
    };
    if run("id", &["-u"]).stdout != "0\n" {
        return skipped("only root may install packages");
    }
    let there = |folder: &&str| Path::new(folder).exists();
    let before: Vec<&str> = FOLDERS.into_iter().filter(there).collect();
    let installed = Installed::from(&deb);
    let files = Installed::files();
    for wanted in [
        "/usr/bin/lanyard",
        "/usr/bin/lanyard-tray",
        "/usr/lib/systemd/user/lanyard.service",
        "/etc/xdg/autostart/lanyard.desktop",
        "/usr/share/man/man1/lanyard.1.gz",
        "/usr/share/man/man1/lanyard-setup.1.gz",
        "/usr/share/man/man1/lanyard-tray.1.gz",
        "/usr/share/bash-completion/completions/lanyard",
        "/usr/share/doc/lanyard/LICENSE-MIT",
        "/usr/share/doc/lanyard/LICENSE-APACHE",
        LIBRARIES,
    ] {
        assert!(files.contains(&wanted.into()), "{wanted}: {files:?}");
    }
    assert!(files.iter().any(|file| file.starts_with("/usr/share/applications")), "{files:?}");
    assert!(files.iter().any(|file| file.starts_with("/usr/share/icons")), "{files:?}");
    for file in &files {
        let owner = run("stat", &["-c", "%U:%G %a", &file.display().to_string()]).stdout;
        assert!(owner.starts_with("root:root ") && !owner.trim().ends_with(['2', '3', '6', '7']), "{}: {owner}", file.display());
    }
    let licences = run("zcat", &[LIBRARIES]).stdout;
    for contained in ["\ntokio 1.", "\nwebkit2gtk ", "\nreact-dom ", "\n==== "] {
        assert!(licences.contains(contained), "{contained:?} is not in {LIBRARIES}");
    }
    assert!(!licences.contains("\ninsta "), "what only tests is not contained");
    assert_eq!(run("lanyard-tray", &["--version"]).code, 0);
    // Each entry names a program that is there.
    for entry in files.iter().filter(|file| file.extension().is_some_and(|end| end == "desktop")) {
        let text = std::fs::read_to_string(entry).unwrap();
        let program = text.lines().find_map(|line| line.strip_prefix("Exec=")).unwrap().split(' ').next().unwrap().to_owned();
        assert!(Path::new("/usr/bin").join(&program).is_file(), "{}: {program}", entry.display());
    }

    let world = World::start(Options::default()).await;
    let mut desk = Desk::new(&world, &world.policy_json()).with_binary("/usr/bin/lanyard".into());
    desk.start_agent();
    desk.sign_in("ada").await;
    let token = desk.say(&["token", "linear"]).await;
    assert_eq!((token.code, token.stdout.trim().is_empty()), (0, false), "{token:?}");
    desk.stop_agent();

    drop(installed);
    for file in files {
        assert!(!file.exists(), "{} was left behind", file.display());
    }
    assert_eq!(FOLDERS.into_iter().filter(there).collect::<Vec<_>>(), before, "a folder was left behind");
}
