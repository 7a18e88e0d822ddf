#![expect(unsafe_code, reason = "the registry's own library belongs to the policy room")]

use std::path::Path;
use std::ptr;

use windows_sys::Win32::Foundation::ERROR_SUCCESS;
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE, REG_ROUTINE_FLAGS, RRF_RT_ANY, RRF_RT_REG_SZ, RRF_SUBKEY_WOW6464KEY,
    RegGetValueW,
};

use super::{Autostart, command, first};

const RUN: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";
/// Where Task Manager notes what a person switched off.
const APPROVED: &str = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run";
const NAME: &str = "Lanyard";
/// More than a command can have, in bytes.
const LONGEST: usize = 8192;

pub(super) fn found() -> Autostart {
    let hives = [(HKEY_LOCAL_MACHINE, "HKLM"), (HKEY_CURRENT_USER, "HKCU")];
    first(hives.into_iter().filter_map(|(hive, name)| {
        value(hive, RUN, RRF_RT_ANY)?;
        // Task Manager notes it in the same hive; an odd first byte means off.
        let off = value(hive, APPROVED, RRF_RT_ANY).is_some_and(|bytes| bytes[0] & 1 == 1);
        let entry = format!(r"{name}\{RUN}\{NAME}");
        // Text with variables is given expanded, as Explorer starts it.
        let starts = value(hive, RUN, RRF_RT_REG_SZ).is_some_and(|bytes| command::starts(&text(&bytes), Path::is_file));
        Some(match (off, starts) {
            (true, _) => Autostart::SwitchedOff(entry),
            (false, true) => Autostart::Entered(entry),
            (false, false) => Autostart::Broken(entry),
        })
    }))
}

fn text(bytes: &[u8]) -> String {
    let wide = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    String::from_utf16_lossy(&wide.take_while(|unit| *unit != 0).collect::<Vec<_>>())
}

/// The bytes of the value, never none of them; nothing where there is no value of this kind.
fn value(hive: HKEY, key: &str, kind: REG_ROUTINE_FLAGS) -> Option<Vec<u8>> {
    let wide = |text: &str| text.encode_utf16().chain([0]).collect::<Vec<u16>>();
    let (key, name) = (wide(key), wide(NAME));
    let mut bytes = vec![0_u8; LONGEST];
    let mut size = LONGEST as u32;
    // SAFETY: both names end with a zero, and the system writes at most `size` bytes.
    let answer = unsafe {
        RegGetValueW(
            hive,
            key.as_ptr(),
            name.as_ptr(),
            kind | RRF_SUBKEY_WOW6464KEY,
            ptr::null_mut(),
            bytes.as_mut_ptr().cast(),
            &raw mut size,
        )
    };
    bytes.truncate(size as usize);
    (answer == ERROR_SUCCESS && size > 0).then_some(bytes)
}
