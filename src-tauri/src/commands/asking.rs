//! Asking the agent, off the thread that paints.

use std::path::PathBuf;

use wire::client::{Client, ClientError};
use wire::{Code, Problem};

use super::documents::Shown;
use super::problem;

/// What a command comes to.
pub(crate) type Answer<T> = Result<T, Problem>;

/// Where the agent of this user is asked.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    socket: Option<PathBuf>,
}

impl Asking {
    /// As every program of this user finds it.
    pub(crate) fn current() -> Self {
        Self { socket: wire::place::socket() }
    }

    /// A client of the agent, which may not run.
    pub(crate) fn client(&self) -> Result<Client, ClientError> {
        self.socket.clone().map(Client::new).ok_or(ClientError::NotRunning)
    }

    /// Asks on a thread that may wait.
    pub(super) async fn ask<T: Shown>(&self, work: impl FnOnce(&Client) -> Result<T, ClientError> + Send + 'static) -> Answer<T> {
        let client = self.client();
        let asked = tauri::async_runtime::spawn_blocking(move || work(&client?));
        match asked.await {
            Ok(answer) => answer.map_err(|error| problem::why_away(&error).unwrap_or_else(|| problem::of(&error))),
            Err(_) => Err(Code::Internal.problem(None)),
        }
    }
}

/// The path for a server. An id that policy cannot have is sent nowhere.
pub(super) fn server_path(prefix: &str, server: &str, suffix: &str) -> Answer<String> {
    let fits = server.len() <= 64
        && server.starts_with(|c: char| c.is_ascii_alphanumeric())
        && server.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    match fits {
        true => Ok(format!("{prefix}/{server}{suffix}")),
        false => Err(Code::ServerUnknown.problem(None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_id_that_policy_can_have_reaches_a_request() {
        assert_eq!(server_path("/v1/servers", "a.b-c_1", "/retry").unwrap(), "/v1/servers/a.b-c_1/retry");
        for hostile in ["", ".", "..", "-a", "a/b", "a b", "a\r\nX: y", "a?b", "a%2f", "ä", &"a".repeat(65)] {
            assert_eq!(server_path("/v1/doctor", hostile, "").unwrap_err().code, Code::ServerUnknown, "{hostile:?}");
        }
    }
}
