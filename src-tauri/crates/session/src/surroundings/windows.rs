#![expect(unsafe_code, reason = "Windows tells these changes to a window's procedure only")]

use std::ptr;
use std::sync::{Mutex, PoisonError};

use tokio::sync::mpsc;
use windows_sys::Win32::Foundation::{HANDLE, HWND, LPARAM, LRESULT, WPARAM};
use windows_sys::Win32::NetworkManagement::IpHelper::{
    MIB_NOTIFICATION_TYPE, MIB_UNICASTIPADDRESS_ROW, NotifyUnicastIpAddressChange,
};
use windows_sys::Win32::Networking::WinSock::AF_UNSPEC;
use windows_sys::Win32::System::RemoteDesktop::{NOTIFY_FOR_THIS_SESSION, WTSRegisterSessionNotification};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    CreateWindowExW, DefWindowProcW, DispatchMessageW, GetMessageW, MSG, PBT_APMRESUMEAUTOMATIC, RegisterClassW,
    WM_POWERBROADCAST, WM_TIMECHANGE, WM_WTSSESSION_CHANGE, WNDCLASSW, WTS_SESSION_LOCK, WTS_SESSION_UNLOCK,
};

use super::Change;

/// A window's procedure is a plain function, so what it tells goes through here. One agent at a time follows.
static CHANGES: Mutex<Option<mpsc::Sender<Change>>> = Mutex::new(None);

pub(super) fn follow(changes: mpsc::Sender<Change>) {
    // An agent that comes after another in the same process is told by what follows already.
    let mut told = CHANGES.lock().unwrap_or_else(PoisonError::into_inner);
    if told.replace(changes).is_some() {
        return;
    }
    drop(told);
    follow_network();
    let started = std::thread::Builder::new().name("surroundings".into()).spawn(pump);
    if let Err(error) = started {
        tracing::info!(%error, "sleep, clock and screen lock are not followed");
    }
}

/// Tells; a full channel says that something changed already.
fn tell(change: Change) {
    if let Some(changes) = &*CHANGES.lock().unwrap_or_else(PoisonError::into_inner) {
        let _ = changes.try_send(change);
    }
}

fn follow_network() {
    let mut handle: HANDLE = ptr::null_mut();
    // SAFETY: the procedure uses nothing that ends before the process does; it is never unregistered.
    let answer = unsafe { NotifyUnicastIpAddressChange(AF_UNSPEC, Some(network_changed), ptr::null(), false, &raw mut handle) };
    if answer != 0 {
        tracing::info!(answer, "network changes are not followed");
    }
}

unsafe extern "system" fn network_changed(
    _: *const core::ffi::c_void,
    _: *const MIB_UNICASTIPADDRESS_ROW,
    _: MIB_NOTIFICATION_TYPE,
) {
    tell(Change::NetworkChanged);
}

/// An invisible window: messages that go to every window reach no message-only one.
fn pump() {
    let name: Vec<u16> = "LanyardSurroundings".encode_utf16().chain([0]).collect();
    let class = WNDCLASSW { lpfnWndProc: Some(procedure), lpszClassName: name.as_ptr(), ..WNDCLASSW::default() };
    // SAFETY: name and class live until the window is made; the window lives as long as this thread.
    let window = unsafe {
        RegisterClassW(&raw const class);
        CreateWindowExW(
            0,
            name.as_ptr(),
            name.as_ptr(),
            0,
            0,
            0,
            0,
            0,
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null(),
        )
    };
    if window.is_null() {
        tracing::info!(error = %std::io::Error::last_os_error(), "sleep, clock and screen lock are not followed");
        return;
    }
    // SAFETY: the window is this thread's, and the message is written before it is read.
    unsafe {
        WTSRegisterSessionNotification(window, NOTIFY_FOR_THIS_SESSION);
        let mut message = MSG::default();
        while GetMessageW(&raw mut message, ptr::null_mut(), 0, 0) > 0 {
            DispatchMessageW(&raw const message);
        }
    }
}

unsafe extern "system" fn procedure(window: HWND, message: u32, what: WPARAM, more: LPARAM) -> LRESULT {
    match (message, what as u32) {
        (WM_POWERBROADCAST, PBT_APMRESUMEAUTOMATIC) => tell(Change::Resumed),
        (WM_TIMECHANGE, _) => tell(Change::ClockJumped),
        (WM_WTSSESSION_CHANGE, WTS_SESSION_LOCK) => tell(Change::ScreenLocked),
        (WM_WTSSESSION_CHANGE, WTS_SESSION_UNLOCK) => tell(Change::ScreenUnlocked),
        _ => {}
    }
    // SAFETY: the arguments are the system's own, handed on.
    unsafe { DefWindowProcW(window, message, what, more) }
}
