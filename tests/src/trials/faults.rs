//! Faults strike where and as often as they were armed.

use std::time::{Duration, Instant};

use super::{Employee, call, world};
use crate::keys::peek;
use crate::{Fault, Leg, Times};
use serde_json::{Value, json};

#[tokio::test]
async fn wire_faults_look_like_the_real_thing_and_pass() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    let place = format!("{}/.well-known/openid-configuration", world.idp.issuer());
    let arm = |fault| world.faults().set(Leg::IdpMetadata, fault, Times::Once);
    arm(Fault::Status(503));
    assert_eq!(reqwest::get(&place).await.unwrap().status(), 503);
    arm(Fault::Html);
    assert!(reqwest::get(&place).await.unwrap().text().await.unwrap().contains("Airport"));
    arm(Fault::BadJson);
    assert!(reqwest::get(&place).await.unwrap().json::<Value>().await.is_err());
    arm(Fault::Cut);
    assert!(reqwest::get(&place).await.unwrap().bytes().await.is_err());
    arm(Fault::HugeBody);
    assert!(reqwest::get(&place).await.unwrap().bytes().await.unwrap().len() > 1 << 26);
    arm(Fault::Slow(Duration::from_millis(300)));
    let start = Instant::now();
    assert_eq!(reqwest::get(&place).await.unwrap().status(), 200);
    assert!(start.elapsed() >= Duration::from_millis(300));
    arm(Fault::ClockOff(10));
    let date = reqwest::get(&place).await.unwrap().headers()["date"].to_str().unwrap().to_owned();
    let normal = reqwest::get(&place).await.unwrap().headers()["date"].to_str().unwrap().to_owned();
    assert_ne!(date[..22], normal[..22], "{date} {normal}");
    world.faults().set(Leg::IdpToken, Fault::Throttled { retry_after: Some(7) }, Times::N(2));
    for _ in 0..2 {
        assert_eq!(ada.exchange("linear", None).await.0, 429);
    }
    assert_eq!(ada.exchange("linear", None).await.0, 200);
    assert_eq!(world.idp.count("token_exchange"), 3);
    arm(Fault::Redirect("https://portal.example/".into()));
    world.faults().clear();
    assert!(world.faults().waiting().is_empty());
}

#[tokio::test]
async fn a_cut_refresh_has_rotated_nonetheless() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    world.faults().set(Leg::IdpRefresh, Fault::Cut, Times::Once);
    assert!(ada.refresh(&ada.refresh_token).await.1.is_null());
    assert_eq!(ada.refresh(&ada.refresh_token).await.error(), "invalid_grant");
    assert_eq!(world.idp.count("refresh_reuse"), 1);
}

#[tokio::test]
async fn spoiled_id_tokens_are_spoiled_in_one_way_each() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    let spoiled = async |fault: Fault| {
        world.faults().set(Leg::IdpCode, fault, Times::Once);
        ada.again("ada", "").await.1["id_token"].as_str().unwrap_or_default().to_owned()
    };
    let claim = |token: &str, name: &str| peek(token).unwrap()[name].clone();
    assert_eq!(claim(&spoiled(Fault::WrongIssuer).await, "iss"), "https://evil.example");
    assert_eq!(claim(&spoiled(Fault::WrongAudience).await, "aud"), "somebody-else");
    let two = spoiled(Fault::TwoAudiences).await;
    assert!(claim(&two, "aud").is_array() && claim(&two, "azp").is_null());
    assert!(claim(&spoiled(Fault::Expired).await, "exp").as_u64().unwrap() < jsonwebtoken::get_current_timestamp());
    assert!(spoiled(Fault::AlgNone).await.ends_with('.'));
    assert_eq!(spoiled(Fault::Jwe).await.split('.').count(), 5);
    assert_eq!(spoiled(Fault::NoIdToken).await, "");
    let header = |token: &str| jsonwebtoken::decode_header(token).unwrap();
    assert_eq!(header(&spoiled(Fault::Hs256).await).alg, jsonwebtoken::Algorithm::HS256);
    assert_ne!(header(&spoiled(Fault::UnknownKid).await).kid, header(&ada.id_token).kid);
    let good = world.idp.inner().keys.lock().published();
    assert!(crate::keys::verify(&spoiled(Fault::BadSignature).await, &good).is_none());
    assert!(crate::keys::verify(&spoiled(Fault::WrongNonce).await, &good).is_some());
}

