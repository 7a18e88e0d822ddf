//! The ways in that a client can be given.

use std::path::{Path, PathBuf};

pub(crate) use crate::verbs::Door;

impl Door {
    /// As it is typed.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bridge => "bridge",
            Self::Socket => "socket",
            Self::Loopback => "loopback",
            Self::Helper => "helper",
        }
    }
}

/// What an entry is made of.
#[derive(Clone, Debug)]
pub(crate) struct Wanted<'w> {
    pub(crate) id: &'w str,
    /// The server's own address.
    pub(crate) url: &'w str,
    /// The program that a client starts: absolute, because desktop programs have no shell's search path.
    pub(crate) program: &'w Path,
    /// Named in the entry where the client would not find it.
    pub(crate) socket: Option<&'w Path>,
    /// The agent's socket.
    pub(crate) usual_socket: &'w Path,
    /// The loopback door's base address and key.
    pub(crate) loopback: Option<(&'w str, &'w str)>,
}

impl Wanted<'_> {
    pub(crate) fn program(&self) -> String {
        self.program.display().to_string()
    }

    /// The words after the program: frozen, because allow-lists match them exactly.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut words = vec!["connect".to_owned(), self.id.to_owned()];
        if let Some(socket) = self.socket {
            words.extend(["--socket".to_owned(), socket.display().to_string()]);
        }
        words
    }

    /// The helper as one line of a shell.
    pub(crate) fn helper(&self) -> String {
        let mut line = format!("{} headers {}", quoted(self.program), self.id);
        if let Some(socket) = self.socket {
            line = format!("{line} --socket {}", quoted(socket));
        }
        line
    }

    /// The gateway's address at the loopback door.
    pub(crate) fn address(&self) -> String {
        format!("{}/mcp/{}", self.loopback.map(|(base, _)| base).unwrap_or_default(), self.id)
    }

    pub(crate) fn key(&self) -> String {
        self.loopback.map(|(_, key)| key.to_owned()).unwrap_or_default()
    }

    /// The gateway's address at the socket, as VS Code writes it.
    pub(crate) fn socket_address(&self) -> String {
        let socket: PathBuf = self.socket.unwrap_or(self.usual_socket).to_owned();
        match socket.display().to_string().strip_prefix(r"\\.\pipe\") {
            Some(pipe) => format!("pipe:///pipe/{pipe}#/mcp/{}", self.id),
            None => format!("unix://{}#/mcp/{}", socket.display(), self.id),
        }
    }
}

/// A path as one word of a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-:\\".contains(&byte));
    if plain { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
