//! Who can write a file, by its access list.

#![expect(unsafe_code, reason = "access lists are read by the system's own interface only")]

use std::io;
use std::os::windows::ffi::OsStrExt;
use std::path::Path;
use std::ptr;

use windows_sys::Win32::Foundation::{ERROR_SUCCESS, GENERIC_ALL, GENERIC_WRITE, LocalFree};
use windows_sys::Win32::Security::Authorization::{GetNamedSecurityInfoW, SE_FILE_OBJECT};
use windows_sys::Win32::Security::{
    ACCESS_ALLOWED_ACE, ACE_HEADER, ACL, DACL_SECURITY_INFORMATION, GetAce, INHERIT_ONLY_ACE, IsWellKnownSid,
    OWNER_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, PSID, WinBuiltinAdministratorsSid, WinCreatorOwnerSid, WinLocalSystemSid,
};
use windows_sys::Win32::Storage::FileSystem::{
    DELETE, FILE_APPEND_DATA, FILE_DELETE_CHILD, FILE_WRITE_ATTRIBUTES, FILE_WRITE_DATA, FILE_WRITE_EA, WRITE_DAC, WRITE_OWNER,
};
use windows_sys::Win32::System::SystemServices::{ACCESS_ALLOWED_ACE_TYPE, ACCESS_DENIED_ACE_TYPE};

use crate::source::Untrusted;

/// `NT SERVICE\TrustedInstaller`, which owns what Windows itself brings.
const TRUSTED_INSTALLER: [u32; 6] = [80, 956_008_885, 3_418_522_649, 1_831_038_044, 1_853_292_631, 2_271_478_464];

/// What changes a file's content or who may change it.
const CHANGE: u32 = FILE_WRITE_DATA
    | FILE_APPEND_DATA
    | FILE_WRITE_EA
    | FILE_WRITE_ATTRIBUTES
    | DELETE
    | WRITE_DAC
    | WRITE_OWNER
    | GENERIC_WRITE
    | GENERIC_ALL;

/// What lets somebody put another thing in the place of one in a folder. To add new ones is harmless.
const REPLACE: u32 = FILE_DELETE_CHILD | DELETE | WRITE_DAC | WRITE_OWNER | GENERIC_ALL;

struct Descriptor(PSECURITY_DESCRIPTOR);

impl Drop for Descriptor {
    fn drop(&mut self) {
        // SAFETY: the system allocated it for us, and owner and list are not used after this.
        unsafe { LocalFree(self.0) };
    }
}

/// Whether only administrators and the system can write the file, or replace what is in the folder.
pub(super) fn administrators_alone(path: &Path, is_file: bool) -> Result<(), Untrusted> {
    let unreadable = |code: u32| Untrusted::Unreadable(io::Error::from_raw_os_error(code as i32));
    let name: Vec<u16> = path.as_os_str().encode_wide().chain([0]).collect();
    let (mut owner, mut list, mut descriptor): (PSID, *mut ACL, _) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    // SAFETY: the name ends with a zero; owner and list point into the descriptor that the system gives.
    let answer = unsafe {
        GetNamedSecurityInfoW(
            name.as_ptr(),
            SE_FILE_OBJECT,
            OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
            &raw mut owner,
            ptr::null_mut(),
            &raw mut list,
            ptr::null_mut(),
            &raw mut descriptor,
        )
    };
    if answer != ERROR_SUCCESS {
        return Err(unreadable(answer));
    }
    let _descriptor = Descriptor(descriptor);
    if !administrative(owner) {
        return Err(Untrusted::Owner { path: path.into(), owner: "a user who is no administrator".into() });
    }
    let open = |who: &str| Err(Untrusted::Open { path: path.into(), who: who.into() });
    // No list at all lets everybody do everything.
    if list.is_null() {
        return open("everybody");
    }
    let forbidden = if is_file { CHANGE } else { REPLACE };
    // SAFETY: the list is whole, and tells how many entries it has.
    let count = unsafe { (*list).AceCount };
    for index in 0..u32::from(count) {
        let mut entry = ptr::null_mut();
        // SAFETY: the index is within the list; every entry begins with its header.
        let header = unsafe {
            if GetAce(list, index, &raw mut entry) == 0 {
                return Err(Untrusted::Unreadable(io::Error::last_os_error()));
            }
            *entry.cast::<ACE_HEADER>()
        };
        if u32::from(header.AceFlags) & INHERIT_ONLY_ACE != 0 || u32::from(header.AceType) == ACCESS_DENIED_ACE_TYPE {
            continue;
        }
        // LI-27: an entry of another form may allow anything.
        if u32::from(header.AceType) != ACCESS_ALLOWED_ACE_TYPE {
            return open("somebody, by an entry of an unknown form");
        }
        let allowed = entry.cast::<ACCESS_ALLOWED_ACE>();
        // SAFETY: an entry of this type has a mask, and the identifier behind it.
        let (mask, sid) = unsafe { ((*allowed).Mask, (&raw mut (*allowed).SidStart).cast()) };
        if mask & forbidden != 0 && !administrative(sid) {
            return open("users who are no administrators");
        }
    }
    Ok(())
}

fn administrative(sid: PSID) -> bool {
    // SAFETY: the identifier lies whole in the descriptor.
    let is = |kind| unsafe { IsWellKnownSid(sid, kind) != 0 };
    is(WinBuiltinAdministratorsSid) || is(WinLocalSystemSid) || is(WinCreatorOwnerSid) || installer(sid)
}

fn installer(sid: PSID) -> bool {
    use windows_sys::Win32::Security::{GetSidSubAuthority, GetSidSubAuthorityCount};
    // SAFETY: the identifier lies whole in the descriptor, and the numbers asked for are within its count.
    let parts: Vec<u32> =
        unsafe { (0..u32::from(*GetSidSubAuthorityCount(sid))).map(|at| *GetSidSubAuthority(sid, at)).collect() };
    parts == TRUSTED_INSTALLER
}
