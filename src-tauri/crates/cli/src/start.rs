//! Starting an agent where none runs. Two callers at once are no matter: the agent's own lock lets one live, and
//! both callers wait for the same socket.

#[cfg(not(target_os = "linux"))]
mod asking;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use wire::User;
use wire::place::{Customs, Environment};

use crate::failure::Failure;
#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "macos")]
use macos as platform;
#[cfg(windows)]
use windows as platform;

/// How long an agent may take to open its socket.
const LIMIT: Duration = Duration::from_secs(10);

/// Families of variables that an agent keeps: its folders, and in debug builds the hatches (LI-58), of which a released
/// program knows not even the name.
#[cfg(debug_assertions)]
const FAMILIES: &[&str] = &["XDG_", "LANYARD_DEBUG_"];
#[cfg(not(debug_assertions))]
const FAMILIES: &[&str] = &["XDG_"];

/// Variables that an agent keeps: where it finds its folders, its libraries and the person's language.
#[cfg(unix)]
const KEPT: &[&str] = &["HOME", "USER", "LOGNAME", "LANG", "PATH"];
#[cfg(windows)]
const KEPT: &[&str] = &[
    "APPDATA",
    "COMPUTERNAME",
    "LOCALAPPDATA",
    "PATH",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "USERDOMAIN",
    "USERNAME",
    "USERPROFILE",
    "WINDIR",
];

/// Variables of a process.
pub(crate) type Variables = BTreeMap<OsString, OsString>;

/// How an agent is started.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By the person's service manager.
    Unit,
    /// As a process of its own.
    Detached,
}

/// Returns once an agent listens at `socket`: one that was started here, or with `no_start` anybody's.
///
/// # Errors
/// [`Failure::NotStarted`] after ten seconds.
pub(crate) fn agent(socket: &Path, named: bool, no_start: bool) -> Result<(), Failure> {
    let until = Instant::now() + LIMIT;
    let mut log = None;
    if !no_start {
        let here = Environment::current();
        let exists = |path: &Path| path.exists();
        let variables = environment(&std::env::vars_os().collect(), here.user.as_ref(), exists, FAMILIES);
        let by_unit = way(&here, &variables, named, exists) == Way::Unit && platform::unit(&variables);
        if !by_unit {
            let folder = here.state_folder().map(|folder| folder.join("log"));
            log = folder.as_ref().map(|folder| folder.join("agent.log"));
            platform::detached(&program()?, &arguments(socket, named), &variables, folder.as_deref()).map_err(Failure::Start)?;
        }
    }
    match platform::listens(socket, until) {
        true => Ok(()),
        false => Err(Failure::NotStarted(log)),
    }
}

fn program() -> Result<PathBuf, Failure> {
    std::env::current_exe().map_err(Failure::Start)
}

fn arguments(socket: &Path, named: bool) -> Vec<OsString> {
    let mut arguments = vec![OsString::from("run")];
    if named {
        arguments.extend([OsString::from("--socket"), socket.into()]);
    }
    arguments
}

