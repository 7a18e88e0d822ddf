//! An identity provider's keys and an ID token: the input's first line (or half) and the rest.

#![no_main]

use jsonwebtoken::jwk::JwkSet;
use libfuzzer_sys::fuzz_target;
use session::id_token::{Expected, SKEW, verify};

const NOW: i64 = 1_800_000_000;

fuzz_target!(|input: &str| {
    let half = (0..=input.len() / 2).rev().find(|&at| input.is_char_boundary(at)).unwrap_or(0);
    let (keys, token) = input.split_once('\n').unwrap_or(input.split_at(half));
    let keys: Option<JwkSet> = serde_json::from_str(keys).ok();
    let expected = Expected {
        issuer: "https://idp.example/",
        client_id: "lanyard",
        nonce: Some("n"),
        access_token: Some("at"),
        max_age: Some(900),
        just_issued: true,
        ..Expected::default()
    };
    for keys in [keys.as_ref(), None] {
        let Ok(claims) = verify(token.trim_end(), keys, &expected, NOW) else { continue };
        assert_eq!((claims.iss.as_str(), &claims.aud[..]), ("https://idp.example/", &["lanyard".to_owned()][..]));
        assert!(claims.exp > NOW - SKEW && claims.iat <= NOW + SKEW && !claims.sub.is_empty());
    }
});
