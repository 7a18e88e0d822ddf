use std::path::{Path, PathBuf};
use std::{fs, io};

use super::super::linux::{ENTRY, config, home};
use super::WORD;

/// The machine's entry, which a package brings.
const MACHINE: &str = "/etc/xdg/autostart/lanyard.desktop";

/// Where a person keeps programs of their own. What a package brought is an administrator's to enter.
pub(super) fn places() -> Vec<PathBuf> {
    home().into_iter().flat_map(|home| [home.join(".local"), home.join("Applications"), home.join("bin")]).collect()
}

/// An entry of the desktop's autostart; whether there is room for it.
pub(super) fn enter(program: &Path) -> io::Result<bool> {
    write(&own()?, program)
}

/// Takes a person's entry away that starts nothing and hides the machine's of the same name; whether it did.
pub(super) fn uncover(entry: &str) -> io::Result<bool> {
    uncovered(Path::new(entry), &own()?, Path::new(MACHINE))
}

fn uncovered(entry: &Path, own: &Path, machine: &Path) -> io::Result<bool> {
    match entry == own.join(ENTRY) && machine.is_file() && is_ours(entry) {
        true => fs::remove_file(entry).map(|()| true),
        false => Ok(false),
    }
}

/// The person's folder of what the desktop starts.
fn own() -> io::Result<PathBuf> {
    Ok(config().ok_or(io::ErrorKind::NotFound)?.join("autostart"))
}

fn write(folder: &Path, program: &Path) -> io::Result<bool> {
    let program = program.to_str().and_then(quoted).ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let entry = folder.join(ENTRY);
    // Only an entry that starts nothing makes way, and none that a person wrote.
    if entry.exists() && !is_ours(&entry) {
        return Ok(false);
    }
    secret::private::write(&entry, text(&format!("{program} {WORD}")).as_bytes())?;
    Ok(true)
}

fn text(command: &str) -> String {
    format!(
        "[Desktop Entry]\nType=Application\nName=Lanyard\nExec={command}\nIcon=lanyard-tray\nTerminal=false\nX-GNOME-Autostart-enabled=true\n"
    )
}

/// Whether this wrote an entry, with whatever program.
fn is_ours(entry: &Path) -> bool {
    let written = fs::read_to_string(entry).unwrap_or_default();
    let command = written.lines().find_map(|line| line.strip_prefix("Exec="));
    command.is_some_and(|command| written == text(command))
}

/// A path as an entry quotes it (Desktop Entry Specification, the Exec key); none for one that would be read as more than a
/// path.
fn quoted(path: &str) -> Option<String> {
    let plain = path.chars().all(|c| !c.is_control() && !matches!(c, '"' | '`' | '$' | '\\' | '%'));
    plain.then(|| format!("\"{path}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_starts_nothing_makes_way() {
        let config = tempfile::tempdir().unwrap();
        let folder = config.path().join("autostart");
        write(&folder, Path::new("/home/ada/.local/bin/lanyard-tray")).unwrap();
        let text = fs::read_to_string(folder.join("lanyard.desktop")).unwrap();
        assert!(text.contains("\nExec=\"/home/ada/.local/bin/lanyard-tray\" --autostart\n"), "{text}");
        assert!(write(&folder, Path::new("/home/ada/bin/lanyard-tray")).unwrap());
        let text = fs::read_to_string(folder.join("lanyard.desktop")).unwrap();
        assert!(text.contains("\nExec=\"/home/ada/bin/lanyard-tray\" --autostart\n") && !text.contains(".local"), "{text}");
    }

    #[test]
    fn a_persons_entry_that_starts_nothing_never_hides_the_machines() {
        let folder = tempfile::tempdir().unwrap();
        let (own, machine) = (folder.path().join("autostart"), folder.path().join("machine.desktop"));
        write(&own, Path::new("/gone/lanyard-tray")).unwrap();
        let entry = own.join(ENTRY);
        assert!(!uncovered(&entry, &own, &machine).unwrap() && entry.exists(), "it hides nothing");
        fs::write(&machine, "").unwrap();
        assert!(!uncovered(&machine, &own, &machine).unwrap() && machine.exists(), "the machine's is an administrator's");
        assert!(uncovered(&entry, &own, &machine).unwrap() && !entry.exists());
        fs::write(&entry, "[Desktop Entry]\nExec=my-wrapper\n").unwrap();
        assert!(!uncovered(&entry, &own, &machine).unwrap() && entry.exists(), "what a person wrote stays");
        assert!(!write(&own, Path::new("/home/ada/bin/lanyard-tray")).unwrap());
        assert!(fs::read_to_string(&entry).unwrap().contains("my-wrapper"));
    }

    #[test]
    fn a_path_is_never_more_than_a_path() {
        for odd in ["/a\"b", "/a`b`", "/$HOME", "/a\\b", "/a%u", "/a\nHidden=true"] {
            assert_eq!(quoted(odd), None, "{odd}");
        }
        assert_eq!(quoted("/a b/c").as_deref(), Some("\"/a b/c\""));
    }
}
