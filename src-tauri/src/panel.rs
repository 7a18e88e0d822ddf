//! Where the icon is shown, on each system.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod native;

#[cfg(target_os = "linux")]
pub(crate) use linux::{Panel, play};
#[cfg(not(target_os = "linux"))]
pub(crate) use native::{Panel, play};
