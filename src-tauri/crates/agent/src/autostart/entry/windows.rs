#![expect(unsafe_code, reason = "the registry's own library belongs to the policy room")]

use std::os::windows::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::{env, io};

use windows_sys::Win32::Foundation::ERROR_SUCCESS;
use windows_sys::Win32::System::Registry::{HKEY_CURRENT_USER, REG_SZ, RegSetKeyValueW};

use super::WORD;

const RUN: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";
const NAME: &str = "Lanyard";

/// Where a person keeps programs of their own. What an installer of the machine brought is an administrator's to enter.
pub(super) fn places() -> Vec<PathBuf> {
    let local = env::var_os("LOCALAPPDATA").map(PathBuf::from).filter(|folder| folder.is_absolute());
    local.map(|folder| folder.join("Programs")).into_iter().collect()
}

/// A value among what Explorer starts for the person.
pub(super) fn enter(program: &Path) -> io::Result<bool> {
    let wide = |text: &str| text.encode_utf16().chain([0]).collect::<Vec<u16>>();
    // In quotes, or a path with a space would be tried word by word.
    let quote = u16::from(b'"');
    let quoted = [quote].into_iter().chain(program.as_os_str().encode_wide()).chain([quote]);
    let command: Vec<u16> = quoted.chain(wide(&format!(" {WORD}"))).collect();
    let (key, name) = (wide(RUN), wide(NAME));
    let bytes = u32::try_from(command.len() * 2).map_err(io::Error::other)?;
    // SAFETY: both names and the command end with a zero, and the system reads `bytes` of the command.
    let answer =
        unsafe { RegSetKeyValueW(HKEY_CURRENT_USER, key.as_ptr(), name.as_ptr(), REG_SZ, command.as_ptr().cast(), bytes) };
    match answer {
        ERROR_SUCCESS => Ok(true),
        code => Err(io::Error::from_raw_os_error(code.cast_signed())),
    }
}

/// Explorer starts every value: none hides another.
pub(super) fn uncover(_: &str) -> io::Result<bool> {
    Ok(false)
}
