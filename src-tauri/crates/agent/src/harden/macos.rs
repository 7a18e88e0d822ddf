#![expect(unsafe_code, reason = "measures are taken and read by the system's own interface only")]

use std::ffi::{c_int, c_uint, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::Measure;

/// The system tells nobody whether a process denies attaching, so what it answered is kept.
static DENIED: AtomicBool = AtomicBool::new(false);

/// A debugger must be able to look into a debug build.
const RELEASE: bool = cfg!(not(debug_assertions));

/// Asks for the flags of a process' code (`CS_OPS_STATUS`).
const STATUS: c_uint = 0;
/// The code runs hardened (`CS_RUNTIME`).
const HARDENED: u32 = 0x0001_0000;
/// A debugger may take the process (`CS_GET_TASK_ALLOW`).
const DEBUGGABLE: u32 = 0x0000_0004;

unsafe extern "C" {
    fn csops(process: libc::pid_t, what: c_uint, to: *mut c_void, size: usize) -> c_int;
}

pub(super) fn apply() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if let Err(error) = setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "core dumps could not be switched off");
    }
    if RELEASE {
        // SAFETY: the request is about this process and takes nothing else (ptrace(2)).
        let denied = unsafe { libc::ptrace(libc::PT_DENY_ATTACH, 0, ptr::null_mut(), 0) } == 0;
        DENIED.store(denied, Ordering::SeqCst);
        if !denied {
            tracing::warn!(error = %std::io::Error::last_os_error(), "tracing of this process could not be switched off");
        }
    }
}

pub(super) fn measures() -> Vec<Measure> {
    let dumps = getrlimit(Resource::Core).current == Some(0);
    let code = code();
    vec![
        Measure { name: "core dumps are off", in_force: dumps },
        Measure { name: "the process cannot be traced", in_force: DENIED.load(Ordering::SeqCst) },
        // What limits where libraries are loaded from (LI-49).
        Measure {
            name: "the hardened runtime is on",
            in_force: code.is_some_and(|flags| flags & (HARDENED | DEBUGGABLE) == HARDENED),
        },
    ]
}

fn code() -> Option<u32> {
    let mut flags = 0_u32;
    // SAFETY: 0 is this process, and the system writes four bytes.
    let answer = unsafe { csops(0, STATUS, (&raw mut flags).cast(), size_of::<u32>()) };
    (answer == 0).then_some(flags)
}
