//! The ordinary code flow at a resource AS, with a registered client and with a metadata document.

use serde_json::json;

use super::{CALLBACK, Employee, PROOF, call, client_assertion, post, world};
use crate::PASSWORD;
use crate::keys::{digest, random};

#[tokio::test]
async fn a_registered_client_gets_a_token_through_the_browser() {
    let world = world().await;
    let (issuer, resource, verifier) = (world.resource("figma").issuer(), world.server("figma").url(), random(32));
    let url = format!(
        "{issuer}/authorize?response_type=code&client_id=lanyard-at-figma&redirect_uri={CALLBACK}&state=s1&scope=read\
         &code_challenge={}&code_challenge_method=S256&resource={resource}",
        digest(&verifier)
    );
    let landed = world.browser().sign_in_for_paste(&url, "grace", PASSWORD).await.unwrap();
    let landed = url::Url::parse(&landed).unwrap();
    let value = |name: &str| landed.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    assert_eq!((value("state"), value("iss")), ("s1".into(), issuer.clone()));
    let code = value("code");
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "lanyard-at-figma"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", &verifier),
        ("resource", &resource),
    ];
    let token = post(&world, &format!("{issuer}/token"), None, &form).await.text("access_token");
    assert_eq!(call(&world, "figma", Some(&token), "read", json!({})).await.status(), 200);
    assert_eq!(post(&world, &format!("{issuer}/token"), None, &form).await.error(), "invalid_grant");
    assert_eq!(world.idp.count("authorize"), 0);
}

#[tokio::test]
async fn a_metadata_document_is_a_client_at_both_flows() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    let id = world.cimd_client_id().to_owned();
    world.idp.set_resource_client("wiki", &id);
    let assertion = ada.assertion("wiki", "read").await;
    let issuer = world.resource("wiki").issuer();
    let proof = client_assertion(&world, &id, &issuer);
    let form = [
        ("grant_type", super::JWT_BEARER),
        ("assertion", assertion.as_str()),
        ("client_id", id.as_str()),
        ("client_assertion_type", PROOF),
        ("client_assertion", proof.as_str()),
    ];
    let reply = post(&world, &format!("{issuer}/token"), None, &form).await;
    assert_eq!(reply.0, 200, "{reply:?}");
    let url = format!(
        "{issuer}/authorize?response_type=code&client_id={id}&redirect_uri={CALLBACK}&code_challenge={}\
         &code_challenge_method=S256&resource={}",
        digest("v"),
        world.server("wiki").url()
    );
    assert!(world.browser().sign_in_for_paste(&url, "ada", PASSWORD).await.unwrap().contains("code="));
    let unknown = [("grant_type", super::JWT_BEARER), ("assertion", "x"), ("client_id", "http://127.0.0.1:9/nobody.json")];
    assert_eq!(post(&world, &format!("{issuer}/token"), None, &unknown).await.error(), "invalid_client");
}
