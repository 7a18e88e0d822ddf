//! What the IdP, the resource ASs and the servers must not let through.

use serde_json::json;

use super::{EXCHANGE, Employee, ID_JAG, ID_TOKEN, call, client_assertion, forged, post, world};
use crate::keys::{digest, peek, random};
use crate::{AssertionAudience, PASSWORD, SECRET};

#[tokio::test]
async fn a_disabled_user_is_refused_at_refresh_exchange_and_sign_in() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    world.idp.disable("ada");
    assert_eq!(ada.refresh(&ada.refresh_token).await.error(), "invalid_grant");
    let refused = ada.exchange("linear", Some("read")).await;
    assert_eq!(
        (refused.error(), refused.text("error_description")),
        ("invalid_request", "The user account is not active.".into())
    );
    let page = world.browser().sign_in(&ada.authorization_url("state=s", "v"), "ada", PASSWORD).await.unwrap();
    assert!(page.page.contains("disabled"), "{}", page.page);
    world.idp.enable("ada");
    assert_eq!(ada.refresh(&ada.refresh_token).await.0, 200);
}

#[tokio::test]
async fn ended_sessions_and_changed_groups_bite_at_the_next_exchange() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    world.idp.set_groups("ada", ["contractors"]);
    assert_eq!(ada.exchange("linear", Some("read")).await.error(), "access_denied");
    assert_eq!(ada.exchange("figma", Some("read write")).await.text("scope"), "read");
    assert_eq!(ada.exchange("figma", Some("write")).await.error(), "access_denied");
    world.idp.end_sessions("ada");
    assert!(ada.exchange("figma", Some("read")).await.text("error_description").contains("terminated"));
    assert_eq!(ada.refresh(&ada.refresh_token).await.error(), "invalid_grant");
}

#[tokio::test]
async fn exchange_insists_on_its_parameters() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    let (audience, resource) = (world.resource("linear").issuer(), world.server("linear").url());
    let slash = format!("{audience}/");
    let good = [
        ("client_id", "lanyard"),
        ("grant_type", EXCHANGE),
        ("requested_token_type", ID_JAG),
        ("subject_token", &ada.id_token),
        ("subject_token_type", ID_TOKEN),
        ("audience", &audience),
        ("resource", &resource),
    ];
    assert_eq!(ada.token(&good).await.0, 200);
    let table = [
        ("audience", "", "invalid_request"),
        ("audience", slash.as_str(), "invalid_target"),
        ("resource", "", "invalid_request"),
        ("resource", "https://evil.example/mcp", "invalid_target"),
        ("requested_token_type", "urn:ietf:params:oauth:token-type:id_jag", "invalid_request"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token", "invalid_request"),
        ("subject_token", "e30.e30.e30", "invalid_request"),
        ("client_id", "lanyard-basic", "invalid_client"),
        ("client_id", "nobody", "invalid_client"),
    ];
    for (name, value, code) in table {
        let form = good.map(|(key, old)| (key, if key == name { value } else { old }));
        assert_eq!(ada.token(&form).await.error(), code, "{name}={value}");
    }
    let mut twice = good.to_vec();
    twice.push(("audience", "https://second.example"));
    assert_eq!(ada.token(&twice).await.error(), "invalid_request");
}

#[tokio::test]
async fn an_assertion_is_good_once_for_its_own_client_and_resource() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    let assertion = ada.assertion("linear", "read").await;
    assert_eq!(ada.redeem("figma", &assertion, None).await.error(), "invalid_grant", "another client");
    assert_eq!(ada.redeem("linear", &assertion, None).await.0, 200);
    let again = ada.redeem("linear", &assertion, None).await;
    assert_eq!(again.error(), "invalid_grant");
    assert!(again.text("error_description").contains("already used"));
    assert_eq!(ada.redeem("wiki", &ada.assertion("linear", "read").await, None).await.error(), "invalid_grant", "another AS");
    let claims = peek(&ada.assertion("linear", "read").await).unwrap();
    assert_eq!(ada.redeem("linear", &forged(&claims), None).await.error(), "invalid_grant", "another signer");
    let wrong_type = world.idp.inner().keys.lock().current().sign("JWT", &claims, None);
    assert!(ada.redeem("linear", &wrong_type, None).await.text("error_description").contains("typ"));
}

