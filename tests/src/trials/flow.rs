//! The road that everybody hopes for.

use serde_json::json;

use super::{CALLBACK, Employee, REFRESH_TOKEN, call, result, world};
use crate::keys::peek;
use crate::{Options, PASSWORD, STRONG, World};

#[tokio::test]
async fn one_sign_in_reaches_all_three_servers() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    for server in ["linear", "figma", "wiki"] {
        let token = ada.access(server, "read").await;
        let me = result(call(&world, server, Some(&token), "whoami", json!({})).await).await;
        assert_eq!(me["structuredContent"]["email"], "ada@acme.example", "{server}: {me}");
        assert_eq!(me["structuredContent"]["scope"], "read");
        assert_eq!(world.server(server).count("tools/call"), 1);
    }
    assert_eq!((world.idp.count("authorize"), world.idp.count("token_exchange")), (1, 3));
    assert_eq!((world.resource("linear").count("jwt_bearer"), world.resource("wiki").count("jwt_bearer")), (2, 1));
    let audit = world.idp.audit();
    let line = audit.iter().find(|event| event.kind == "token_exchange" && event.server == "figma").unwrap();
    assert_eq!((line.user.as_str(), line.client.as_str(), line.scopes.as_str()), ("ada", "lanyard", "read"));
}

#[tokio::test]
async fn the_same_over_tls() {
    let world = World::start(Options { tls: true, ..Options::default() }).await;
    let ada = Employee::sign_in(&world, "ada").await;
    let token = ada.access("wiki", "read").await;
    assert_eq!(call(&world, "wiki", Some(&token), "read", json!({})).await.status(), 200);
    assert!(world.policy_json()["ExtraCaFile"].is_string());
    assert!(reqwest::Client::builder().tls_certs_only([]).build().unwrap().get(world.idp.issuer()).send().await.is_err());
}

#[tokio::test]
async fn claims_say_what_lanyard_relies_on() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    let claims = peek(&ada.id_token).unwrap();
    assert_eq!(claims["iss"], world.idp.issuer());
    assert_eq!((&claims["aud"], &claims["azp"]), (&json!("lanyard"), &json!("lanyard")));
    assert_eq!((&claims["tid"], &claims["hd"]), (&json!("acme"), &json!("acme.example")));
    assert_eq!(claims["groups"], json!(["engineering", "everyone"]));
    assert_ne!(claims["sub"], "ada");
    for name in ["nonce", "at_hash", "sid", "auth_time", "acr", "amr", "email", "email_verified", "name"] {
        assert!(!claims[name].is_null(), "{name}");
    }
    let reply = ada.exchange("linear", Some("read write")).await;
    assert_eq!((reply.text("token_type"), reply.text("scope")), ("N_A".into(), "read write".into()));
    let assertion = reply.text("access_token");
    let claims = peek(&assertion).unwrap();
    assert_eq!(jsonwebtoken::decode_header(&assertion).unwrap().typ.as_deref(), Some("oauth-id-jag+jwt"));
    assert_eq!(claims["aud"], world.resource("linear").issuer());
    assert_eq!(claims["resource"], world.server("linear").url());
    assert_eq!(claims["client_id"], "lanyard-at-linear");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 300);
}

#[tokio::test]
async fn a_refresh_token_works_as_subject_and_is_not_spent_by_it() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    let reply = ada.exchange_with("linear", &ada.refresh_token, REFRESH_TOKEN, Some("read")).await;
    assert_eq!(reply.0, 200, "{reply:?}");
    assert_eq!(ada.refresh(&ada.refresh_token).await.0, 200);
}

#[tokio::test]
async fn refresh_rotates_and_reuse_kills_the_family() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    let second = ada.refresh(&ada.refresh_token).await;
    assert!(second.1["id_token"].is_string());
    let second = second.text("refresh_token");
    assert_ne!(second, ada.refresh_token);
    assert_eq!(ada.refresh(&ada.refresh_token).await.error(), "invalid_grant");
    assert_eq!(ada.refresh(&second).await.error(), "invalid_grant");
    assert_eq!(world.idp.count("refresh_reuse"), 1);
}

#[tokio::test]
async fn a_second_sign_in_is_silent_unless_more_is_asked() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    assert_eq!(world.idp.count("sign_in"), 1);
    assert_eq!(ada.again("nobody", "&prompt=none").await.0, 200);
    assert_eq!(world.idp.count("sign_in"), 1);
    assert_eq!(ada.again("ada", "&prompt=login").await.0, 200);
    assert_eq!(ada.again("ada", "&max_age=0").await.0, 200);
    assert_eq!(world.idp.count("sign_in"), 3);
    let strong = ada.again("ada", &format!("&acr_values={STRONG}")).await;
    assert_eq!(peek(&strong.text("id_token")).unwrap()["acr"], STRONG);
    assert_eq!(Employee { browser: world.browser(), ..ada }.again("ada", "&prompt=none").await.error(), "login_required");
}

#[tokio::test]
async fn step_up_opens_a_server_that_wants_it() {
    let world = world().await;
    world.idp.require_acr("wiki", Some(STRONG), Some(3600));
    let mut ada = Employee::sign_in(&world, "ada").await;
    let refused = ada.exchange("wiki", Some("read")).await;
    assert_eq!((refused.error(), refused.text("acr_values")), ("insufficient_user_authentication", STRONG.into()));
    assert_eq!(refused.1["max_age"], 3600);
    assert_eq!(ada.exchange("linear", Some("read")).await.0, 200);
    ada.id_token = ada.again("ada", &format!("&acr_values={STRONG}")).await.text("id_token");
    assert_eq!(ada.exchange("wiki", Some("read")).await.0, 200);
}

#[tokio::test]
async fn the_browser_follows_the_redirect_to_a_real_listener() {
    let world = world().await;
    let (port, agent) = super::agent().await;
    let ada = Employee::sign_in(&world, "ada").await;
    let url = ada.authorization_url("state=abc", "v").replace(CALLBACK, &format!("http://127.0.0.1:{port}/callback"));
    let landing = crate::browser::sign_in(&url, "ada", PASSWORD).await.unwrap();
    assert_eq!((landing.status, landing.page.as_str()), (200, "Done"));
    let request = agent.await.unwrap();
    assert!(request.starts_with("GET /callback?code=") && request.contains("state=abc&iss="), "{request}");
}

#[tokio::test]
async fn revocation_and_sign_out_end_things() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    let issuer = world.idp.issuer();
    let form = [("client_id", "lanyard"), ("token", ada.refresh_token.as_str())];
    let revoked = super::post(&world, &format!("{issuer}/revoke"), None, &form).await;
    assert_eq!(revoked.0, 200);
    assert_eq!(ada.refresh(&ada.refresh_token).await.error(), "invalid_grant");
    assert_eq!(ada.exchange("linear", Some("read")).await.0, 200, "the session itself lives on");
    let form = [("id_token_hint", ada.id_token.as_str()), ("post_logout_redirect_uri", CALLBACK), ("state", "s1")];
    let http = crate::world::http(None, false);
    let response = http.post(format!("{issuer}/logout")).form(&form).send().await.unwrap();
    assert_eq!(response.headers()["location"], format!("{CALLBACK}?state=s1"));
    let refused = ada.exchange("linear", Some("read")).await;
    assert_eq!(refused.error(), "invalid_grant");
    assert!(refused.text("error_description").contains("session was terminated"));
}
