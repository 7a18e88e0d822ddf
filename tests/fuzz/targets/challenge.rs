//! A server's `WWW-Authenticate` header.

#![no_main]

use exchange::Challenge;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|header: &str| {
    let challenge = Challenge::read(header);
    for scope in challenge.scopes.iter().flatten() {
        assert!(!scope.is_empty() && !scope.contains(|c: char| c.is_ascii_whitespace()));
    }
});
