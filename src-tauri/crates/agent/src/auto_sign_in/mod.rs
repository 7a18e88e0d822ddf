//! `AutoSignIn`: the browser opens once per log-on without a click.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::take_turn;
#[cfg(windows)]
pub(crate) use windows::take_turn;
