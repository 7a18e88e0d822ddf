use std::io;
use std::process::{Command, Stdio};
use std::ptr;

use windows_sys::Win32::UI::Shell::ShellExecuteW;
use windows_sys::Win32::UI::WindowsAndMessaging::SW_SHOWNORMAL;

/// `ShellExecuteW` hands the address to the program that is registered for it; no command interpreter sees it.
#[expect(unsafe_code, reason = "the standard library does not open addresses")]
pub(super) fn open(url: &str, _desktop: &[(String, String)]) -> io::Result<()> {
    // One program: a list separated by colons would cut a Windows path.
    if let Some(program) = std::env::var_os("BROWSER").filter(|program| !program.is_empty()) {
        let started = Command::new(program).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        if started.is_ok() {
            return Ok(());
        }
    }
    let wide = |text: &str| text.encode_utf16().chain([0]).collect::<Vec<u16>>();
    let (verb, address) = (wide("open"), wide(url));
    // SAFETY: both texts end with a zero and live for the whole call.
    let answer =
        unsafe { ShellExecuteW(ptr::null_mut(), verb.as_ptr(), address.as_ptr(), ptr::null(), ptr::null(), SW_SHOWNORMAL) };
    // Above 32 is success (ShellExecuteW).
    if answer as usize > 32 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
