#![expect(unsafe_code, reason = "the standard library has no reading with a limit on a pipe")]

use std::cell::Cell;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::Path;
use std::ptr;
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{
    ERROR_BROKEN_PIPE, ERROR_HANDLE_EOF, ERROR_IO_PENDING, ERROR_PIPE_BUSY, ERROR_PIPE_NOT_CONNECTED, HANDLE, WAIT_OBJECT_0,
};
use windows_sys::Win32::Storage::FileSystem::{FILE_FLAG_OVERLAPPED, ReadFile, SECURITY_IDENTIFICATION, WriteFile};
use windows_sys::Win32::System::IO::{CancelIoEx, GetOverlappedResult, OVERLAPPED};
use windows_sys::Win32::System::Pipes::WaitNamedPipeW;
use windows_sys::Win32::System::Threading::{CreateEventW, INFINITE, WaitForSingleObject};

use super::ClientError;
use crate::user::{User, owner_of};

/// How long all instances of the pipe may be taken.
const BUSY: Duration = Duration::from_secs(5);

/// A named pipe, opened for overlapped use.
pub struct Stream {
    pipe: File,
    limit: Cell<Option<Duration>>,
}

pub(super) fn open(name: &Path) -> Result<Stream, ClientError> {
    let until = Instant::now() + BUSY;
    let pipe = loop {
        let mut options = OpenOptions::new();
        // LI-15: whoever serves the pipe learns who we are and cannot act as us.
        options.read(true).write(true).custom_flags(FILE_FLAG_OVERLAPPED).security_qos_flags(SECURITY_IDENTIFICATION);
        match options.open(name) {
            Ok(pipe) => break pipe,
            Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY as i32) => {
                let left = until.saturating_duration_since(Instant::now()).as_millis() as u32;
                if left == 0 {
                    return Err(ClientError::NotRunning);
                }
                wait(name, left);
            }
            Err(_) => return Err(ClientError::NotRunning),
        }
    };
    // LI-14: not a byte is sent to another user's pipe.
    match (owner_of(&pipe), User::current()) {
        (Ok(owner), Ok(own)) if owner == own => Ok(Stream { pipe, limit: Cell::new(None) }),
        _ => Err(ClientError::Impostor(name.into())),
    }
}

fn wait(name: &Path, milliseconds: u32) {
    use std::os::windows::ffi::OsStrExt;
    let wide: Vec<u16> = name.as_os_str().encode_wide().chain([0]).collect();
    // SAFETY: the name ends with a zero and lives for the whole call.
    unsafe { WaitNamedPipeW(wide.as_ptr(), milliseconds) };
}

impl Stream {
    /// How long a single reading may take; for ever without it.
    ///
    /// # Errors
    /// None on this system.
    pub fn set_read_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        self.limit.set(limit);
        Ok(())
    }

    /// The pipe itself, for an asynchronous reader.
    pub fn into_handle(self) -> OwnedHandle {
        self.pipe.into()
    }

    /// Waits for what `begin` begins, and takes it back when it does not end in time.
    fn transfer(&self, limit: Option<Duration>, begin: impl FnOnce(HANDLE, *mut OVERLAPPED) -> i32) -> io::Result<usize> {
        let pipe = self.pipe.as_raw_handle();
        // SAFETY: the call takes nothing but flags; what it gives is ours.
        let event = unsafe { CreateEventW(ptr::null(), 1, 0, ptr::null()) };
        if event.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: made above, owned by nothing else.
        let event = unsafe { OwnedHandle::from_raw_handle(event) };
        let mut overlapped = OVERLAPPED { hEvent: event.as_raw_handle(), ..OVERLAPPED::default() };
        if begin(pipe, &raw mut overlapped) == 0 {
            let error = io::Error::last_os_error();
            if error.raw_os_error() != Some(ERROR_IO_PENDING as i32) {
                return ended(error);
            }
        }
        let limit = limit.map_or(INFINITE, |limit| u32::try_from(limit.as_millis()).unwrap_or(INFINITE - 1));
        // SAFETY: the event is open for the whole call.
        let late = unsafe { WaitForSingleObject(event.as_raw_handle(), limit) } != WAIT_OBJECT_0;
        if late {
            // SAFETY: pipe and operation are alive; whether it was taken back is asked below.
            unsafe { CancelIoEx(pipe, &raw const overlapped) };
        }
        let mut moved = 0;
        // SAFETY: waits until the system uses neither the operation nor its buffer any more.
        if unsafe { GetOverlappedResult(pipe, &raw const overlapped, &raw mut moved, 1) } == 0 {
            let error = io::Error::last_os_error();
            return if late { Err(io::ErrorKind::TimedOut.into()) } else { ended(error) };
        }
        Ok(moved as usize)
    }
}

/// A pipe whose other end is gone has ended, as a socket does.
fn ended(error: io::Error) -> io::Result<usize> {
    match error.raw_os_error().map(|code| code as u32) {
        Some(ERROR_BROKEN_PIPE | ERROR_HANDLE_EOF | ERROR_PIPE_NOT_CONNECTED) => Ok(0),
        _ => Err(error),
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = u32::try_from(buffer.len()).unwrap_or(u32::MAX);
        // SAFETY: the buffer outlives the operation, which has ended when `transfer` returns.
        self.transfer(self.limit.get(), |pipe, overlapped| unsafe {
            ReadFile(pipe, buffer.as_mut_ptr(), length, ptr::null_mut(), overlapped)
        })
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        // SAFETY: the bytes outlive the operation, which has ended when `transfer` returns.
        self.transfer(Some(BUSY), |pipe, overlapped| unsafe {
            WriteFile(pipe, bytes.as_ptr(), length, ptr::null_mut(), overlapped)
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
