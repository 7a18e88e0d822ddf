use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};

use super::*;

const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2\nOF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r\n1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G\n-----END PRIVATE KEY-----\n";
const NOW: i64 = 1_800_000_000;

fn keys(kid: &str) -> JwkSet {
    let key = EncodingKey::from_ec_pem(KEY.as_bytes()).unwrap();
    let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
    jwk.common.key_id = Some(kid.into());
    JwkSet { keys: vec![jwk] }
}

fn good() -> Value {
    json!({"iss": "https://idp.example/", "sub": "s1", "aud": "lanyard", "exp": NOW + 300, "iat": NOW, "nonce": "n", "auth_time": NOW - 30, "acr": "phr"})
}

fn with(changes: Value) -> Value {
    let mut claims = good();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn signed(claims: &Value) -> String {
    let header = Header { kid: Some("k1".into()), ..Header::new(Algorithm::ES256) };
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_ec_pem(KEY.as_bytes()).unwrap()).unwrap()
}

fn expected() -> Expected<'static> {
    Expected { issuer: "https://idp.example/", client_id: "lanyard", nonce: Some("n"), just_issued: true, ..Expected::default() }
}

fn verdict(claims: Value) -> Result<(), IdTokenError> {
    verify(&signed(&claims), Some(&keys("k1")), &expected(), NOW).map(|_| ())
}

#[test]
fn each_claim_is_judged() {
    use IdTokenError::*;
    let table = [
        (json!({}), Ok(())),
        (json!({"aud": ["lanyard"]}), Ok(())),
        (json!({"iss": "https://idp.example"}), Err(Issuer)),
        (json!({"aud": "other"}), Err(Audience)),
        (json!({"aud": []}), Err(Audience)),
        (json!({"aud": ["lanyard", "other"]}), Err(Audience)),
        (json!({"aud": ["lanyard", "other"], "azp": "lanyard"}), Err(Audience)),
        (json!({"azp": "other"}), Err(Audience)),
        (json!({"exp": NOW - 59}), Ok(())),
        (json!({"exp": NOW - 60}), Err(Time)),
        (json!({"iat": NOW + 60}), Ok(())),
        (json!({"iat": NOW + 61}), Err(Time)),
        (json!({"iat": NOW - 661}), Err(Time)),
        (json!({"nonce": "other"}), Err(Nonce)),
        (json!({"nonce": null}), Err(Nonce)),
        (json!({"sub": ""}), Err(Subject)),
        (json!({"unknown": {"deep": [1]}}), Ok(())),
    ];
    for (changes, expected) in table {
        assert_eq!(verdict(with(changes.clone())), expected, "{changes}");
    }
}

#[test]
fn the_access_token_hash_must_fit_when_there_is_one() {
    let hash = at_hash("at", Algorithm::ES256);
    let expected = Expected { access_token: Some("at"), ..expected() };
    assert!(verify(&signed(&with(json!({"at_hash": hash}))), Some(&keys("k1")), &expected, NOW).is_ok());
    let wrong = verify(&signed(&with(json!({"at_hash": "x"}))), Some(&keys("k1")), &expected, NOW);
    assert_eq!(wrong.unwrap_err(), IdTokenError::AccessTokenHash);
}

#[test]
fn a_step_up_is_verified_and_not_believed() {
    let strong = Expected { max_age: Some(0), acr_values: Some("mfa phr"), ..expected() };
    assert!(verify(&signed(&good()), Some(&keys("k1")), &strong, NOW).is_ok());
    for changes in [json!({"auth_time": NOW - 3600}), json!({"auth_time": null}), json!({"acr": "pwd"}), json!({"acr": null})] {
        let verdict = verify(&signed(&with(changes.clone())), Some(&keys("k1")), &strong, NOW);
        assert_eq!(verdict.unwrap_err(), IdTokenError::Authentication, "{changes}");
    }
}

#[test]
fn a_refresh_may_not_change_the_person() {
    let expected = Expected { subject: Some("s2"), nonce: None, ..expected() };
    assert_eq!(verify(&signed(&good()), Some(&keys("k1")), &expected, NOW).unwrap_err(), IdTokenError::Subject);
}

#[test]
fn signatures_are_checked_with_the_issuers_keys_alone() {
    let token = signed(&good());
    assert_eq!(verify(&token, Some(&keys("k2")), &expected(), NOW).unwrap_err(), IdTokenError::UnknownKey);
    let mut parts: Vec<&str> = token.split('.').collect();
    let forged = URL_SAFE_NO_PAD.encode(with(json!({"sub": "s2"})).to_string());
    parts[1] = &forged;
    assert_eq!(verify(&parts.join("."), Some(&keys("k1")), &expected(), NOW).unwrap_err(), IdTokenError::Signature);
}

#[test]
fn a_key_for_something_else_verifies_nothing() {
    let with = |change: fn(&mut Jwk)| {
        let mut keys = keys("k1");
        change(&mut keys.keys[0]);
        verify(&signed(&good()), Some(&keys), &expected(), NOW).map(|_| ())
    };
    assert_eq!(with(|key| key.common.public_key_use = Some(PublicKeyUse::Encryption)), Err(IdTokenError::UnknownKey));
    assert_eq!(
        with(|key| key.common.key_algorithm = Some(jsonwebtoken::jwk::KeyAlgorithm::RS256)),
        Err(IdTokenError::UnknownKey)
    );
    assert_eq!(with(|key| key.common.key_algorithm = Some(jsonwebtoken::jwk::KeyAlgorithm::ES256)), Ok(()));
}

#[test]
fn a_key_that_is_cut_short_is_no_key() {
    let keys: JwkSet = serde_json::from_str(r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AQEE","kid":"o1"}]}"#).unwrap();
    let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA","kid":"o1"}"#);
    let token = format!("{head}.{}.AAAA", URL_SAFE_NO_PAD.encode(good().to_string()));
    assert_eq!(verify(&token, Some(&keys), &expected(), NOW).unwrap_err(), IdTokenError::UnknownKey);
}

#[test]
fn weak_and_foreign_forms_are_refused() {
    let claims = URL_SAFE_NO_PAD.encode(good().to_string());
    let head = |json: &str| URL_SAFE_NO_PAD.encode(json);
    let hs256 = jsonwebtoken::encode(&Header::default(), &good(), &EncodingKey::from_secret(b"lanyard")).unwrap();
    let tokens = [
        format!("{}.{claims}.", head(r#"{"alg":"none"}"#)),
        hs256,
        format!("{}.{claims}.AAAA", head(r#"{"alg":"ES256","crit":["exp"]}"#)),
        format!("{}.{claims}.AAAA.AAAA.AAAA", head(r#"{"alg":"ES256"}"#)),
        "nonsense".to_owned(),
        String::new(),
    ];
    for token in tokens {
        assert_eq!(verify(&token, Some(&keys("k1")), &expected(), NOW).unwrap_err(), IdTokenError::Form, "{token}");
    }
    let named = ["RS256".to_owned()];
    let expected = Expected { algorithms: &named, ..expected() };
    assert_eq!(verify(&signed(&good()), Some(&keys("k1")), &expected, NOW).unwrap_err(), IdTokenError::Form);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_verification_panic_or_pass(text in "\\PC{0,200}") {
        proptest::prop_assert!(verify(&text, Some(&keys("k1")), &expected(), NOW).is_err());
    }
}
