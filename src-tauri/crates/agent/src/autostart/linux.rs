use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use super::Autostart;

/// Targets that a person's service manager reaches at log-on.
const WANTS: [&str; 2] = ["default.target.wants/lanyard.service", "graphical-session.target.wants/lanyard.service"];
const UNIT: &str = "lanyard.service";
pub(super) const ENTRY: &str = "lanyard.desktop";

pub(super) fn found() -> Autostart {
    look(config().as_deref(), Path::new("/"))
}

/// The person's folder of settings (XDG Base Directory Specification).
pub(super) fn config() -> Option<PathBuf> {
    let named = env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    named.or_else(|| home().map(|home| home.join(".config")))
}

pub(super) fn home() -> Option<PathBuf> {
    env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute())
}

/// A unit (systemd.unit(5)) or an autostart entry; the person's folder decides over the machine's of the same name.
fn look(own: Option<&Path>, root: &Path) -> Autostart {
    let units = own.map(|own| own.join("systemd/user")).into_iter();
    let units: Vec<_> = units.chain([root.join("etc/systemd/user"), root.join("usr/lib/systemd/user")]).collect();
    let shown = |path: &Path| path.display().to_string();
    let (mut off, mut broken) = (None, None);
    match units.iter().find_map(|folder| fs::read_link(folder.join(UNIT)).ok().map(|to| (folder.join(UNIT), to))) {
        // A link to nothing masks the unit.
        Some((mask, to)) if to == Path::new("/dev/null") => off = Some(shown(&mask)),
        _ => {
            let wanted = units.iter().flat_map(|folder| WANTS.map(|wants| folder.join(wants))).find(|path| path.is_symlink());
            // The service manager looks for the unit by its name, wherever the link leads.
            let there = |wanted: &Path| wanted.exists() || units.iter().any(|folder| folder.join(UNIT).is_file());
            match wanted {
                Some(wanted) if there(&wanted) => return Autostart::Entered(shown(&wanted)),
                wanted => broken = wanted.as_deref().map(shown),
            }
        }
    }
    let entries = own.map(|own| own.join("autostart")).into_iter().chain([root.join("etc/xdg/autostart")]);
    for entry in entries.map(|folder| folder.join(ENTRY)) {
        if let Ok(text) = fs::read_to_string(&entry) {
            return judged(shown(&entry), &text, &path(own));
        }
    }
    off.map(Autostart::SwitchedOff).or(broken.map(Autostart::Broken)).unwrap_or(Autostart::Absent)
}

/// Where the desktop looks for programs: a service manager knows less of it.
fn path(own: Option<&Path>) -> OsString {
    let known = env::var_os("PATH").unwrap_or_default();
    let home = own.and_then(Path::parent).map(Path::to_owned);
    let more = home.into_iter().flat_map(|home| [home.join(".local/bin"), home.join("bin")]);
    env::join_paths(env::split_paths(&known).chain(more)).unwrap_or(known)
}

