//! Setting up MCP clients: each in its own file, its own shape, and only its own entries.

mod client;
mod door;
mod file;
mod format;
mod found;
mod managed;
mod os;
mod page;
mod place;
mod plan;
mod record;

pub(crate) use client::{CLIENTS, Client};
pub(crate) use door::{Door, Wanted};
pub(crate) use found::look;
pub(crate) use managed::managed;
pub(crate) use page::page;
pub(crate) use place::Surroundings;
pub(crate) use plan::{Job, remove, write};

/// Why a client was not set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// There is no client of this name.
    #[error("Lanyard knows no client {0}. Known: {1}.")]
    Unknown(String, String),
    /// The client cannot use the door.
    #[error("{0} cannot use the {1} door. It can use: {2}.")]
    Door(&'static str, &'static str, String),
    /// Where the client's file is cannot be told.
    #[error("Where {0} keeps its configuration cannot be told without a home folder.")]
    Nowhere(&'static str),
    /// The file is not what the client would read.
    #[error("{0} cannot be read as {1} reads it ({2}). It was left alone.")]
    Unreadable(String, &'static str, String),
    /// Somebody else's entry has the name.
    #[error("{0} already has an entry {1} that Lanyard did not write. It was left alone; --force replaces it.")]
    Foreign(String, String),
    /// Somebody else's entry leads to the same server.
    #[error(
        "{0} has an entry {1} that leads to the same server by itself, with a sign-in of its own. \
         It was left alone; --force replaces it."
    )]
    Rival(String, String),
    /// A file could not be read or written.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    /// The client has no central configuration.
    #[error("{0} has no configuration that an administrator could deploy; each user runs `lanyard setup {1}`.")]
    Unmanaged(&'static str, &'static str),
}

impl Fault {
    /// Whether the words typed were wrong.
    pub(crate) fn is_usage(&self) -> bool {
        matches!(self, Self::Unknown(..) | Self::Door(..) | Self::Unmanaged(..))
    }
}
