//! What arrives at the sign-in's redirect listener.

#![no_main]

use libfuzzer_sys::fuzz_target;
use session::redirect_target;

fuzz_target!(|head: &[u8]| {
    let Some(query) = redirect_target(head, "127.0.0.1:5000") else { return };
    assert!(head.starts_with(b"GET /callback?") || head.starts_with(b"\r\n") || head.starts_with(b"\n"));
    assert!(!query.contains(|c: char| c.is_ascii_control() || c == ' '));
});
