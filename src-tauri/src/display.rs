//! Whether there is anything to show a window on: at a log-on over the network, or before the desktop, there is not.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::{allow_front, is_named, opens};
#[cfg(target_os = "macos")]
pub(crate) use macos::{allow_front, is_named, opens};
#[cfg(windows)]
pub(crate) use windows::{allow_front, is_named, opens};
