//! The administrator's page and API.

use serde_json::{Value, json};

use super::{Employee, world};

#[tokio::test]
async fn the_api_needs_the_key_the_host_and_no_foreign_origin() {
    let world = world().await;
    let http = crate::world::http(None, false);
    let api = format!("{}/admin/api", world.idp.issuer());
    let key = world.idp.admin_key();
    assert_eq!(http.get(&api).send().await.unwrap().status(), 403);
    assert_eq!(http.get(&api).header("x-sandbox-key", "guess").send().await.unwrap().status(), 403);
    let with_key = || http.get(&api).header("x-sandbox-key", &key);
    assert_eq!(with_key().header("origin", "https://evil.example").send().await.unwrap().status(), 403);
    assert_eq!(with_key().header("host", "rebound.example").send().await.unwrap().status(), 403);
    let state: Value = with_key().send().await.unwrap().json().await.unwrap();
    assert_eq!(state["users"].as_array().unwrap().len(), 3);
    assert_eq!(http.get(format!("{}/admin", world.idp.issuer())).send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn commands_take_effect_as_json_and_as_a_form() {
    let world = world().await;
    let ada = Employee::sign_in(&world, "ada").await;
    let http = crate::world::http(None, true);
    let page = http.get(world.idp.admin_url()).send().await.unwrap();
    assert_eq!(page.headers()["location"], "/admin");
    let admin = format!("{}/admin", world.idp.issuer());
    let page = http.get(&admin).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Ada Lovelace (ada)") && page.contains("Audit"), "{page}");
    assert!(!page.contains(&ada.refresh_token) && !page.contains(&ada.id_token));

    let done = http.post(&admin).form(&[("do", "set-groups"), ("user", "ada"), ("groups", "contractors")]).send().await.unwrap();
    assert_eq!(done.status(), 303);
    assert_eq!(ada.exchange("linear", Some("read")).await.error(), "access_denied");
    let command = async |command: Value| {
        let sent = http.post(format!("{admin}/api")).header("x-sandbox-key", world.idp.admin_key()).json(&command);
        sent.send().await.unwrap().status().as_u16()
    };
    assert_eq!(command(json!({"do": "set-fault", "leg": "idp-refresh", "fault": "status:503", "times": "always"})).await, 200);
    assert_eq!(ada.refresh(&ada.refresh_token).await.0, 503);
    assert_eq!(command(json!({"do": "clear-faults"})).await, 200);
    assert_eq!(command(json!({"do": "rotate-keys"})).await, 200);
    assert_eq!(command(json!({"do": "disable", "user": "ada"})).await, 200);
    assert_eq!(ada.refresh(&ada.refresh_token).await.error(), "invalid_grant");
    assert_eq!(command(json!({"do": "disable", "user": "nobody"})).await, 400);
    assert_eq!(command(json!({"do": "explode"})).await, 400);
}
