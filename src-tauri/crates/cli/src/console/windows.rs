#![expect(unsafe_code, reason = "consoles are known to the system's own interface only")]

use windows_sys::Win32::System::Console::{FreeConsole, GetConsoleProcessList};

/// Leaves a console that was opened for this process alone, as at log-on: nobody reads it, and it would stay on the screen.
pub(crate) fn leave_if_alone() {
    let mut processes = [0; 2];
    // SAFETY: the system writes at most two numbers. Leaving a console takes nothing.
    unsafe {
        if GetConsoleProcessList(processes.as_mut_ptr(), 2) == 1 {
            FreeConsole();
        }
    }
}
