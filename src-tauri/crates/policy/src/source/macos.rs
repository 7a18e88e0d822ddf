use std::ffi::CStr;
use std::path::PathBuf;
use std::ptr;

use rustix::fs::OFlags;

use super::memory::{Held, Pass};
use super::preferences;
use super::unix::Roots;
use crate::layer::Layer;

/// How a folder on the way is opened: macOS has no way that is for looking alone.
pub(super) const STEP: OFlags = OFlags::RDONLY;

/// Room for one entry of the user database.
const ROOM: usize = 16 * 1024;

/// The device's preferences over this user's, and whether the device has any, good or bad.
pub(crate) fn machine(roots: &Roots, pass: &mut Pass<'_>) -> (Vec<Layer>, bool) {
    preferences::machine(roots, user().as_deref(), pass)
}

/// The policy of VS Code, and where it is.
pub(crate) fn vscode(roots: &Roots, pass: &mut Pass<'_>) -> (PathBuf, Held) {
    preferences::vscode(roots, pass)
}

/// What has to be watched for it: nothing that is not watched anyway.
pub(crate) fn vscode_place(_: &Roots) -> Option<PathBuf> {
    None
}

/// What has to be watched to notice a change of the machine's policy.
pub(crate) fn places(roots: &Roots) -> Vec<PathBuf> {
    preferences::places(roots, user().as_deref())
}

/// The short name of this user, by the user database: a variable would let anybody choose whose preferences apply.
#[expect(unsafe_code, reason = "the standard library does not tell a user's name")]
pub(crate) fn user() -> Option<String> {
    let mut room = vec![0; ROOM];
    // SAFETY: every field is a number or a pointer, for which zeros are a value.
    let mut entry: libc::passwd = unsafe { std::mem::zeroed() };
    let mut found = ptr::null_mut();
    let id = rustix::process::geteuid().as_raw();
    // SAFETY: entry, room and found live for the whole call, which writes at most `room.len()` bytes of text.
    let answer = unsafe { libc::getpwuid_r(id, &raw mut entry, room.as_mut_ptr(), room.len(), &raw mut found) };
    if answer != 0 || found.is_null() || entry.pw_name.is_null() {
        return None;
    }
    // SAFETY: the name is a text in `room` that ends with a zero.
    let name = unsafe { CStr::from_ptr(entry.pw_name) }.to_str().ok()?;
    (!name.is_empty() && name.len() <= 256 && !crate::kinds::unshowable(name)).then(|| name.to_owned())
}
