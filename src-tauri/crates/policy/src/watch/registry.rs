//! Changes of policy keys: one thread a hive sleeps until the system says that something below changed.

#![expect(unsafe_code, reason = "the registry tells changes through events, which no library waits for")]

use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use std::sync::Arc;

use tokio::sync::mpsc;
use windows_registry::{CURRENT_USER, Key, LOCAL_MACHINE};
use windows_sys::Win32::Foundation::{ERROR_SUCCESS, WAIT_OBJECT_0};
use windows_sys::Win32::System::Registry::{
    REG_NOTIFY_CHANGE_LAST_SET, REG_NOTIFY_CHANGE_NAME, REG_NOTIFY_THREAD_AGNOSTIC, RegNotifyChangeKeyValue,
};
use windows_sys::Win32::System::Threading::{CreateEventW, INFINITE, SetEvent, WaitForMultipleObjects};

use super::files::Notice;

/// From the deepest to the hive's own: the first that exists is watched, with all that is below it.
const STEPS: [&str; 3] = [r"SOFTWARE\Policies", "SOFTWARE", ""];

/// The hives are watched until this is dropped.
pub(super) struct Hives {
    stop: Arc<Event>,
}

struct Event(OwnedHandle);

impl Event {
    fn new() -> io::Result<Self> {
        // SAFETY: the call takes nothing but flags; what it gives is ours.
        let handle = unsafe { CreateEventW(ptr::null(), 1, 0, ptr::null()) };
        if handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: made above, owned by nothing else.
        Ok(Self(unsafe { OwnedHandle::from_raw_handle(handle) }))
    }
}

impl Hives {
    /// Arms both hives before it returns, so that no change falls between arming and reading.
    pub(super) fn watch(notices: &mpsc::Sender<Notice>) -> io::Result<Self> {
        let stop = Arc::new(Event::new()?);
        for hive in [LOCAL_MACHINE, CURRENT_USER] {
            let (armed, stop, notices) = (arm(hive)?, stop.clone(), notices.clone());
            std::thread::Builder::new().name("registry".into()).spawn(move || {
                let handles = [armed.1.0.as_raw_handle(), stop.0.as_raw_handle()];
                // SAFETY: both events are open for the whole call.
                let woken = unsafe { WaitForMultipleObjects(2, handles.as_ptr(), 0, INFINITE) };
                // A full channel already says that something changed. The next reading arms anew.
                if woken == WAIT_OBJECT_0 {
                    let _ = notices.try_send(Notice::Changed);
                }
            })?;
        }
        Ok(Self { stop })
    }
}

impl Drop for Hives {
    fn drop(&mut self) {
        // SAFETY: the event is open for the whole call.
        unsafe { SetEvent(self.stop.0.as_raw_handle()) };
    }
}

/// The deepest key that exists, and the event that its next change sets.
fn arm(hive: &Key) -> io::Result<(Key, Event)> {
    let changed = Event::new()?;
    let key = STEPS.iter().find_map(|path| hive.open(path).ok()).ok_or(io::ErrorKind::NotFound)?;
    let what = REG_NOTIFY_CHANGE_NAME | REG_NOTIFY_CHANGE_LAST_SET | REG_NOTIFY_THREAD_AGNOSTIC;
    // SAFETY: key and event are open for the whole call, and both live until the watching ends.
    let answer = unsafe { RegNotifyChangeKeyValue(key.as_raw(), 1, what, changed.0.as_raw_handle(), 1) };
    match answer {
        ERROR_SUCCESS => Ok((key, changed)),
        error => Err(io::Error::from_raw_os_error(error as i32)),
    }
}