#[tokio::test]
async fn a_resource_as_wants_the_registered_client_authentication() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    let endpoint = format!("{}/token", world.resource("linear").issuer());
    let assertion = ada.assertion("linear", "read").await;
    let form = [("grant_type", super::JWT_BEARER), ("assertion", assertion.as_str()), ("client_id", "lanyard-at-linear")];
    assert_eq!(post(&world, &endpoint, None, &form).await.0, 401);
    let wrong = Some(("lanyard-at-linear", "guess"));
    assert_eq!(post(&world, &endpoint, wrong, &form[..2]).await.error(), "invalid_client");
    let issuer = world.resource("wiki").issuer();
    let proof = client_assertion(&world, "lanyard-at-wiki", "https://elsewhere.example");
    let assertion = ada.assertion("wiki", "read").await;
    let form = [
        ("grant_type", super::JWT_BEARER),
        ("assertion", &assertion),
        ("client_assertion_type", super::PROOF),
        ("client_assertion", &proof),
    ];
    assert_eq!(post(&world, &format!("{issuer}/token"), None, &form).await.error(), "invalid_client");
    let proof = client_assertion(&world, "lanyard-at-wiki", &issuer);
    let form = form.map(|(name, value)| (name, if name == "client_assertion" { proof.as_str() } else { value }));
    assert_eq!(post(&world, &format!("{issuer}/token"), None, &form).await.0, 200);
    assert_eq!(post(&world, &format!("{issuer}/token"), None, &form).await.error(), "invalid_client", "the same proof again");
}

#[tokio::test]
async fn servers_check_token_resource_scope_and_group() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    let bare = call(&world, "linear", None, "read", json!({})).await;
    let header = bare.headers()["www-authenticate"].to_str().unwrap().to_owned();
    assert_eq!(bare.status(), 401);
    assert!(header.contains("/.well-known/oauth-protected-resource/mcp\"") && header.contains("scope=\"read\""), "{header}");
    let token = ada.access("linear", "read").await;
    assert_eq!(call(&world, "figma", Some(&token), "read", json!({})).await.status(), 401, "the neighbour's token");
    let short = call(&world, "linear", Some(&token), "write", json!({"text": "x"})).await;
    assert_eq!(short.status(), 403);
    let header = short.headers()["www-authenticate"].to_str().unwrap();
    assert!(header.contains("insufficient_scope") && header.contains("scope=\"write\""), "{header}");
    let more = ada.access("linear", "read write").await;
    assert_eq!(super::result(call(&world, "linear", Some(&more), "write", json!({"text": "x"})).await).await["isError"], false);
    assert_eq!(super::result(call(&world, "linear", Some(&more), "administer", json!({})).await).await["isError"], false);
    world.resource("linear").revoke_all_tokens();
    assert_eq!(call(&world, "linear", Some(&more), "read", json!({})).await.status(), 401);

    world.idp.set_access("finance", "linear", ["read", "write"]);
    let grace = Employee::sign_in(&world, "grace").await;
    let token = grace.access("linear", "read write").await;
    assert_eq!(super::result(call(&world, "linear", Some(&token), "administer", json!({})).await).await["isError"], true);
}

#[tokio::test]
async fn a_stranger_and_a_low_ceiling_are_refused_by_the_resource_as() {
    let world = world().await;
    let linus = Employee::sign_in(&world, "linus").await;
    world.idp.set_access("contractors", "figma", ["read", "write"]);
    let assertion = linus.assertion("figma", "read write").await;
    assert_eq!(linus.redeem("figma", &assertion, None).await.text("scope"), "read");
    world.resource("figma").forget("linus");
    let assertion = linus.assertion("figma", "read").await;
    assert!(linus.redeem("figma", &assertion, None).await.text("error_description").contains("not found"));
}

#[tokio::test]
async fn rotated_keys_reach_the_resource_as_by_a_refetch() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    ada.access("linear", "read").await;
    ada.access("linear", "read").await;
    assert_eq!(world.resource("linear").count("jwks_fetch"), 1);
    world.idp.rotate_keys();
    ada.access("linear", "read").await;
    assert_eq!(world.resource("linear").count("jwks_fetch"), 2);
    world.idp.forget_old_keys();
    assert_eq!(ada.exchange("linear", Some("read")).await.error(), "invalid_request", "signed by a forgotten key");
}

