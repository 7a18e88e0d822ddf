//! A policy file.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let policy = policy::check("policy.json", file);
    let again = policy::check("policy.json", file);
    assert_eq!(policy.hash, again.hash, "the same file is the same policy");
    assert!(policy.servers.len() <= 1_000);
    if let Ok(identity) = &policy.identity {
        let loopback = policy.network.allow_insecure_loopback && identity.issuer.starts_with("http://");
        assert!(identity.issuer.starts_with("https://") || loopback);
        assert!(!identity.client_id.is_empty());
        assert!(identity.scopes.iter().any(|scope| scope == "openid"));
    }
    for server in policy.servers.values() {
        assert!(!server.url.chars().any(char::is_control));
    }
});
