//! The window of text that a system may open for a program.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::leave_if_alone;
#[cfg(windows)]
pub(crate) use windows::leave_if_alone;
