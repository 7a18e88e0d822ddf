use std::io;
use std::path::PathBuf;

use serde_json::Value;
use wire::client::ClientError;
use wire::{Code, Problem};

/// Why a verb did not succeed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Asking the agent failed, or it answered with a fault.
    #[error("asking the agent")]
    Client(#[source] ClientError),
    /// No agent came up in time; where it says why.
    #[error("starting the agent, which logs to {0:?}")]
    NotStarted(Option<PathBuf>),
    /// The program of the agent could not be started.
    #[error("starting the agent's program")]
    Start(#[source] io::Error),
    /// A client was not set up.
    #[error(transparent)]
    Setup(#[from] crate::setup::Fault),
    /// A file could not be read.
    #[error("reading {0}")]
    Read(PathBuf, #[source] io::Error),
    /// A file could not be written.
    #[error("writing {0}")]
    Write(PathBuf, #[source] io::Error),
    /// Standard output is closed.
    #[error("writing to standard output")]
    Output(#[source] io::Error),
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Client(ClientError::Problem(Box::new(problem)))
    }
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        code.problem(None).into()
    }
}

impl Failure {
    /// The problem as people and programs read it.
    pub(crate) fn problem(&self) -> Problem {
        let internal = |detail: String, action: &str| Problem {
            title: "Agent not reached".into(),
            detail,
            action: action.into(),
            ..Code::Internal.problem(None)
        };
        const AGAIN: &str = "Try again; if it stays, restart Lanyard.";
        match self {
            Self::Client(ClientError::Problem(problem)) => (**problem).clone(),
            Self::Client(ClientError::NotRunning) => Problem {
                title: "Lanyard is not running".into(),
                ..internal(
                    "No Lanyard agent runs for you.".into(),
                    "Start it with `lanyard run` or from the desktop, then try again.",
                )
            },
            Self::Client(ClientError::Impostor(place)) => internal(
                format!("{} does not belong to you, so nothing was sent to it.", place.display()),
                "Let IT look at who made it before you go on.",
            ),
            Self::Client(ClientError::Io(error)) => internal(format!("The agent did not answer: {error}."), AGAIN),
            Self::Client(ClientError::Answer) => internal("The agent's answer was not understood.".into(), AGAIN),
            Self::NotStarted(log) => Problem {
                title: "Lanyard did not start".into(),
                ..internal(
                    "No Lanyard agent came up within ten seconds.".into(),
                    &match log {
                        Some(log) => format!("Read {}, or run `lanyard run` to see why.", log.display()),
                        None => "Start it with `lanyard run` or from the desktop, then try again.".into(),
                    },
                )
            },
            Self::Setup(fault) => Problem {
                title: "Not set up".into(),
                ..internal(fault.to_string(), "See `lanyard setup --help`, and `lanyard setup` for what is here.")
            },
            Self::Start(error) => internal(format!("The agent could not be started: {error}."), AGAIN),
            Self::Read(path, error) => Problem {
                title: "File not read".into(),
                ..internal(format!("{} could not be read: {error}.", path.display()), "Name a file that you may read.")
            },
            Self::Write(path, error) => Problem {
                title: "File not written".into(),
                ..internal(
                    format!("{} could not be written: {error}.", path.display()),
                    "Name one that is not there yet, in a folder that you may write to.",
                )
            },
            Self::Output(error) => Problem {
                title: "Output not written".into(),
                ..internal(format!("Standard output could not be written: {error}."), "Give it room.")
            },
        }
    }

    /// The problem object of `--json`. An absent agent cannot answer, so its code stands outside the closed list.
    pub(crate) fn document(&self) -> Value {
        let mut document = serde_json::to_value(self.problem()).unwrap_or_default();
        if self.is_absent() {
            document["type"] = "urn:lanyard:fault:agent-not-running".into();
            document["code"] = "agent-not-running".into();
            document["status"] = 503.into();
            document["retry"] = "after-person".into();
        }
        document
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> u8 {
        match self {
            Self::Client(ClientError::Problem(problem)) => problem.exit(),
            Self::Read(..) | Self::Write(..) => 2,
            Self::Setup(fault) if fault.is_usage() => 2,
            _ if self.is_absent() => 6,
            _ => 1,
        }
    }

    fn is_absent(&self) -> bool {
        matches!(self, Self::Client(ClientError::NotRunning) | Self::NotStarted(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_its_exit_code_and_three_sentences() {
        let io = || io::Error::from(io::ErrorKind::TimedOut);
        let table: [(Failure, u8); 9] = [
            (ClientError::NotRunning.into(), 6),
            (Failure::NotStarted(None), 6),
            (Failure::Start(io()), 1),
            (ClientError::Answer.into(), 1),
            (ClientError::Io(io()).into(), 1),
            (ClientError::Impostor("/run/x".into()).into(), 1),
            (Code::SignInRequired.into(), 5),
            (Code::VaultLocked.into(), 8),
            (Failure::Output(io()), 1),
        ];
        for (failure, exit) in table {
            assert_eq!(failure.exit(), exit, "{failure:?}");
            assert!(failure.problem().sentences().matches(". ").count() >= 2, "{failure:?}");
        }
    }

    #[test]
    fn an_absent_agent_has_a_code_of_its_own_for_programs() {
        let document = Failure::from(ClientError::NotRunning).document();
        assert_eq!(document["code"], "agent-not-running");
        let document = Failure::from(Code::DoorClosed).document();
        assert_eq!(document["code"], "door-closed");
    }
}
