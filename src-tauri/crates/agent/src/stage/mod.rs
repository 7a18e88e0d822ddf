//! Where the agent plays: what the main thread does meanwhile.

#[cfg(target_os = "macos")]
mod macos;
#[cfg(not(target_os = "macos"))]
mod plain;

#[cfg(target_os = "macos")]
pub(crate) use macos::play;
#[cfg(not(target_os = "macos"))]
pub(crate) use plain::play;
