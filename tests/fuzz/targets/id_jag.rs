//! An assertion as the identity provider sent it.

#![no_main]

use exchange::inspect::{Expected, Inspected, inspect};
use libfuzzer_sys::fuzz_target;

const EXPECTED: Expected<'static> = Expected {
    issuer: "https://idp.example/",
    audience: "https://as.example",
    client_id: Some("lanyard-at-x"),
    resource: "https://mcp.example/mcp",
};

fuzz_target!(|assertion: &str| {
    let Ok(seen) = inspect(assertion, &EXPECTED) else { return };
    if seen == Inspected::default() {
        assert_eq!(assertion.split('.').count(), 5, "only an encrypted one passes unread");
        return;
    }
    assert_eq!(seen.client_id.as_deref(), EXPECTED.client_id);
    assert!(seen.jti.is_some_and(|jti| !jti.is_empty()) && seen.expires.is_some());
    assert!(seen.life.is_none_or(|life| life <= 3_600));
});
