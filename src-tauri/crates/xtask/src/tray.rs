//! The tray and its window, which need the libraries of a desktop: built where those are, and left out where not.

use std::process::{Command, Stdio};

/// Its package.
pub(crate) const PACKAGE: &str = "lanyard-tray";

/// What Tauri links with, as `pkg-config` names it.
pub(crate) const LIBRARY: &str = "webkit2gtk-4.1";

/// Why it cannot be built here; nothing where it can.
pub(crate) fn missing() -> Option<String> {
    (!has(LIBRARY)).then(|| format!("no {LIBRARY}, so no tray and no window"))
}

/// The words that name to `cargo` all of the workspace that can be built here.
pub(crate) fn workspace() -> Vec<&'static str> {
    words(missing().is_none())
}

/// Whether `pkg-config` finds the library.
pub(crate) fn has(library: &str) -> bool {
    let mut asked = Command::new("pkg-config");
    asked.args(["--exists", library]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    asked.status().is_ok_and(|status| status.success())
}

fn words(whole: bool) -> Vec<&'static str> {
    if whole { vec!["--workspace"] } else { vec!["--workspace", "--exclude", PACKAGE] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tray_alone_is_left_out_where_it_cannot_be_built() {
        assert_eq!(words(true), ["--workspace"]);
        assert_eq!(words(false), ["--workspace", "--exclude", "lanyard-tray"]);
    }

    #[test]
    fn a_library_that_nobody_has_is_missing() {
        assert!(!has("a-library-of-nobody"));
    }
}
