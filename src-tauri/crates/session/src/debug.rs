//! Hatches that exist in debug builds alone (LI-58).

/// Kills the process at `name` when `LANYARD_DEBUG_CRASH` asks for it: what a power cut does to a rotation.
#[cfg(debug_assertions)]
pub(crate) fn crash_point(name: &str) {
    if std::env::var("LANYARD_DEBUG_CRASH").is_ok_and(|wanted| wanted == name) {
        kill();
    }
}

#[cfg(all(debug_assertions, unix))]
fn kill() {
    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL).ok();
}

/// Aborting runs no destructor either.
#[cfg(all(debug_assertions, windows))]
fn kill() {
    std::process::abort();
}

/// Nothing, in a release build.
#[cfg(not(debug_assertions))]
pub(crate) fn crash_point(_: &str) {}
