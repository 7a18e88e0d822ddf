//! A preferences file of macOS.

#![no_main]

use libfuzzer_sys::fuzz_target;
use policy::source::plist;

fuzz_target!(|file: &[u8]| {
    let Ok(values) = plist::values(file) else { return };
    let policy = policy::judge("preferences", values.clone());
    assert_eq!(policy.hash, policy::judge("preferences", values).hash, "the same file is the same policy");
    assert!(policy.servers.len() <= 1_000);
});
