//! Small files that are this user's alone: 0600, replaced atomically, never followed through a link.

#[cfg(unix)]
mod unix;

#[cfg(unix)]
pub(crate) use unix::{append, read, write};
