//! What is too slow for every change and is run before an issue is resolved.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::{cargo, run as run_command, say, target};
use crate::{ci, fuzz, tray, ui};

/// Seconds for each fuzz target.
const FUZZ_SECONDS: u32 = 60;

/// How long clients work while their tokens end.
const SOAK_SECONDS: &str = "180";

/// Every check, minutes under load, a minute of each fuzz target, and the released program looked into.
pub(crate) fn run() -> Result<(), String> {
    ci::run()?;
    let soak = ["test", "--package", "lanyard-tests", "--test", "world", "--", "tokens_that_end_every_few_seconds"];
    run_command(cargo(soak).env("LANYARD_SOAK_SECONDS", SOAK_SECONDS))?;
    fuzz::run(FUZZ_SECONDS, None)?;
    run_command(&mut cargo(["build", "--release", "--package", "lanyard-cli"]))?;
    hatches("lanyard")?;
    match tray::missing() {
        None => {
            ui::build()?;
            run_command(&mut cargo(["build", "--release", "--package", tray::PACKAGE]))?;
            hatches(tray::PACKAGE)?;
        }
        Some(why) => say(&why),
    }
    untraceable()
}

/// LI-49: the kernel gives the files of a process that cannot be traced to root, whoever runs it.
fn untraceable() -> Result<(), String> {
    let folder = std::env::temp_dir().join(format!("lanyard-untraceable-{}", std::process::id()));
    let judged = folder_of(&folder).map_err(|error| error.to_string()).and_then(|user| owner(&folder, user));
    let _ = fs::remove_dir_all(&folder);
    match judged? {
        0 => Ok(()),
        _ => Err("the released program can be traced".into()),
    }
}

/// A folder with the released program for a user who is not root; that user's id.
fn folder_of(folder: &Path) -> io::Result<u32> {
    fs::create_dir(folder)?;
    let own = fs::metadata(folder)?.uid();
    let user = if own == 0 { NOBODY } else { own };
    let program = target().map_err(io::Error::other)?.join("release/lanyard");
    fs::copy(program, folder.join("program"))?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    std::os::unix::fs::chown(folder, Some(user), None)?;
    Ok(user)
}

/// Who owns the files of a running agent in `/proc`.
fn owner(folder: &Path, user: u32) -> Result<u32, String> {
    let mut command = Command::new(folder.join("program"));
    command.arg("run").uid(user).env_clear().stderr(Stdio::null());
    for name in ["HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_DATA_HOME"] {
        command.env(name, folder);
    }
    let mut agent = command.spawn().map_err(|error| error.to_string())?;
    let began = Instant::now();
    let socket = folder.join("lanyard/lanyard.sock");
    while !socket.exists() && began.elapsed() < Duration::from_secs(20) && matches!(agent.try_wait(), Ok(None)) {
        std::thread::sleep(Duration::from_millis(20));
    }
    // The door must be open, or what was looked at was no agent yet.
    let up = socket.exists();
    let owner = fs::metadata(format!("/proc/{}/environ", agent.id())).map(|file| file.uid());
    let _ = agent.kill();
    let _ = agent.wait();
    if up { owner.map_err(|error| error.to_string()) } else { Err("the released agent did not open its door".into()) }
}

/// A user that nobody is, for a machine on which root works.
const NOBODY: u32 = 65_533;

/// LI-58: a released program knows no debug hatch.
fn hatches(name: &str) -> Result<(), String> {
    let program = target()?.join("release").join(name);
    let bytes = std::fs::read(&program).map_err(|error| format!("{}: {error}", program.display()))?;
    let found = bytes.windows(HATCH.len()).any(|window| window == HATCH);
    // The file must be the program at all, or the search proves nothing.
    let version = Command::new(&program).arg("--version").output().map_err(|error| error.to_string())?;
    match (found, version.status.success()) {
        (false, true) => Ok(()),
        (true, _) => Err(format!("the released {name} holds a debug hatch")),
        (_, false) => Err(format!("the released {name} does not run")),
    }
}

const HATCH: &[u8] = b"LANYARD_DEBUG";
