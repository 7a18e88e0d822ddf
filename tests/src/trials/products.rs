//! What tells each profile apart.

use super::{Employee, ID_TOKEN, REFRESH_TOKEN, call, world_like};
use crate::keys::peek;
use serde_json::{Value, json};

#[tokio::test]
async fn okta_denies_with_invalid_target_and_throttles_with_invalid_grant() {
    let world = world_like("okta").await;
    let grace = Employee::sign_in(&world, "grace").await;
    let denied = grace.exchange("figma", Some("read")).await;
    assert_eq!(denied.error(), "invalid_target");
    assert!(denied.text("error_description").contains("user is not assigned"));
    assert_eq!(grace.exchange("linear", Some("read write")).await.error(), "invalid_scope");
    world.idp.behave(|profile| profile.burst = None);
    let assertion = grace.assertion("linear", "read").await;
    assert_eq!(grace.redeem("linear", &assertion, Some("read")).await.error(), "invalid_request");
    assert_eq!(grace.redeem("linear", &assertion, None).await.0, 200, "a refused scope does not spend the assertion");
    world.idp.behave(|profile| profile.burst = Some(0));
    let throttled = grace.exchange("linear", Some("read")).await;
    assert_eq!((throttled.0, throttled.error()), (429, "invalid_grant"));
    assert!(peek(&assertion).unwrap()["act"]["sub"].is_string());
}

#[tokio::test]
async fn auth0_has_slashes_and_takes_an_assertion_twice() {
    let world = world_like("auth0").await;
    assert!(world.idp.issuer().ends_with('/') && world.resource("linear").issuer().ends_with('/'));
    let ada = Employee::sign_in(&world, "ada").await;
    assert_eq!(jsonwebtoken::decode_header(&ada.id_token).unwrap().alg, jsonwebtoken::Algorithm::RS256);
    let assertion = ada.assertion("linear", "read").await;
    assert_eq!(ada.redeem("linear", &assertion, None).await.0, 200);
    assert_eq!(ada.redeem("linear", &assertion, None).await.0, 200);
}

#[tokio::test]
async fn cloudflare_is_opaque_and_slack_says_ok_false() {
    let world = world_like("cloudflare").await;
    let ada = Employee::sign_in(&world, "ada").await;
    let reply = ada.redeem("linear", "x.y.z", None).await;
    assert_eq!((reply.error(), reply.text("error_description")), ("invalid_grant", "Invalid assertion".into()));
    let world = world_like("slack").await;
    let ada = Employee::sign_in(&world, "ada").await;
    let reply = ada.redeem("linear", "x.y.z", None).await;
    assert_eq!((reply.0, &reply.1["ok"]), (200, &Value::Bool(false)));
}

#[tokio::test]
async fn keycloak_wants_confidential_clients_and_id_tokens() {
    let world = world_like("keycloak").await;
    let ada = Employee::sign_in(&world, "ada").await;
    assert_eq!(ada.exchange("linear", Some("read")).await.error(), "unauthorized_client");
    world.idp.behave(|profile| profile.confidential_only = false);
    let by_refresh = ada.exchange_with("linear", &ada.refresh_token, REFRESH_TOKEN, Some("read")).await;
    assert_eq!(by_refresh.error(), "invalid_request");
    let claims = peek(&ada.id_token).unwrap();
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 300);
    let assertion = ada.assertion("figma", "read").await;
    assert_eq!(ada.redeem("figma", &assertion, None).await.error(), "unauthorized_client");
    let place = format!("{}/.well-known/oauth-authorization-server", world.resource("linear").issuer());
    assert_eq!(reqwest::get(place).await.unwrap().status(), 404);
}

#[tokio::test]
async fn pingfederate_exchanges_refresh_tokens_that_stay() {
    let world = world_like("pingfederate").await;
    let ada = Employee::sign_in(&world, "ada").await;
    assert_eq!(ada.exchange_with("linear", &ada.id_token, ID_TOKEN, Some("read")).await.error(), "invalid_request");
    assert_eq!(ada.exchange_with("linear", &ada.refresh_token, REFRESH_TOKEN, Some("read")).await.0, 200);
    let reply = ada.refresh(&ada.refresh_token).await;
    assert!(reply.0 == 200 && reply.1["refresh_token"].is_null());
}

