//! `AutoSignIn`: the browser opens once per log-on without a click.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(any(target_os = "macos", test))]
mod mark;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::take_turn;
#[cfg(target_os = "macos")]
pub(crate) use macos::take_turn;
#[cfg(windows)]
pub(crate) use windows::take_turn;
