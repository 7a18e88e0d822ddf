//! A certificate as whoever is in between presents it, before anybody vouches for it.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|certificate: &[u8]| {
    let Some(issuer) = net::issuer(certificate) else { return };
    assert!(!issuer.is_empty() && issuer.chars().count() <= 120 && !issuer.contains(char::is_control), "{issuer:?}");
});
