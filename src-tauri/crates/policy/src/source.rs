//! Where policy is read from, and what is believed (LI-54).

pub mod json;
#[cfg(target_os = "linux")]
pub(crate) mod linux;
pub(crate) mod memory;
pub mod plist;
pub mod registry;
pub(crate) mod structured;
#[cfg(test)]
mod tests;
#[cfg(unix)]
pub(crate) mod unix;
pub(crate) mod vscode;

#[cfg(unix)]
pub use unix::{Roots, Untrusted};
