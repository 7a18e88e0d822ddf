use std::os::windows::process::CommandExt;
use std::process::Command;

use windows_sys::Win32::System::Threading::CREATE_NO_WINDOW;

/// A program of the command line gets a console of its own from a program that has none; nobody is to see it.
pub(super) fn unseen(command: &mut Command) -> &mut Command {
    command.creation_flags(CREATE_NO_WINDOW)
}
