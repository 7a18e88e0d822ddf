#![expect(unsafe_code, reason = "measures are taken by the system's own interface only")]

use windows_sys::Win32::System::Diagnostics::Debug::{
    GetErrorMode, SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX, SEM_NOOPENFILEERRORBOX, SetErrorMode,
};
use windows_sys::Win32::System::LibraryLoader::{LOAD_LIBRARY_SEARCH_SYSTEM32, SetDefaultDllDirectories, SetDllDirectoryW};

use super::Measure;

const QUIET: u32 = SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX;

pub(super) fn apply() {
    // SAFETY: the calls take a number and an empty text that ends with a zero.
    unsafe {
        // A crash is not reported, so no memory of this process leaves it.
        SetErrorMode(QUIET);
        // Libraries come from System32 alone, never from the folder that a caller stands in.
        if SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32) == 0 || SetDllDirectoryW([0].as_ptr()) == 0 {
            tracing::warn!(error = %std::io::Error::last_os_error(), "where libraries are loaded from could not be narrowed");
        }
    }
}

pub(super) fn measures() -> Vec<Measure> {
    // SAFETY: the call takes nothing.
    let mode = unsafe { GetErrorMode() };
    vec![Measure { name: "crash reports are off", in_force: mode & QUIET == QUIET }]
}
