//! Compilers for other systems: rustup's own standard library where it can be had, else the library's source as Debian
//! packages it, of exactly this compiler's version.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::{cargo, output, run as run_command, say, target};

/// Suites of Debian that may have the source of a compiler that is newer than this machine's own packages.
const SUITES: [&str; 3] = ["trixie-backports", "trixie", "sid"];

/// What is released for every system, beside the tray.
pub(crate) const CRATES: [&str; 10] = [
    "lanyard-secret",
    "lanyard-net",
    "lanyard-wire",
    "lanyard-policy",
    "lanyard-admin",
    "lanyard-session",
    "lanyard-exchange",
    "lanyard-broker",
    "lanyard-agent",
    "lanyard-cli",
];

/// A way to build for one target.
pub(crate) struct Cross {
    target: &'static str,
    /// A copy of the toolchain that has the source, where rustup has nothing.
    toolchain: Option<PathBuf>,
}

impl Cross {
    /// Finds the way, and prepares it.
    pub(crate) fn to(target: &'static str) -> Result<Self, String> {
        let added = Command::new("rustup").args(["target", "add", target]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        if added.is_ok_and(|status| status.success()) {
            return Ok(Self { target, toolchain: None });
        }
        say(&format!("rustup has no standard library for {target} here; it is built from Debian's rust-src."));
        Ok(Self { target, toolchain: Some(with_source()?) })
    }

    /// A command of cargo for the target; `program` is `cargo` or what stands for it. What it builds goes beside the
    /// native files: other flags would build those anew.
    pub(crate) fn cargo(&self, program: Option<&Path>, words: &[&str], library: &str) -> Result<Command, String> {
        let mut command = cargo::<[&str; 0]>([]);
        if let Some(program) = program {
            let folder = command.get_current_dir().map(Path::to_owned);
            command = Command::new(program);
            command.current_dir(folder.ok_or("no root")?);
        }
        command.args(words).args(["--target", self.target]).arg("--target-dir").arg(target()?.join("cross"));
        if let Some(toolchain) = &self.toolchain {
            let path = std::env::var("PATH").unwrap_or_default();
            let bin = toolchain.join("bin");
            command.arg("-Z").arg(format!("build-std={library}")).env("RUSTC_BOOTSTRAP", "1").env("RUSTC", bin.join("rustc"));
            command.env("PATH", format!("{}:{path}", bin.display())).env_remove("RUSTUP_TOOLCHAIN");
            // Whoever ran this task names the other toolchain's libraries, and cargo remembers it beside what was built: both
            // would lead the copy away from its own library.
            command.env("CARGO", bin.join("cargo")).env_remove("LD_LIBRARY_PATH").env("CARGO_CACHE_RUSTC_INFO", "0");
        }
        Ok(command)
    }
}

/// A copy of this toolchain, by hard links, with the standard library's source in it.
fn with_source() -> Result<PathBuf, String> {
    let place = target()?.join("cross-tools");
    let toolchain = place.join("toolchain");
    let source = toolchain.join("lib/rustlib/src/rust");
    if source.join("library").is_dir() {
        return Ok(toolchain);
    }
    let fault = |error: std::io::Error| format!("{}: {error}", place.display());
    let package = place.join("rust-src");
    download(&place, &package)?;
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let _ = fs::remove_dir_all(&toolchain);
    let linked = run_command(Command::new("cp").arg("-al").arg(sysroot.trim()).arg(&toolchain).stderr(Stdio::null()));
    if linked.is_err() {
        // Links do not cross file systems.
        let _ = fs::remove_dir_all(&toolchain);
        run_command(Command::new("cp").arg("-a").arg(sysroot.trim()).arg(&toolchain))?;
    }
    let found = fs::read_dir(package.join("usr/src")).map_err(fault)?.flatten().map(|entry| entry.path());
    let found = found.into_iter().find(|path| path.join("library").is_dir()).ok_or("Debian's rust-src holds no library")?;
    fs::create_dir_all(toolchain.join("lib/rustlib/src")).map_err(fault)?;
    symlink(found, source).map_err(fault)?;
    Ok(toolchain)
}

/// Debian's package, read through package lists of its own, so that the machine's stay as they are.
fn download(place: &Path, package: &Path) -> Result<(), String> {
    let fault = |error: std::io::Error| format!("{}: {error}", place.display());
    let apt = place.join("apt");
    for folder in ["sources", "lists/partial", "archives/partial"] {
        fs::create_dir_all(apt.join(folder)).map_err(fault)?;
    }
    let mirror = mirror().ok_or("no mirror of Debian stands in /etc/apt")?;
    let key = "/usr/share/keyrings/debian-archive-keyring.gpg";
    let sources: String = SUITES.iter().map(|suite| format!("deb [signed-by={key}] {mirror} {suite} main\n")).collect();
    fs::write(apt.join("sources/newer.list"), sources).map_err(fault)?;
    let own = |name: &str, below: &str| format!("{name}={}", apt.join(below).display());
    let options = [
        "Dir::Etc::SourceList=/dev/null".to_owned(),
        own("Dir::Etc::SourceParts", "sources"),
        own("Dir::State::Lists", "lists"),
        own("Dir::Cache", ""),
        own("Dir::Cache::Archives", "archives"),
        "Dir::State::status=/dev/null".to_owned(),
        "APT::Sandbox::User=root".to_owned(),
        "Acquire::Languages=none".to_owned(),
    ];
    let with = |program: &str, words: &[&str]| {
        let mut command = Command::new(program);
        options.iter().for_each(|option| {
            command.args(["-o", option]);
        });
        command.args(words).current_dir(place).stdin(Stdio::null());
        command
    };
    run_command(with("apt-get", &["update", "-qq"]).stdout(Stdio::null()))?;
    let version = output(Command::new("rustc").arg("--version"))?;
    let version = version.split(' ').nth(1).ok_or("rustc tells no version")?.to_owned();
    let known = output(&mut with("apt-cache", &["madison", "rust-src"]))?;
    let exact = known.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim).find(|known| known.starts_with(&version));
    let exact = exact.ok_or_else(|| format!("Debian has no rust-src {version}"))?;
    run_command(with("apt-get", &["download", "-qq", &format!("rust-src={exact}")]).stdout(Stdio::null()))?;
    let files = fs::read_dir(place).map_err(fault)?.flatten().map(|entry| entry.path());
    let file = files.into_iter().find(|path| path.extension().is_some_and(|end| end == "deb")).ok_or("no package came")?;
    run_command(Command::new("dpkg-deb").arg("-x").arg(file).arg(package))
}

/// The mirror that this machine uses.
fn mirror() -> Option<String> {
    let lists = fs::read_dir("/etc/apt/sources.list.d").into_iter().flatten().flatten().map(|entry| entry.path());
    let texts = lists.chain(["/etc/apt/sources.list".into()]).filter_map(|path| fs::read_to_string(path).ok());
    let words: Vec<String> = texts.flat_map(|text| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect();
    words.into_iter().find(|word| word.starts_with("http") && word.trim_end_matches('/').ends_with("/debian"))
}
