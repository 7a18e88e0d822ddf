use std::path::{Path, PathBuf};

/// Whether a command of the registry's `Run` key starts a program that is there. Without quotation marks Windows tries the
/// words up to each space in turn, with `.exe` where there is no suffix (CreateProcessW).
pub(super) fn starts(command: &str, exists: impl Fn(&Path) -> bool) -> bool {
    let command = command.trim();
    if let Some(quoted) = command.strip_prefix('"') {
        return candidate(quoted.split('"').next().unwrap_or_default(), &exists);
    }
    let ends = command.match_indices(' ').map(|(at, _)| at).chain([command.len()]);
    ends.map(|end| &command[..end]).any(|program| candidate(program, &exists))
}

/// A bare name is looked for in places that are not known here, and gets the benefit of the doubt.
fn candidate(program: &str, exists: &impl Fn(&Path) -> bool) -> bool {
    let path = PathBuf::from(program);
    let bare = !program.contains(['/', '\\', ' ']);
    !program.is_empty() && (bare || exists(&path) || (path.extension().is_none() && exists(&path.with_extension("exe"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_judged_by_the_program_that_windows_would_start() {
        let there = r"C:/Program Files/Lanyard/lanyard-tray.exe";
        for (command, starts_it) in [
            (format!("\"{there}\" --autostart"), true),
            (format!("\"{there}\""), true),
            (format!("{there} --autostart"), true),
            ("\"C:/Program Files/Lanyard/lanyard-tray\"".to_owned(), true),
            ("C:/Program Files/Lanyard/lanyard-tray --autostart".to_owned(), true),
            ("\"C:/Program Files/Lanyard/gone.exe\" --autostart".to_owned(), false),
            ("C:/gone.exe".to_owned(), false),
            ("C:/gone/with space.exe --autostart".to_owned(), false),
            ("lanyard-tray.exe --autostart".to_owned(), true),
            ("\"\"".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(starts(&command, |path| path == Path::new(there)), starts_it, "{command}");
        }
    }
}
