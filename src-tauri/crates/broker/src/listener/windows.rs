#![expect(unsafe_code, reason = "a pipe's access list is made by the system's own interface")]

use std::ffi::c_void;
use std::io;
use std::path::{Path, PathBuf};
use std::ptr;

use tokio::net::windows::named_pipe::{NamedPipeServer, ServerOptions};
use windows_sys::Win32::Foundation::{ERROR_ACCESS_DENIED, ERROR_PIPE_BUSY, LocalFree};
use windows_sys::Win32::Security::Authorization::{ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1};
use windows_sys::Win32::Security::{PSECURITY_DESCRIPTOR, SECURITY_ATTRIBUTES};
use wire::User;
use wire::user::owner_of;

use super::StartError;

/// The named pipe of this user (LI-5).
pub(crate) struct Socket {
    pub(crate) path: PathBuf,
}

/// What listens on it. There is always an instance that waits, so no moment without ours (LI-7).
pub(crate) struct Listener {
    name: PathBuf,
    access: Access,
    next: NamedPipeServer,
}

impl Socket {
    /// Makes the first instance of the pipe. A name that somebody holds already is a fault, and no other is tried (LI-6).
    pub(crate) fn listen(name: &Path) -> Result<(Self, Listener), StartError> {
        let bind = |source: io::Error| StartError::Bind { path: name.into(), source };
        let user = User::current().map_err(StartError::User)?;
        let access = Access::of(&user).map_err(bind)?;
        let next = match instance(name, &access, true) {
            Err(error) if taken(&error) => return Err(StartError::Served(name.into())),
            made => made.map_err(bind)?,
        };
        // LI-5: what was made is read back.
        if owner_of(&next).map_err(bind)? != user {
            return Err(StartError::Changed(name.into()));
        }
        Ok((Self { path: name.into() }, Listener { name: name.into(), access, next }))
    }

    /// A pipe goes with its last instance.
    pub(crate) fn remove(&self) {}
}

impl Listener {
    /// The next connection.
    pub(crate) async fn accept(&mut self) -> io::Result<NamedPipeServer> {
        if let Err(error) = self.next.connect().await {
            // Whoever connected is gone already: that instance serves nobody any more.
            self.next = instance(&self.name, &self.access, false)?;
            return Err(error);
        }
        let fresh = instance(&self.name, &self.access, false)?;
        Ok(std::mem::replace(&mut self.next, fresh))
    }
}

fn taken(error: &io::Error) -> bool {
    matches!(error.raw_os_error().map(|code| code as u32), Some(ERROR_ACCESS_DENIED | ERROR_PIPE_BUSY))
}

fn instance(name: &Path, access: &Access, first: bool) -> io::Result<NamedPipeServer> {
    let mut attributes = SECURITY_ATTRIBUTES {
        nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
        lpSecurityDescriptor: access.0,
        bInheritHandle: 0,
    };
    let mut options = ServerOptions::new();
    options.first_pipe_instance(first).reject_remote_clients(true);
    // SAFETY: the attributes and the descriptor they point to live for the whole call.
    unsafe { options.create_with_security_attributes_raw(name, (&raw mut attributes).cast::<c_void>()) }
}

/// Who may open the pipe: this user, and nobody over the network (LI-5).
struct Access(PSECURITY_DESCRIPTOR);

// SAFETY: the descriptor is never changed after it was made, and belongs to no thread.
unsafe impl Send for Access {}

impl Access {
    /// The owner and only member of the access list is `user`. It is protected, so nothing is inherited. The rights are to
    /// read and write data, and for our own process to make further instances (0x12019f: read, write, create instance,
    /// synchronise, read control; without the right to change the list).
    fn of(user: &User) -> io::Result<Self> {
        let text = format!("O:{user}G:{user}D:P(D;;GA;;;NU)(A;;0x12019f;;;{user})");
        let wide: Vec<u16> = text.encode_utf16().chain([0]).collect();
        let mut descriptor = ptr::null_mut();
        // SAFETY: the text ends with a zero, and `descriptor` takes one pointer.
        let made = unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                wide.as_ptr(),
                SDDL_REVISION_1,
                &raw mut descriptor,
                ptr::null_mut(),
            )
        };
        if made == 0 { Err(io::Error::last_os_error()) } else { Ok(Self(descriptor)) }
    }
}

impl Drop for Access {
    fn drop(&mut self) {
        // SAFETY: the system allocated it for us, and no instance refers to it after it was made.
        unsafe { LocalFree(self.0) };
    }
}

/// Handles have no limit that matters here.
pub(crate) fn raise_descriptor_limit() {}
