//! Whatever goes wrong, in three sentences.

use wire::client::ClientError;
use wire::place::Environment;
use wire::{Code, Problem, refused};

/// Why the agent did not give what was asked.
pub(super) fn of(error: &ClientError) -> Problem {
    match error {
        ClientError::Problem(problem) => (**problem).clone(),
        ClientError::NotRunning => {
            let detail = "No Lanyard agent runs for you.".into();
            defect("Lanyard is not running", detail, "Start Lanyard from the desktop's menu, then try again.")
        }
        ClientError::Impostor(place) => {
            let detail = format!("{} does not belong to you, so nothing was sent to it.", place.display());
            defect("Another's socket", detail, "Let IT look at who made it before you go on.")
        }
        ClientError::Io(error) => {
            let detail = format!("What was asked could not be done: {error}.");
            defect("No answer", detail, "Try again; if it stays, restart Lanyard.")
        }
        ClientError::Answer => {
            let detail = "The agent's answer was not understood.".into();
            defect("Answer not understood", detail, "Update Lanyard, or restart it after an update.")
        }
    }
}

/// Why no agent can be followed; nothing where it just does not run, or has only ended.
pub(crate) fn why_away(error: &ClientError) -> Option<Problem> {
    match error {
        ClientError::NotRunning => Environment::current().state_folder().and_then(|state| refused::read(&state)),
        // A connection that was cut is an agent that ended.
        ClientError::Io(_) => None,
        other => Some(of(other)),
    }
}

/// A fault of this window's own making. The pages know it by its title in every language.
pub(super) fn defect(title: &str, detail: String, action: &str) -> Problem {
    Problem { title: title.into(), detail, action: action.into(), ..Code::Internal.problem(None) }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn every_error_has_three_sentences_and_the_agents_own_pass_through() {
        let own = Code::DoorClosed.problem(Some("it@acme.example"));
        assert_eq!(of(&ClientError::Problem(Box::new(own.clone()))), own);
        let errors = [
            ClientError::NotRunning,
            ClientError::Impostor("/run/x".into()),
            ClientError::Io(io::Error::from(io::ErrorKind::TimedOut)),
            ClientError::Answer,
        ];
        for error in errors {
            let problem = of(&error);
            assert!(problem.detail.ends_with('.') && problem.action.ends_with('.') && !problem.contact.is_empty(), "{problem:?}");
        }
    }
}
