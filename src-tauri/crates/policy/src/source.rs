//! Where policy is read from, and what is believed (LI-54).

pub mod json;
#[cfg(target_os = "linux")]
pub(crate) mod linux;
#[cfg(target_os = "macos")]
pub(crate) mod macos;
pub(crate) mod memory;
pub mod plist;
#[cfg(any(target_os = "macos", all(test, unix)))]
mod preferences;
pub mod registry;
pub(crate) mod structured;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
mod trust;
#[cfg(unix)]
pub(crate) mod unix;
pub(crate) mod vscode;
#[cfg(windows)]
pub(crate) mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux as platform;
#[cfg(target_os = "macos")]
pub(crate) use macos as platform;
pub(crate) use trust::Content;
pub use trust::Untrusted;
#[cfg(unix)]
pub use unix::Roots;
#[cfg(unix)]
pub(crate) use unix::anywhere;
#[cfg(windows)]
pub(crate) use windows as platform;
#[cfg(windows)]
pub use windows::Roots;
#[cfg(windows)]
pub(crate) use windows::anywhere;