/// The environment of an agent: what it needs to find its folders and the bus, and nothing that lets a caller steer
/// where it connects, whom it trusts or what it loads (LI-52).
fn environment(caller: &Variables, user: Option<&User>, exists: impl Fn(&Path) -> bool, families: &[&str]) -> Variables {
    let wanted = |name: &OsStr| {
        let name = name.to_string_lossy();
        KEPT.contains(&&*name.to_ascii_uppercase()) || families.iter().any(|family| name.starts_with(family))
    };
    let mut variables: Variables =
        caller.iter().filter(|(name, _)| wanted(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
    let usual = user.map(runtime).filter(|usual| exists(usual));
    if let (Some(usual), false) = (usual, variables.contains_key(OsStr::new("XDG_RUNTIME_DIR"))) {
        variables.insert("XDG_RUNTIME_DIR".into(), usual.into());
    }
    let bus = variables.get(OsStr::new("XDG_RUNTIME_DIR")).map(|runtime| Path::new(runtime).join("bus"));
    if let Some(bus) = bus.filter(|bus| bus.is_absolute() && exists(bus)) {
        let mut address = OsString::from("unix:path=");
        address.push(bus);
        variables.insert("DBUS_SESSION_BUS_ADDRESS".into(), address);
    }
    variables
}

/// The folder of a log-on under systemd.
fn runtime(user: &User) -> PathBuf {
    PathBuf::from(format!("/run/user/{user}"))
}

/// The LaunchAgent's name, and its file's.
const LABEL: &str = "dev.lanyard.agent";

/// A unit starts with the folders that the person logged on with, so it serves only a caller who has the same.
fn way(here: &Environment, variables: &Variables, named: bool, exists: impl Fn(&Path) -> bool) -> Way {
    let home = here.home.clone().unwrap_or_default();
    let runtime = here.user.as_ref().map(runtime).unwrap_or_default();
    let usual = [
        ("XDG_RUNTIME_DIR", runtime),
        ("XDG_STATE_HOME", home.join(".local/state")),
        ("XDG_DATA_HOME", home.join(".local/share")),
        ("XDG_CONFIG_HOME", home.join(".config")),
        ("XDG_CACHE_HOME", home.join(".cache")),
    ];
    let differs =
        |(name, usual): &(&str, PathBuf)| variables.get(OsStr::new(name)).is_some_and(|value| Path::new(value) != usual);
    // Only where such folders are honoured.
    let overridden = here.customs == Customs::Xdg && usual.iter().any(differs);
    let (folders, file) = match here.customs {
        Customs::MacOs => (vec![home.join("Library/LaunchAgents"), "/Library/LaunchAgents".into()], format!("{LABEL}.plist")),
        _ => (
            vec![home.join(".config"), home.join(".local/share"), "/etc".into(), "/usr/local/lib".into(), "/usr/lib".into()],
            "systemd/user/lanyard.service".to_owned(),
        ),
    };
    let installed = folders.iter().any(|folder| folder.is_absolute() && exists(&folder.join(&file)));
    match installed && !overridden && !named {
        true => Way::Unit,
        false => Way::Detached,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        pairs.iter().map(|(name, value)| (name.into(), value.into())).collect()
    }

    /// Windows has other variables; which of them stay is tested below.
    #[test]
    #[cfg(unix)]
    fn the_agents_environment_is_rebuilt() {
        let hostile = [
            ("HOME", "/home/ada"),
            ("PATH", "/usr/bin"),
            ("LANG", "C.UTF-8"),
            ("LD_PRELOAD", "/home/ada/x.so"),
            ("LD_LIBRARY_PATH", "/home/ada"),
            ("HTTPS_PROXY", "http://evil"),
            ("https_proxy", "http://evil"),
            ("ALL_PROXY", "http://evil"),
            ("SSL_CERT_FILE", "/home/ada/ca.pem"),
            ("SSL_CERT_DIR", "/home/ada"),
            ("RUST_LOG", "trace"),
            ("GITHUB_TOKEN", "secret"),
            ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/home/ada/bus"),
            ("LANYARD_DEBUG_POLICY_ROOT", "/home/ada/policy"),
        ];
        let kept = [("HOME", "/home/ada"), ("PATH", "/usr/bin"), ("LANG", "C.UTF-8")];
        let run = [("XDG_RUNTIME_DIR", "/run/user/1000")];
        let bus = [("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/1000/bus")];
        let own = [("XDG_RUNTIME_DIR", "/srv/run"), ("XDG_STATE_HOME", "/srv/state")];
        let own_bus = [("DBUS_SESSION_BUS_ADDRESS", "unix:path=/srv/run/bus")];
        let hatch = [("LANYARD_DEBUG_POLICY_ROOT", "/home/ada/policy")];
        type Pairs<'a> = Vec<(&'a str, &'a str)>;
        let table: [(Pairs, &[&str], bool, Pairs); 6] = [
            (hostile.to_vec(), &[], false, kept.to_vec()),
            (hostile.to_vec(), &["/run/user/1000"], false, [&kept[..], &run].concat()),
            (hostile.to_vec(), &["/run/user/1000", "/run/user/1000/bus"], false, [&kept[..], &run, &bus].concat()),
            ([&hostile[..], &own].concat(), &["/run/user/1000"], false, [&kept[..], &own].concat()),
            ([&hostile[..], &own].concat(), &["/srv/run/bus"], false, [&kept[..], &own, &own_bus].concat()),
            (hostile.to_vec(), &[], true, [&kept[..], &hatch].concat()),
        ];
        for (caller, existing, debug, expected) in table {
            let exists = |path: &Path| existing.iter().any(|one| Path::new(one) == path);
            assert_eq!(
                environment(
                    &variables(&caller),
                    Some(&User::Id(1000)),
                    exists,
                    if debug { &["XDG_", "LANYARD_DEBUG_"] } else { &["XDG_"] }
                ),
                variables(&expected)
            );
        }
    }

    #[test]
    #[cfg(windows)]
    fn the_agents_environment_is_rebuilt() {
        let caller = [
            ("SystemRoot", r"C:\Windows"),
            ("LOCALAPPDATA", r"C:\l"),
            ("HTTPS_PROXY", "x"),
            ("RUST_LOG", "trace"),
            ("HOME", "/h"),
        ];
        let kept = [("SystemRoot", r"C:\Windows"), ("LOCALAPPDATA", r"C:\l")];
        assert_eq!(environment(&variables(&caller), None, |_| false, &["XDG_"]), variables(&kept));
    }

    /// Only Linux has units, and its paths are absolute nowhere else.
    #[test]
    #[cfg(unix)]
    fn a_unit_serves_only_a_caller_with_the_usual_folders() {
        let here = Environment { home: Some("/home/ada".into()), user: Some(User::Id(1000)), ..Environment::default() };
        let unit: &[&str] = &["/usr/lib/systemd/user/lanyard.service"];
        type Pairs<'a> = &'a [(&'a str, &'a str)];
        let table: [(Pairs, bool, &[&str], Way); 7] = [
            (&[], false, unit, Way::Unit),
            (&[("XDG_RUNTIME_DIR", "/run/user/1000")], false, unit, Way::Unit),
            (&[("XDG_SESSION_ID", "3")], false, &["/home/ada/.config/systemd/user/lanyard.service"], Way::Unit),
            (&[], false, &[], Way::Detached),
            (&[], true, unit, Way::Detached),
            (&[("XDG_RUNTIME_DIR", "/srv/run")], false, unit, Way::Detached),
            (&[("XDG_STATE_HOME", "/srv/state")], false, unit, Way::Detached),
        ];
        for (set, named, existing, expected) in table {
            let exists = |path: &Path| existing.iter().any(|one| Path::new(one) == path);
            assert_eq!(way(&here, &variables(set), named, exists), expected, "{set:?}");
        }
    }

    /// What a package for macOS contains.
    const LAUNCH_AGENT: &[u8] = include_bytes!("../../../../packaging/macos/dev.lanyard.agent.plist");

    #[test]
    fn the_launch_agent_runs_the_tray_at_log_on_and_after_a_crash() {
        let read = plist::Value::from_reader(std::io::Cursor::new(LAUNCH_AGENT)).unwrap();
        let agent = read.as_dictionary().unwrap();
        assert_eq!(agent["Label"].as_string(), Some(LABEL));
        let words: Vec<_> = agent["ProgramArguments"].as_array().unwrap().iter().flat_map(plist::Value::as_string).collect();
        let [program, ref rest @ ..] = words[..] else { panic!("{words:?}") };
        assert!(program.starts_with('/') && program.ends_with(".app/Contents/MacOS/lanyard-tray"), "{program}");
        assert_eq!(rest, ["--autostart"]);
        assert_eq!(agent["LimitLoadToSessionType"].as_string(), Some("Aqua"));
        assert_eq!(agent["RunAtLoad"].as_boolean(), Some(true));
        let keep = agent["KeepAlive"].as_dictionary().unwrap();
        assert_eq!((keep.len(), keep["SuccessfulExit"].as_boolean()), (1, Some(false)));
        assert_eq!(agent["Umask"].as_signed_integer(), Some(0o077));
        for limits in ["HardResourceLimits", "SoftResourceLimits"] {
            assert_eq!(agent[limits].as_dictionary().unwrap()["Core"].as_signed_integer(), Some(0), "{limits}");
        }
        // No variable, account, folder or door that would let others steer it.
        for absent in ["EnvironmentVariables", "UserName", "WorkingDirectory", "Sockets", "MachServices", "Program"] {
            assert!(!agent.contains_key(absent), "{absent}");
        }
    }

    /// Only macOS has launch agents, and its paths are absolute on no Windows.
    #[test]
    #[cfg(unix)]
    fn a_launch_agent_serves_every_caller_who_names_no_socket() {
        let here = Environment { customs: Customs::MacOs, home: Some("/Users/ada".into()), ..Environment::default() };
        let table: [(&[&str], bool, Way); 5] = [
            (&["/Library/LaunchAgents/dev.lanyard.agent.plist"], false, Way::Unit),
            (&["/Users/ada/Library/LaunchAgents/dev.lanyard.agent.plist"], false, Way::Unit),
            (&["/Library/LaunchAgents/dev.lanyard.agent.plist"], true, Way::Detached),
            (&["/usr/lib/systemd/user/lanyard.service"], false, Way::Detached),
            (&[], false, Way::Detached),
        ];
        // macOS honours no such folder.
        let set = variables(&[("XDG_STATE_HOME", "/srv/state")]);
        for (existing, named, expected) in table {
            let exists = |path: &Path| existing.iter().any(|one| Path::new(one) == path);
            assert_eq!(way(&here, &set, named, exists), expected, "{existing:?}");
        }
    }
}
