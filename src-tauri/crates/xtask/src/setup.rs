//! What the tests need of the system. Nothing here is needed to build.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::process::{self, say};
use crate::tray;

/// A Debian package, a program by which it is known, and what it is for.
pub(crate) struct Package {
    /// Debian's name; several where one alone does not work.
    pub(crate) name: &'static str,
    /// The program by which it is known.
    pub(crate) program: &'static str,
    /// What it is for.
    pub(crate) purpose: &'static str,
}

#[rustfmt::skip]
const PACKAGES: [Package; 20] = [
    Package { name: "dbus", program: "dbus-run-session", purpose: "a session bus of the tests' own" },
    Package { name: "gnome-keyring", program: "gnome-keyring-daemon", purpose: "a real keychain to keep the vault's key" },
    Package { name: "libsecret-tools", program: "secret-tool", purpose: "looking into that keychain from outside" },
    Package { name: "iproute2", program: "ip", purpose: "cutting a network and naming its addresses" },
    Package { name: "util-linux", program: "unshare", purpose: "a second user and network of a test's own" },
    Package { name: "chromium", program: "chromium", purpose: "a real browser to sign in with" },
    Package { name: "chromium-driver", program: "chromedriver", purpose: "a hand at that browser" },
    Package { name: "npm", program: "npm", purpose: "the MCP conformance suite and an IdP from elsewhere" },
    Package { name: "python3-venv", program: "python3 -m ensurepip", purpose: "an authorization server from elsewhere" },
    Package { name: "tinyproxy-bin", program: "tinyproxy", purpose: "a real proxy" },
    Package { name: "libglib2.0-bin gsettings-desktop-schemas dconf-gsettings-backend", program: "gsettings", purpose: "the proxy settings of a desktop" },
    Package { name: "libwebkit2gtk-4.1-dev pkg-config", program: "pkg-config --exists webkit2gtk-4.1", purpose: "building the tray and its window" },
    Package { name: "xvfb xauth", program: "Xvfb", purpose: "a display in memory" },
    Package { name: "openbox", program: "openbox", purpose: "a manager of windows on it" },
    Package { name: "xdotool", program: "xdotool", purpose: "the icon of a program for Windows on it" },
    Package { name: "locales", program: "locale-gen", purpose: "a desktop that speaks German" },
    Package { name: "xclip", program: "xclip", purpose: "what was copied on it" },
    Package { name: "xfce4-panel xfconf adwaita-icon-theme fonts-dejavu-core", program: "xfce4-panel", purpose: "a panel that shows the tray" },
    Package { name: "webkit2gtk-driver", program: "WebKitWebDriver", purpose: "a hand at the window" },
    Package { name: "imagemagick", program: "import", purpose: "pictures of it" },
];

/// Installs what is missing where it may, and says so where it may not: the tests that need it then skip and say why.
pub(crate) fn run() {
    ensure(&PACKAGES);
}

/// The same for what a single task needs.
pub(crate) fn ensure(packages: &[Package]) {
    settle(packages, found, install, say);
}

fn settle(
    packages: &[Package],
    find: impl Fn(&str) -> bool,
    install: impl Fn(&[&str]) -> Result<(), String>,
    mut say: impl FnMut(&str),
) {
    let missing: Vec<&Package> = packages.iter().filter(|package| !find(package.program)).collect();
    if missing.is_empty() {
        return say("Set up: everything that the tests need is here.");
    }
    for package in &missing {
        say(&format!("Set up: {} is missing ({})", package.name, package.purpose));
    }
    let names: Vec<&str> = missing.iter().flat_map(|package| package.name.split(' ')).collect();
    let list = names.join(", ");
    match install(&names) {
        Ok(()) => say(&format!("Set up: installed {list}.")),
        Err(why) => say(&format!("Set up: {list} could not be installed ({why}); the tests that need them are skipped.")),
    }
}

fn found(program: &str) -> bool {
    if let Some((python, module)) = program.split_once(" -m ") {
        let tried = Command::new(python).args(["-c", &format!("import {module}")]).stderr(Stdio::null()).status();
        return tried.is_ok_and(|status| status.success());
    }
    if let Some((_, library)) = program.split_once(" --exists ") {
        return tray::has(library);
    }
    let path = std::env::var("PATH").unwrap_or_default();
    path.split(':').chain(["/usr/sbin", "/sbin"]).any(|folder| Path::new(folder).join(program).is_file())
}

fn install(names: &[&str]) -> Result<(), String> {
    if !found("apt-get") {
        return Err("this is no Debian".into());
    }
    let mut prefix = Vec::new();
    if !root() {
        if !found("sudo") {
            return Err("neither root nor sudo".into());
        }
        // Never a question that a machine cannot answer.
        prefix = vec!["sudo", "-n"];
    }
    let apt = |words: &[&str]| {
        let line: Vec<&str> = prefix
            .iter()
            .copied()
            .chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"])
            .chain(words.iter().copied())
            .collect();
        let mut command = Command::new(line[0]);
        command.args(&line[1..]).stdin(Stdio::null()).stdout(Stdio::null());
        command
    };
    say(&format!("Set up: apt-get install -y --no-install-recommends {}", names.join(" ")));
    let wanted: Vec<&str> =
        ["install", "-y", "-qq", "--no-install-recommends"].into_iter().chain(names.iter().copied()).collect();
    // The package lists of a bare machine are empty.
    process::run(&mut apt(&["update", "-qq"])).and_then(|()| process::run(&mut apt(&wanted)))
}

fn root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(find: impl Fn(&str) -> bool, install: impl Fn(&[&str]) -> Result<(), String>) -> Vec<String> {
        let mut lines = Vec::new();
        settle(&PACKAGES, find, install, |line| lines.push(line.to_owned()));
        lines
    }

    #[test]
    fn only_what_is_missing_is_installed_and_why_is_said() {
        let install = |names: &[&str]| {
            assert_eq!(names, ["libsecret-tools"]);
            Ok(())
        };
        let lines = settled(|program| program != "secret-tool", install);
        let missing = "Set up: libsecret-tools is missing (looking into that keychain from outside)";
        assert_eq!(lines, [missing, "Set up: installed libsecret-tools."]);
    }

    #[test]
    fn what_may_not_be_installed_is_said_and_no_failure() {
        let lines = settled(|program| program == "ip", |_| Err("neither root nor sudo".into()));
        assert!(lines.last().unwrap().contains("neither root nor sudo"), "{lines:?}");
        assert_eq!(settled(|_| true, |_| unreachable!("nothing is missing")).len(), 1);
    }
}