/// What an entry with this text comes to (Desktop Entry Specification and Desktop Application Autostart Specification).
fn judged(entry: String, text: &str, path: &OsStr) -> Autostart {
    let group = text.lines().map(str::trim).skip_while(|line| *line != "[Desktop Entry]").skip(1);
    let lines: Vec<&str> = group.take_while(|line| !line.starts_with('[')).collect();
    let value = |key: &str| {
        let pairs = lines.iter().filter_map(|line| line.split_once('='));
        pairs.filter(|(name, _)| name.trim() == key).map(|(_, value)| value.trim()).next()
    };
    if value("Hidden") == Some("true") || value("X-GNOME-Autostart-enabled") == Some("false") {
        return Autostart::SwitchedOff(entry);
    }
    let there = |program: &str| match program.contains('/') {
        true => Path::new(program).is_file(),
        false => !program.is_empty() && env::split_paths(path).any(|folder| folder.join(program).is_file()),
    };
    let program = |command: &str| match command.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().unwrap_or_default().to_owned(),
        None => command.split_whitespace().next().unwrap_or_default().to_owned(),
    };
    match value("Exec").is_some_and(|command| there(&program(command))) {
        true => Autostart::Entered(entry),
        false => Autostart::Broken(entry),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn an_entry_is_judged_by_what_it_starts() {
        use Autostart::{Broken, Entered as Starts, SwitchedOff as Off};
        type Outcome = fn(String) -> Autostart;
        let table: [(&str, Outcome); 11] = [
            ("[Desktop Entry]\nExec=/bin/sh\n", Starts),
            ("[Desktop Entry]\nExec=\"/bin/sh\" -c x\n", Starts),
            ("[Desktop Entry]\nExec = sh\n", Starts),
            ("[Desktop Entry]\nExec=sh\nHidden=true\n", Off),
            ("[Desktop Entry]\nExec=sh\nX-GNOME-Autostart-enabled=false\n", Off),
            ("[Desktop Entry]\nExec=sh\n[Desktop Action x]\nHidden=true\n", Starts),
            ("[Desktop Entry]\nExec=/gone/lanyard-tray\n", Broken),
            ("[Desktop Entry]\nExec=gone-from-everywhere\n", Broken),
            ("[Desktop Entry]\nExec=\n", Broken),
            ("Exec=sh\n", Broken),
            ("", Broken),
        ];
        for (text, wanted) in table {
            assert_eq!(judged("entry".into(), text, OsStr::new("/nowhere:/bin")), wanted("entry".into()), "{text:?}");
        }
    }

    #[test]
    fn the_entry_that_decides_is_named() {
        let machine = tempfile::tempdir().unwrap();
        let (own, root) = (machine.path().join("config"), machine.path());
        let path = |below: &str| root.join(below);
        let put = |below: &str, text: &str| {
            fs::create_dir_all(path(below).parent().unwrap()).unwrap();
            fs::write(path(below), text).unwrap();
        };
        let looked = || look(Some(&own), root);
        let at = |below: &str| path(below).display().to_string();
        assert_eq!(looked(), Autostart::Absent);

        put("etc/xdg/autostart/lanyard.desktop", "[Desktop Entry]\nExec=/gone/lanyard-tray\n");
        assert_eq!(looked(), Autostart::Broken(at("etc/xdg/autostart/lanyard.desktop")));
        put("etc/xdg/autostart/lanyard.desktop", "[Desktop Entry]\nExec=/bin/sh\n");
        assert_eq!(looked(), Autostart::Entered(at("etc/xdg/autostart/lanyard.desktop")));
        put("config/autostart/lanyard.desktop", "[Desktop Entry]\nHidden=true\n");
        assert_eq!(looked(), Autostart::SwitchedOff(at("config/autostart/lanyard.desktop")));

        put("usr/lib/systemd/user/lanyard.service", "[Unit]\n");
        assert_eq!(looked(), Autostart::SwitchedOff(at("config/autostart/lanyard.desktop")), "installed and wanted by nobody");
        fs::create_dir_all(path("etc/systemd/user/default.target.wants")).unwrap();
        let wanted = "etc/systemd/user/default.target.wants/lanyard.service";
        symlink("/usr/lib/systemd/user/lanyard.service", path(wanted)).unwrap();
        assert_eq!(looked(), Autostart::Entered(at(wanted)));
        let unit = path("usr/lib/systemd/user/lanyard.service");
        fs::remove_file(&unit).unwrap();
        assert_eq!(
            looked(),
            Autostart::SwitchedOff(at("config/autostart/lanyard.desktop")),
            "a unit that is gone starts nothing"
        );
        fs::rename(path("config/autostart/lanyard.desktop"), path("aside")).unwrap();
        fs::rename(path("etc/xdg/autostart/lanyard.desktop"), path("aside-too")).unwrap();
        assert_eq!(looked(), Autostart::Broken(at(wanted)));
        fs::rename(path("aside"), path("config/autostart/lanyard.desktop")).unwrap();
        fs::rename(path("aside-too"), path("etc/xdg/autostart/lanyard.desktop")).unwrap();
        put("usr/lib/systemd/user/lanyard.service", "[Unit]\n");

        fs::remove_file(path("config/autostart/lanyard.desktop")).unwrap();
        fs::remove_file(path("etc/xdg/autostart/lanyard.desktop")).unwrap();
        fs::create_dir_all(path("config/systemd/user")).unwrap();
        symlink("/dev/null", path("config/systemd/user/lanyard.service")).unwrap();
        assert_eq!(looked(), Autostart::SwitchedOff(at("config/systemd/user/lanyard.service")));
    }
}
