#![expect(unsafe_code, reason = "the registry's own library belongs to the policy room")]

use std::ptr;

use windows_sys::Win32::Foundation::ERROR_SUCCESS;
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE, RRF_RT_ANY, RRF_SUBKEY_WOW6464KEY, RegGetValueW,
};

use super::Autostart;

const RUN: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";
/// Where Task Manager notes what a person switched off.
const APPROVED: &str = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run";
const NAME: &str = "Lanyard";

pub(super) fn found() -> Autostart {
    let hives = [(HKEY_LOCAL_MACHINE, "HKLM"), (HKEY_CURRENT_USER, "HKCU")];
    // An odd first byte means off.
    let off = hives.iter().any(|(hive, _)| first_byte(*hive, APPROVED).is_some_and(|byte| byte & 1 == 1));
    for (hive, name) in hives {
        if first_byte(hive, RUN).is_some() {
            let entry = format!(r"{name}\{RUN}\{NAME}");
            return if off { Autostart::SwitchedOff(entry) } else { Autostart::Entered(entry) };
        }
    }
    Autostart::Absent
}

/// The first byte of the value; none where there is no value.
fn first_byte(hive: HKEY, key: &str) -> Option<u8> {
    let wide = |text: &str| text.encode_utf16().chain([0]).collect::<Vec<u16>>();
    let (key, name) = (wide(key), wide(NAME));
    let mut bytes = [0_u8; 4096];
    let mut size = bytes.len() as u32;
    // SAFETY: both names end with a zero, and the system writes at most `size` bytes.
    let answer = unsafe {
        RegGetValueW(
            hive,
            key.as_ptr(),
            name.as_ptr(),
            RRF_RT_ANY | RRF_SUBKEY_WOW6464KEY,
            ptr::null_mut(),
            bytes.as_mut_ptr().cast(),
            &raw mut size,
        )
    };
    (answer == ERROR_SUCCESS && size > 0).then_some(bytes[0])
}
