#![expect(unsafe_code, reason = "tokens and security descriptors are known to the system's own interface only")]

use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::{ERROR_SUCCESS, HANDLE, LocalFree};
use windows_sys::Win32::Security::Authorization::{ConvertSidToStringSidW, GetSecurityInfo, SE_KERNEL_OBJECT};
use windows_sys::Win32::Security::{
    GetTokenInformation, OWNER_SECURITY_INFORMATION, PSID, TOKEN_QUERY, TOKEN_STATISTICS, TOKEN_USER, TokenStatistics, TokenUser,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use super::User;

/// The number of this log-on, which no other has until the machine starts again.
///
/// # Errors
/// When the system does not tell.
pub fn log_on() -> io::Result<u64> {
    // SAFETY: the call takes nothing and gives a constant.
    let token = token(unsafe { GetCurrentProcess() })?;
    let mut statistics = TOKEN_STATISTICS::default();
    let (size, mut length) = (size_of::<TOKEN_STATISTICS>() as u32, 0);
    // SAFETY: the system writes at most `size` bytes.
    let told = unsafe {
        GetTokenInformation(token.as_raw_handle(), TokenStatistics, (&raw mut statistics).cast(), size, &raw mut length)
    };
    let number = statistics.AuthenticationId;
    if told == 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(u64::from(number.HighPart as u32) << 32 | u64::from(number.LowPart))
    }
}

/// Room for a `TOKEN_USER` with the longest identifier there is (68 bytes), aligned.
type Room = [u64; 16];

pub(super) fn current() -> io::Result<User> {
    // SAFETY: the call takes nothing and gives a constant.
    of_token_of(unsafe { GetCurrentProcess() })
}

/// The user of a process whose handle admits to be asked (`PROCESS_QUERY_LIMITED_INFORMATION`).
///
/// # Errors
/// When the system does not tell.
pub fn of_process(process: &impl AsHandle) -> io::Result<User> {
    of_token_of(process.as_handle().as_raw_handle())
}

fn token(process: HANDLE) -> io::Result<OwnedHandle> {
    let mut token = ptr::null_mut();
    // SAFETY: `process` is open for the whole call, and `token` takes one handle.
    if unsafe { OpenProcessToken(process, TOKEN_QUERY, &raw mut token) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the system made this handle for us, and nothing else owns it.
    Ok(unsafe { OwnedHandle::from_raw_handle(token) })
}

fn of_token_of(process: HANDLE) -> io::Result<User> {
    let token = token(process)?;
    let (mut room, mut length): (Room, u32) = ([0; 16], 0);
    let size = size_of::<Room>() as u32;
    // SAFETY: the system writes at most `size` bytes into `room`, which is aligned for what it writes.
    let told = unsafe { GetTokenInformation(token.as_raw_handle(), TokenUser, room.as_mut_ptr().cast(), size, &raw mut length) };
    if told == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the system wrote a TOKEN_USER, whose identifier lies in the same room.
    text(unsafe { (*room.as_ptr().cast::<TOKEN_USER>()).User.Sid })
}

/// The owner of a pipe or another object of the kernel (LI-14).
///
/// # Errors
/// When the system does not tell.
pub fn owner_of(object: &impl AsHandle) -> io::Result<User> {
    let (mut owner, mut descriptor): (PSID, _) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: the handle is open for the whole call; the system gives a descriptor that `owner` points into.
    let answer = unsafe {
        GetSecurityInfo(
            object.as_handle().as_raw_handle(),
            SE_KERNEL_OBJECT,
            OWNER_SECURITY_INFORMATION,
            &raw mut owner,
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null_mut(),
            &raw mut descriptor,
        )
    };
    if answer != ERROR_SUCCESS {
        return Err(io::Error::from_raw_os_error(answer as i32));
    }
    let user = text(owner);
    // SAFETY: the system allocated the descriptor for us; `owner` is not used after this.
    unsafe { LocalFree(descriptor) };
    user
}

fn text(sid: PSID) -> io::Result<User> {
    let mut wide = ptr::null_mut();
    // SAFETY: `sid` points to a whole identifier; the system gives a text that ends with a zero.
    if sid.is_null() || unsafe { ConvertSidToStringSidW(sid, &raw mut wide) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the text ends with a zero, and every unit before it is readable.
    let units = unsafe {
        let length = (0..).take_while(|at| *wide.add(*at) != 0).count();
        std::slice::from_raw_parts(wide, length)
    };
    let sid = String::from_utf16_lossy(units);
    // SAFETY: the system allocated the text for us, and it is not used after this.
    unsafe { LocalFree(wide.cast()) };
    Ok(User::Sid(sid))
}