#[tokio::test]
async fn redirects_and_pkce_are_exact() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    let good = ada.authorization_url("state=s", "v");
    for bad in [
        "https://evil.example/callback",
        "http://127.0.0.1:80@evil.example/callback",
        "http://127.0.0.1:8971/other",
        "http://10.0.0.1:8971/callback",
    ] {
        let page = world.browser().sign_in(&good.replace(super::CALLBACK, bad), "ada", PASSWORD).await.unwrap();
        assert_eq!(page.status, 400, "{bad}");
    }
    let plain = good.replace("S256", "plain");
    assert!(ada.browser.sign_in_for_paste(&plain, "ada", PASSWORD).await.unwrap().contains("error=invalid_request"));
    let landed = ada.browser.sign_in_for_paste(&good, "ada", PASSWORD).await.unwrap();
    let code = landed.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let form = |verifier| {
        [
            ("client_id", "lanyard"),
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", super::CALLBACK),
            ("code_verifier", verifier),
        ]
    };
    assert_ne!(digest("v"), digest("w"));
    assert_eq!(ada.token(&form("w")).await.error(), "invalid_grant");
    assert_eq!(ada.token(&form("v")).await.error(), "invalid_grant", "a code is spent by a failure too");
}

#[tokio::test]
async fn a_cancelled_sign_in_says_access_denied() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    let (port, agent) = super::agent().await;
    let here = format!("http://127.0.0.1:{port}/callback");
    let url = ada.authorization_url("state=s", "v").replace(super::CALLBACK, &here);
    assert_eq!(world.browser().cancel(&url).await.unwrap().status, 200);
    let request = agent.await.unwrap();
    assert!(request.contains("error=access_denied") && request.contains("state=s&iss="), "{request}");
    let wrong = world.browser().sign_in(&ada.authorization_url("state=s", "v"), "ada", "wrong").await.unwrap();
    assert!(wrong.page.contains("password is wrong"));
}

#[tokio::test]
async fn the_idp_takes_each_client_by_its_registered_method_only() {
    let world = world().await;
    let endpoint = format!("{}/token", world.idp.issuer());
    let key = jsonwebtoken::EncodingKey::from_ec_pem(world.idp.client_key_pem().as_bytes()).unwrap();
    let proof = |audience: &str| {
        let now = jsonwebtoken::get_current_timestamp();
        let claims = json!({"iss": "lanyard-jwt", "sub": "lanyard-jwt", "aud": audience, "exp": now + 60, "jti": random(9)});
        jsonwebtoken::encode(&jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256), &claims, &key).unwrap()
    };
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", "unknown")];
    let authenticated = async |basic: Option<(&str, &str)>, more: &[(&str, &str)]| {
        let form: Vec<_> = refresh.iter().chain(more).copied().collect();
        post(&world, &endpoint, basic, &form).await.error() == "invalid_grant"
    };
    assert!(authenticated(Some(("lanyard-basic", SECRET)), &[]).await);
    assert!(!authenticated(Some(("lanyard-post", SECRET)), &[]).await);
    assert!(authenticated(None, &[("client_id", "lanyard-post"), ("client_secret", SECRET)]).await);
    assert!(!authenticated(None, &[("client_id", "lanyard-post"), ("client_secret", "guess")]).await);
    assert!(!authenticated(None, &[("client_id", "lanyard-basic"), ("client_secret", SECRET)]).await);
    assert!(!authenticated(Some(("lanyard-basic", SECRET)), &[("client_secret", SECRET)]).await);
    let by_key = async |audience: &str| {
        let proof = proof(audience);
        authenticated(None, &[("client_assertion_type", super::PROOF), ("client_assertion", &proof)]).await
    };
    assert!(by_key(&world.idp.issuer()).await && by_key(&endpoint).await);
    world.idp.behave(|profile| profile.assertion_audience = AssertionAudience::TokenEndpoint);
    assert!(!by_key(&world.idp.issuer()).await && by_key(&endpoint).await);
    world.idp.behave(|profile| profile.assertion_audience = AssertionAudience::Issuer);
    assert!(by_key(&world.idp.issuer()).await && !by_key(&endpoint).await);
}