#[tokio::test]
async fn the_smaller_profiles_differ_in_one_thing() {
    let world = world_like("no-refresh-id-token").await;
    let ada = Employee::sign_in(&world, "ada").await;
    assert!(ada.refresh(&ada.refresh_token).await.1["id_token"].is_null());

    let world = world_like("exact-ports").await;
    let ada = Employee::sign_in(&world, "ada").await;
    let other = ada.authorization_url("state=s", "v").replace("8971", "8973");
    assert_eq!(world.browser().sign_in(&other, "ada", crate::PASSWORD).await.unwrap().status, 400);
    assert_eq!(world.policy_json()["RedirectPorts"], json!([8971, 8972]));

    let world = world_like("grant-401").await;
    let ada = Employee::sign_in(&world, "ada").await;
    let reply = ada.redeem("linear", "x.y.z", None).await;
    assert_eq!((reply.0, reply.error()), (401, "invalid_grant"));

    let world = world_like("posthog").await;
    let ada = Employee::sign_in(&world, "ada").await;
    let assertion = ada.assertion("figma", "read").await;
    assert_eq!(ada.redeem("figma", &assertion, None).await.text("token_type"), "bearer");

    let world = world_like("refresh-token-bonus").await;
    let ada = Employee::sign_in(&world, "ada").await;
    let assertion = ada.assertion("figma", "read").await;
    assert!(ada.redeem("figma", &assertion, None).await.1["refresh_token"].is_string());

    let world = world_like("short-id-token").await;
    let claims = peek(&Employee::sign_in(&world, "ada").await.id_token).unwrap();
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 300);
}

#[tokio::test]
async fn article_and_legacy_metadata_stand_where_the_articles_say() {
    let json = |place: String| async move { reqwest::get(place).await.unwrap().json::<Value>().await.unwrap() };
    let world = world_like("article").await;
    let issuer = world.resource("linear").issuer();
    let document = json(format!("{issuer}/.well-known/oauth-authorization-server")).await;
    let key = "io.modelcontextprotocol/enterprise-managed-authorization";
    assert_eq!(document[key]["supported_idp_issuers"], json!([world.idp.issuer()]));
    assert!(document["authorization_grant_profiles_supported"].is_null());
    let base = world.server("linear").url().replace("/mcp", "");
    let document = json(format!("{base}/.well-known/oauth-protected-resource/mcp")).await;
    assert_eq!((&document["resource_name"], &document["mcp_server_info"]["name"]), (&json!("Linear"), &json!("linear")));

    let world = world_like("legacy").await;
    let base = world.server("linear").url().replace("/mcp", "");
    assert_eq!(reqwest::get(format!("{base}/.well-known/oauth-protected-resource/mcp")).await.unwrap().status(), 404);
    assert_eq!(json(format!("{base}/.well-known/oauth-authorization-server")).await["issuer"], base);
    let header = call(&world, "linear", None, "read", json!({})).await.headers()["www-authenticate"].to_str().unwrap().to_owned();
    assert!(!header.contains("resource_metadata"), "{header}");
    assert_eq!(world.policy_json()["Servers"]["wiki"]["legacyDiscovery"], true);
}

#[tokio::test]
async fn metadata_advertises_the_standard_keys_in_every_place() {
    let world = super::world().await;
    let json = |place: String| async move { reqwest::get(place).await.unwrap().json::<Value>().await.unwrap() };
    let idp = json(format!("{}/.well-known/openid-configuration", world.idp.issuer())).await;
    assert_eq!(idp["identity_chaining_requested_token_types_supported"], json!([super::ID_JAG]));
    let issuer = world.resource("wiki").issuer();
    let base = issuer.strip_suffix("/tenants/acme").unwrap();
    for place in [
        format!("{base}/.well-known/oauth-authorization-server/tenants/acme"),
        format!("{base}/.well-known/openid-configuration/tenants/acme"),
        format!("{issuer}/.well-known/openid-configuration"),
    ] {
        let document = json(place).await;
        assert_eq!(document["issuer"], issuer);
        assert_eq!(document["authorization_grant_profiles_supported"], json!(["urn:ietf:params:oauth:grant-profile:id-jag"]));
    }
}
