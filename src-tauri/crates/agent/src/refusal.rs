//! Why an agent does not run.

use std::error::Error;

use wire::{Code, Problem};

use crate::instance::NotTheOne;

/// Why.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// `--policy` beside a machine policy.
    #[error("a machine policy exists, so --policy is refused")]
    MachinePolicy,
    /// Another agent of this user runs.
    #[error(transparent)]
    NotTheOne(#[from] NotTheOne),
    /// The broker cannot serve.
    #[error("the doors cannot be opened: {0}")]
    Doors(#[from] broker::StartError),
    /// It broke instead of ending.
    #[error("it met a fault of its own; its log says which")]
    Broken,
    /// A folder, a file or a thread cannot be had.
    #[error("the agent cannot start: {0}")]
    Io(#[from] std::io::Error),
}

impl Refusal {
    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::MachinePolicy => 3,
            _ => 1,
        }
    }

    /// What a person can do about it; nothing where another agent runs, which is no trouble.
    pub fn problem(&self) -> Option<Problem> {
        if matches!(self, Self::NotTheOne(NotTheOne::Running(_)) | Self::MachinePolicy) {
            return None;
        }
        let mut why = self.to_string();
        let mut source = self.source();
        while let Some(cause) = source {
            let more = cause.to_string();
            if !why.contains(&more) {
                why = format!("{why}: {more}");
            }
            source = cause.source();
        }
        Some(Problem {
            title: "Lanyard cannot start".into(),
            detail: format!("The agent of Lanyard did not start: {why}."),
            action: "Mend what is named here; Lanyard tries again by itself, and `lanyard run` in a terminal at once.".into(),
            ..Code::Internal.problem(None)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_refusal_says_why_down_to_its_first_cause() {
        let folder = broker::StartError::Folder { path: "/run/x".into(), source: io::ErrorKind::StorageFull.into() };
        let problem = Refusal::from(folder).problem().unwrap();
        assert!(problem.detail.contains("/run/x") && problem.detail.contains("no storage space"), "{problem:?}");
        assert!(problem.detail.ends_with('.') && problem.action.ends_with('.'));
        let lock = Refusal::from(NotTheOne::Io(io::ErrorKind::PermissionDenied.into())).problem().unwrap();
        assert!(lock.detail.contains("permission denied"), "{lock:?}");
    }

    #[test]
    fn another_agent_is_no_trouble() {
        assert_eq!(Refusal::from(NotTheOne::Running(Some(7))).problem(), None);
        assert_eq!(Refusal::MachinePolicy.problem(), None);
        assert_eq!((Refusal::MachinePolicy.code(), Refusal::from(NotTheOne::Running(None)).code()), (3, 1));
    }
}
