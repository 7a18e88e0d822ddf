#![expect(unsafe_code, reason = "macOS tells these changes through C interfaces only")]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::io;
use std::os::fd::{FromRawFd, OwnedFd};
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use core_foundation::base::TCFType;
use core_foundation::runloop::{CFRunLoop, CFRunLoopSource, kCFRunLoopCommonModes};
use core_foundation::string::CFString;
use core_foundation_sys::dictionary::CFDictionaryRef;
use core_foundation_sys::notification_center::{
    CFNotificationCenterAddObserver, CFNotificationCenterGetDistributedCenter, CFNotificationCenterRef,
    CFNotificationSuspensionBehaviorDeliverImmediately,
};
use core_foundation_sys::runloop::CFRunLoopSourceRef;
use core_foundation_sys::string::CFStringRef;
use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use tokio::sync::mpsc;

use super::Change;
use super::notices::{Power, SCREEN, power, screen};

/// A callback is a plain function, so what it tells goes through here. One agent at a time follows.
static CHANGES: Mutex<Option<mpsc::Sender<Change>>> = Mutex::new(None);

/// The port that power is answered at; 0 before there is one.
static ROOT: AtomicU32 = AtomicU32::new(0);

/// Posted when the clock is set, and when the network changes (notify_keys.h).
const CLOCK: &CStr = c"com.apple.system.clock_set";
const NETWORK: &CStr = c"com.apple.system.config.network_change";

/// A new network announces itself with many notices.
const SETTLE: Duration = Duration::from_secs(1);

type Port = *mut c_void;
type PowerCallback = extern "C" fn(context: *mut c_void, service: u32, message: u32, argument: *mut c_void);

#[link(name = "IOKit", kind = "framework")]
unsafe extern "C" {
    fn IORegisterForSystemPower(context: *mut c_void, port: *mut Port, told: PowerCallback, notifier: *mut u32) -> u32;
    fn IONotificationPortGetRunLoopSource(port: Port) -> CFRunLoopSourceRef;
    fn IOAllowPowerChange(root: u32, id: isize) -> c_int;
}

unsafe extern "C" {
    /// notify(3)
    fn notify_register_file_descriptor(name: *const c_char, descriptor: *mut c_int, flags: c_int, token: *mut c_int) -> u32;
}

/// Power and screen are told on the main thread's run loop, which whoever hosts the agent runs; network and clock through
/// descriptors, on a thread of their own.
pub(super) fn follow(changes: mpsc::Sender<Change>) {
    // An agent that comes after another in the same process is told by what follows already.
    let mut told = CHANGES.lock().unwrap_or_else(PoisonError::into_inner);
    if told.replace(changes).is_some() {
        return;
    }
    drop(told);
    follow_screen();
    if !follow_power() {
        tracing::info!("sleep is not followed");
    }
    let started = std::thread::Builder::new().name("surroundings".into()).spawn(|| {
        if let Err(error) = follow_notices() {
            tracing::info!(%error, "network and clock changes are not followed");
        }
    });
    if let Err(error) = started {
        tracing::info!(%error, "network and clock changes are not followed");
    }
}

/// Tells; a full channel says that something changed already.
fn tell(change: Change) {
    if let Some(changes) = &*CHANGES.lock().unwrap_or_else(PoisonError::into_inner) {
        let _ = changes.try_send(change);
    }
}

fn follow_screen() {
    for name in SCREEN {
        let name = CFString::new(name);
        // SAFETY: the centre lives as long as the process and keeps what it needs of the name; the callback uses nothing
        // that ends before the process does.
        unsafe {
            CFNotificationCenterAddObserver(
                CFNotificationCenterGetDistributedCenter(),
                (&raw const CHANGES).cast(),
                screen_changed,
                name.as_concrete_TypeRef(),
                ptr::null(),
                CFNotificationSuspensionBehaviorDeliverImmediately,
            );
        }
    }
}

extern "C" fn screen_changed(
    _: CFNotificationCenterRef,
    _: *mut c_void,
    name: CFStringRef,
    _: *const c_void,
    _: CFDictionaryRef,
) {
    if name.is_null() {
        return;
    }
    // SAFETY: the centre gives a text that lives for the whole call.
    let name = unsafe { CFString::wrap_under_get_rule(name) };
    screen(&name.to_string()).into_iter().for_each(tell);
}

fn follow_power() -> bool {
    let (mut port, mut notifier): (Port, u32) = (ptr::null_mut(), 0);
    // SAFETY: the callback uses nothing that ends before the process does; the registration is never taken back.
    let root = unsafe { IORegisterForSystemPower(ptr::null_mut(), &raw mut port, power_changed, &raw mut notifier) };
    if root == 0 || port.is_null() {
        return false;
    }
    ROOT.store(root, Ordering::SeqCst);
    // SAFETY: the port was given to us and lives as long as the process; it owns its source, so that is retained here.
    let source = unsafe { CFRunLoopSource::wrap_under_get_rule(IONotificationPortGetRunLoopSource(port)) };
    // SAFETY: the constant is the system's own.
    CFRunLoop::get_main().add_source(&source, unsafe { kCFRunLoopCommonModes });
    true
}

extern "C" fn power_changed(_: *mut c_void, _: u32, message: u32, argument: *mut c_void) {
    match power(message) {
        // SAFETY: the argument of such a message is the number to answer with, and the port is open for ever.
        Power::Answer => unsafe {
            IOAllowPowerChange(ROOT.load(Ordering::SeqCst), argument as isize);
        },
        Power::Tell(change) => tell(change),
        Power::Ignore => {}
    }
}

/// Sleeps in `poll`; no timer ever wakes it.
fn follow_notices() -> io::Result<()> {
    let (network, clock) = (registered(NETWORK)?, registered(CLOCK)?);
    loop {
        let mut ready = [PollFd::new(&network, PollFlags::IN), PollFd::new(&clock, PollFlags::IN)];
        match rustix::event::poll(&mut ready, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let [network_ready, clock_ready] = ready.map(|fd| !fd.revents().is_empty());
        if network_ready {
            std::thread::sleep(SETTLE);
            drain(&network)?;
            tell(Change::NetworkChanged);
        }
        if clock_ready {
            drain(&clock)?;
            tell(Change::ClockJumped);
        }
    }
}

/// A descriptor that becomes readable at each notice of this name.
fn registered(name: &CStr) -> io::Result<OwnedFd> {
    let (mut descriptor, mut token) = (-1, 0);
    // SAFETY: the name ends with a zero; the system writes two numbers.
    let answer = unsafe { notify_register_file_descriptor(name.as_ptr(), &raw mut descriptor, 0, &raw mut token) };
    if answer != 0 || descriptor < 0 {
        return Err(io::Error::other(format!("notifications of the system cannot be had ({answer})")));
    }
    // SAFETY: the system made this descriptor for us, and nothing else closes it: the registration is never taken back.
    let descriptor = unsafe { OwnedFd::from_raw_fd(descriptor) };
    rustix::io::ioctl_fionbio(&descriptor, true)?;
    Ok(descriptor)
}

/// Throws the notices away: that there were some is all that matters.
fn drain(descriptor: &OwnedFd) -> io::Result<()> {
    let mut buffer = [0_u8; 256];
    loop {
        match rustix::io::read(descriptor, &mut buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) | Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}
