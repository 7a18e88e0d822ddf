use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};

use super::Measure;

pub(super) fn apply() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if let Err(error) = setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "core dumps could not be switched off");
    }
    if RELEASE && let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "tracing of this process could not be switched off");
    }
}

/// A debugger must be able to look into a debug build.
const RELEASE: bool = cfg!(not(debug_assertions));

pub(super) fn measures() -> Vec<Measure> {
    let dumps = getrlimit(Resource::Core).current == Some(0);
    let traceable = rustix::process::dumpable_behavior().is_ok_and(|behavior| behavior == DumpableBehavior::NotDumpable);
    vec![
        Measure { name: "core dumps are off", in_force: dumps },
        Measure { name: "the process cannot be traced", in_force: traceable },
    ]
}
