//! What launchd says and is told (launchd.plist(5)), apart from macOS.

use std::path::PathBuf;

/// What a job starts.
pub(super) fn program(job: &serde_json::Value) -> Option<PathBuf> {
    let named = job["Program"].as_str().or_else(|| job["ProgramArguments"][0].as_str())?;
    Some(named.into())
}

/// Whether launchd's list of disabled services (`launchctl print-disabled`) holds `label`.
pub(super) fn holds(list: &str, label: &str) -> bool {
    list.lines().filter_map(|line| line.trim().split_once("=>")).any(|(name, state)| {
        // Older systems say whether it is true that the service is disabled.
        name.trim().trim_matches('"') == label && matches!(state.trim(), "disabled" | "true")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_starts_its_program_or_the_first_of_its_arguments() {
        let job = |text: &str| program(&serde_json::from_str(text).unwrap());
        assert_eq!(job(r#"{"ProgramArguments":["/a/b","--autostart"]}"#), Some("/a/b".into()));
        assert_eq!(job(r#"{"Program":"/c","ProgramArguments":["/a/b"]}"#), Some("/c".into()));
        for odd in ["{}", r#"{"ProgramArguments":[]}"#, r#"{"ProgramArguments":"x"}"#, "[]"] {
            assert_eq!(job(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_service_is_off_when_its_own_line_says_so() {
        let list = "disabled services = {\n\t\"com.example.a\" => disabled\n\t\"dev.lanyard.agent\" => enabled\n}\n";
        assert!(!holds(list, "dev.lanyard.agent") && holds(list, "com.example.a"));
        assert!(holds("\t\"dev.lanyard.agent\" => true\n", "dev.lanyard.agent"));
        assert!(!holds("", "dev.lanyard.agent") && !holds(list, "com.example"));
    }
}
