#![expect(unsafe_code, reason = "only the kernel tells log-on and start")]

use std::ffi::{CStr, c_int, c_uint};
use std::io;
use std::ptr;

use super::mark::take;
use crate::paths::Paths;

/// Asks for the audit token of a task (`TASK_AUDIT_TOKEN`): eight numbers, the seventh of which is the log-on's.
const TOKEN: c_uint = 15;
const TOKEN_COUNT: c_uint = 8;
const LOG_ON: usize = 6;

unsafe extern "C" {
    static mach_task_self_: c_uint;

    fn task_info(task: c_uint, what: c_uint, to: *mut u32, count: *mut c_uint) -> c_int;
}

/// Whether this log-on has had its one time. The mark names the log-on, because no folder of macOS goes with it.
pub(super) fn take_turn(paths: &Paths) -> io::Result<bool> {
    take(&paths.data, &format!("{} {}", log_on()?, start()?))
}

/// The number of this log-on, which no other has until the machine starts again.
fn log_on() -> io::Result<u32> {
    let (mut token, mut count) = ([0_u32; TOKEN_COUNT as usize], TOKEN_COUNT);
    // SAFETY: the port is this task's own, and the system writes at most `count` numbers.
    let answer = unsafe { task_info(mach_task_self_, TOKEN, token.as_mut_ptr(), &raw mut count) };
    match answer == 0 && count == TOKEN_COUNT {
        true => Ok(token[LOG_ON]),
        false => Err(io::Error::other(format!("the system does not tell the log-on ({answer})"))),
    }
}

/// The name of this start of the machine, which no other has.
fn start() -> io::Result<String> {
    let mut text = [0_u8; 64];
    let mut size = text.len() - 1;
    // SAFETY: the name ends with a zero, and the system writes at most `size` bytes, which leaves a zero at the end.
    let answer = unsafe {
        libc::sysctlbyname(c"kern.bootsessionuuid".as_ptr(), text.as_mut_ptr().cast(), &raw mut size, ptr::null_mut(), 0)
    };
    if answer != 0 {
        return Err(io::Error::last_os_error());
    }
    let text = CStr::from_bytes_until_nul(&text).map_err(io::Error::other)?;
    Ok(text.to_string_lossy().into_owned())
}
