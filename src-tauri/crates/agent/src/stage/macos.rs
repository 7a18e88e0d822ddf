#![expect(unsafe_code, reason = "a source of a run loop is made through a C interface only")]

use std::ffi::c_void;
use std::panic::resume_unwind;
use std::ptr;
use std::thread::{Builder, scope};

use core_foundation::base::TCFType;
use core_foundation::runloop::{CFRunLoop, CFRunLoopSource, kCFRunLoopDefaultMode};
use core_foundation_sys::runloop::{CFRunLoopSourceContext, CFRunLoopSourceCreate, CFRunLoopSourceSignal, CFRunLoopWakeUp};

/// As much as a main thread has.
const STACK: usize = 8 * 1024 * 1024;

/// The end of the play. A source that was signalled stays so until the loop has seen it, so the end is never missed; and a
/// loop with a source in it does not return for want of one.
struct Curtain(CFRunLoopSource);

// SAFETY: a source may be signalled from any thread (CFRunLoopSource), and nothing else is done with it there.
unsafe impl Sync for Curtain {}

/// Closes it, also where the play ends in a panic.
struct Closing<'c>(&'c Curtain);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        let main = CFRunLoop::get_main();
        // SAFETY: source and loop are alive for the whole call.
        unsafe {
            CFRunLoopSourceSignal(self.0.0.as_concrete_TypeRef());
            CFRunLoopWakeUp(main.as_concrete_TypeRef());
        }
    }
}

/// Acts on another thread while the main thread runs its run loop, on which macOS tells of sleep and of the screen. Where
/// this is not the main thread, somebody else runs that loop.
pub(crate) fn play<T: Send>(act: impl FnOnce() -> T + Send) -> T {
    let main = CFRunLoop::get_main();
    if CFRunLoop::get_current() != main {
        return act();
    }
    let curtain = Curtain(source());
    // SAFETY: the constant is the system's own, here and below.
    main.add_source(&curtain.0, unsafe { kCFRunLoopDefaultMode });
    let ended = scope(|scope| {
        let played = Builder::new().name("agent".into()).stack_size(STACK).spawn_scoped(scope, || {
            let _closing = Closing(&curtain);
            act()
        });
        played.map(|played| {
            CFRunLoop::run_current();
            played.join()
        })
    });
    // SAFETY: as above.
    main.remove_source(&curtain.0, unsafe { kCFRunLoopDefaultMode });
    match ended {
        Ok(Ok(done)) => done,
        Ok(Err(panic)) => resume_unwind(panic),
        Err(error) => panic!("no thread could be started: {error}"),
    }
}

fn source() -> CFRunLoopSource {
    let mut context = CFRunLoopSourceContext {
        version: 0,
        info: ptr::null_mut(),
        retain: None,
        release: None,
        copyDescription: None,
        equal: None,
        hash: None,
        schedule: None,
        cancel: None,
        perform: stop,
    };
    // SAFETY: the context is copied, and what is made is ours.
    unsafe { CFRunLoopSource::wrap_under_create_rule(CFRunLoopSourceCreate(ptr::null(), 0, &raw mut context)) }
}

extern "C" fn stop(_: *const c_void) {
    CFRunLoop::get_main().stop();
}
