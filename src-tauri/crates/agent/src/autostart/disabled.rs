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
    fn a_service_is_off_when_its_own_line_says_so() {
        let list = "disabled services = {\n\t\"com.example.a\" => disabled\n\t\"dev.lanyard.agent\" => enabled\n}\n";
        assert!(!holds(list, "dev.lanyard.agent") && holds(list, "com.example.a"));
        assert!(holds("\t\"dev.lanyard.agent\" => true\n", "dev.lanyard.agent"));
        assert!(!holds("", "dev.lanyard.agent") && !holds(list, "com.example"));
    }
}
