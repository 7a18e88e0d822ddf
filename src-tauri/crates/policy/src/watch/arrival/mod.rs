//! The arrival of a folder that does not exist yet, seen from the deepest folder above it.
//!
//! On Linux `notify` asks for every opening in a watched folder too. In a policy folder nobody minds; in the
//! folders above, such as `/etc`, every program opens files all day, and the agent would wake for each.

#[cfg(not(target_os = "linux"))]
mod folders;
#[cfg(target_os = "linux")]
mod linux;

#[cfg(not(target_os = "linux"))]
pub(super) use folders::Arrival;
#[cfg(target_os = "linux")]
pub(super) use linux::Arrival;
