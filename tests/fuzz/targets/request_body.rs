//! The body and the path of a request to a door.

#![no_main]

use broker::admission::Door;
use broker::api::{body, route};
use libfuzzer_sys::fuzz_target;
use wire::{SignInRequest, TokenRequest};

fuzz_target!(|input: &[u8]| {
    if let Ok(request) = body::parse::<TokenRequest>(input) {
        assert!(!request.scope.is_some_and(|scope| scope.chars().any(char::is_control)));
    }
    if let Ok(request) = body::parse::<SignInRequest>(input) {
        assert!(!request.redirected.is_some_and(|address| address.chars().any(char::is_control)));
    }
    let Ok(path) = std::str::from_utf8(input) else { return };
    let (socket, loopback) = (route::find(path, Door::Socket), route::find(path, Door::Loopback));
    if let Ok(route) = loopback {
        assert_eq!(socket, Ok(route), "what the loopback door serves, the socket serves");
        assert!(route.serves());
    }
});
