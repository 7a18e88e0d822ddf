//! What the kernel of macOS says about a process in its audit token, and which signature counts. Both are pure, and tested
//! everywhere.

/// The numbers of an audit token, in the kernel's order (bsm/audit.h): the user of the audit, effective user and group,
/// real user and group, the process, the session of the audit, and the version of the process, which is new for each
/// process and each program that it becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub(super) struct AuditToken(pub(super) [u32; 8]);

impl AuditToken {
    /// The user that the process acts for.
    pub(super) fn user(&self) -> u32 {
        self.0[1]
    }

    /// The process; none where the kernel knew none.
    pub(super) fn process(&self) -> Option<u32> {
        Some(self.0[5]).filter(|pid| (1..=i32::MAX as u32).contains(pid))
    }

    /// As `Security.framework` takes it.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|number| number.to_ne_bytes()).collect()
    }
}

/// What a signature must fulfil to be that of `team`. The name of the team that stands in a program is its own word;
/// only a certificate that Apple issued for the team proves it, and an ad-hoc signature has none (LI-12).
pub(super) fn requirement(team: &str) -> Option<String> {
    // The language of requirements has quotes and operators; a team's id has ten letters and digits.
    let plain = team.len() == 10 && team.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    plain.then(|| format!("anchor apple generic and certificate leaf[subject.OU] = \"{team}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_the_effective_user_and_a_process_that_can_be() {
        let token = |process| AuditToken([501, 502, 20, 503, 20, process, 100_001, 7]);
        assert_eq!((token(42).user(), token(42).process()), (502, Some(42)));
        for none in [0, u32::MAX, i32::MAX as u32 + 1] {
            assert_eq!(token(none).process(), None);
        }
        let bytes = token(42).bytes();
        assert_eq!(bytes.len(), 32);
        assert_eq!(bytes[20..24], 42_u32.to_ne_bytes());
    }

    #[test]
    fn only_a_plain_team_id_becomes_a_requirement() {
        let wanted = "anchor apple generic and certificate leaf[subject.OU] = \"ABCDE12345\"";
        assert_eq!(requirement("ABCDE12345").as_deref(), Some(wanted));
        for bad in ["", "abcde12345", "ABCDE1234", "ABCDE123456", "ABCDE\" or 1", "ABCDÉ1234", "not set"] {
            assert_eq!(requirement(bad), None, "{bad:?}");
        }
    }
}