#[tokio::test]
async fn spoiled_assertions_do_not_get_past_the_resource_as() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    ada.access("linear", "read").await;
    let faults = [
        Fault::WrongIssuer,
        Fault::Expired,
        Fault::Replayed,
        Fault::TwoAudiences,
        Fault::WrongAudience,
        Fault::WrongClient,
        Fault::WrongResource,
        Fault::LongLife,
        Fault::WrongType,
        Fault::Jwe,
        Fault::AlgNone,
        Fault::Hs256,
        Fault::UnknownKid,
        Fault::BadSignature,
        Fault::ClockOff(10),
        Fault::ClockOff(-10),
    ];
    for fault in faults {
        world.faults().set(Leg::IdpExchange, fault.clone(), Times::Once);
        let reply = ada.exchange("linear", Some("read")).await;
        let refused = ada.redeem("linear", &reply.text("access_token"), None).await;
        assert!(["invalid_grant", "invalid_target"].contains(&refused.error()), "{fault}: {refused:?}");
    }
    let arm = |fault| world.faults().set(Leg::AsToken("track"), fault, Times::Once);
    for (fault, name) in [(Fault::WrongTokenType, "token_type"), (Fault::Bonus, "refresh_token")] {
        arm(fault);
        let assertion = ada.assertion("linear", "read").await;
        let reply = ada.redeem("linear", &assertion, None).await;
        assert!(reply.text(name) != "Bearer");
    }
}

#[tokio::test]
async fn hostile_metadata_names_somebody_else() {
    let world = world().await;
    let json = |place: String| async move { reqwest::get(place).await.unwrap().json::<Value>().await.unwrap() };
    let place = || world.server("linear").url().replace("/mcp", "/.well-known/oauth-protected-resource/mcp");
    let arm = |fault| world.faults().set(Leg::Prm("linear"), fault, Times::Once);
    arm(Fault::WrongIssuer);
    assert_eq!(json(place()).await["authorization_servers"], json!([world.resource("wiki").issuer()]));
    arm(Fault::CrossOrigin);
    assert_eq!(json(place()).await["resource"], "https://evil.example/mcp");
    world.faults().set(Leg::AsMetadata("track"), Fault::WrongIssuer, Times::Once);
    let document = json(format!("{}/.well-known/oauth-authorization-server", world.resource("linear").issuer())).await;
    assert_eq!(document["issuer"], "https://evil.example");
}

#[tokio::test]
async fn a_server_can_refuse_good_tokens_and_want_more() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    let token = ada.access("linear", "read").await;
    let refused = async |fault: Fault| {
        world.faults().set(Leg::Mcp("linear"), fault, Times::Once);
        let response = call(&world, "linear", Some(&token), "read", json!({})).await;
        let header = response.headers().get("www-authenticate").map(|value| value.to_str().unwrap().to_owned());
        (response.status().as_u16(), header.unwrap_or_default())
    };
    assert!(matches!(refused(Fault::Unauthorized).await, (401, header) if header.contains("invalid_token")));
    assert!(matches!(refused(Fault::StepUp("phr".into())).await, (401, header) if header.contains("acr_values=\"phr\"")));
    assert!(matches!(refused(Fault::MoreScope("write".into())).await, (403, header) if header.contains("scope=\"write\"")));
    assert!(matches!(refused(Fault::ForeignMetadata).await, (401, header) if header.contains("evil.example")));
    assert_eq!(refused(Fault::Status(502)).await.0, 502);
    assert_eq!(call(&world, "linear", Some(&token), "read", json!({})).await.status(), 200);
}

#[tokio::test]
async fn a_pulled_plug_is_noticed_and_put_back() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    world.plug("idp", false);
    assert!(reqwest::get(world.idp.issuer()).await.is_err());
    world.plug("idp", true);
    assert_eq!(ada.refresh(&ada.refresh_token).await.0, 200);
}
