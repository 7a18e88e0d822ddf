use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use serde::de::DeserializeOwned;
use wire::Code;
use wire::client::{Client, ClientError};

use crate::failure::Failure;
use crate::output::Output;
use crate::start;

/// One call of `lanyard`: what every verb needs to know of it.
pub(crate) struct Call {
    pub(crate) output: Output,
    /// The socket that was named, where one was.
    pub(crate) named: Option<PathBuf>,
}

impl Call {
    pub(crate) fn new(output: Output, named: Option<PathBuf>) -> Self {
        Self { output, named }
    }

    /// The agent's socket.
    pub(crate) fn socket(&self) -> Result<PathBuf, ClientError> {
        let usual = || wire::place::socket().ok_or(ClientError::NotRunning);
        self.named.as_deref().map(absolute).map_or_else(usual, Ok)
    }

    /// A client of the agent, which may not run.
    pub(crate) fn client(&self) -> Result<Client, ClientError> {
        Ok(Client::new(self.socket()?))
    }

    /// Asks the agent, and when none runs, again once one does: started here unless `no_start`.
    pub(crate) fn started<T>(&self, no_start: bool, ask: impl Fn(&Client) -> Result<T, ClientError>) -> Result<T, Failure> {
        let client = self.client()?;
        match ask(&client) {
            Err(ClientError::NotRunning) => {
                start::agent(&self.socket()?, self.named.is_some(), no_start)?;
                Ok(ask(&client)?)
            }
            answer => Ok(answer?),
        }
    }

    /// The events of a route as they come; the channel closes with the connection.
    pub(crate) fn follow<T: DeserializeOwned + Send + 'static>(&self, path: &str) -> Result<Receiver<Event<T>>, ClientError> {
        let (client, path) = (self.client()?, path.to_owned());
        let (sender, receiver) = mpsc::channel();
        // A thread, so that whoever waits for an event can stop waiting.
        thread::spawn(move || {
            let forward = |event: Event<T>| sender.send(event).is_ok();
            match client.events(&path) {
                Ok(events) => {
                    let parsed = events.map(|data| serde_json::from_str(&data?).map_err(|_| ClientError::Answer));
                    // The first error is the last word.
                    for event in parsed {
                        let over = event.is_err();
                        if !forward(event) || over {
                            break;
                        }
                    }
                }
                Err(error) => drop(forward(Err(error))),
            }
        });
        Ok(receiver)
    }
}

/// One event, or why there are no more.
pub(crate) type Event<T> = Result<T, ClientError>;

/// The API's path for a server. An id that policy cannot have is not sent anywhere.
pub(crate) fn server_path(prefix: &str, server: &str, suffix: &str) -> Result<String, Failure> {
    let fits = server.len() <= 64
        && server.starts_with(|c: char| c.is_ascii_alphanumeric())
        && server.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    match fits {
        true => Ok(format!("{prefix}/{server}{suffix}")),
        false => Err(Code::ServerUnknown.into()),
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_id_that_policy_can_have_reaches_a_request() {
        assert_eq!(server_path("/v1/servers", "a.b-c_1", "/token").unwrap(), "/v1/servers/a.b-c_1/token");
        for hostile in ["", ".", "..", "-a", "a/b", "a b", "a\r\nX: y", "a?b", "a%2f", "ä", &"a".repeat(65)] {
            assert_eq!(server_path("/v1/servers", hostile, "").unwrap_err().exit(), 7, "{hostile:?}");
        }
    }
}
