use sandbox::{Desk, Options, World};
use serde_json::{Value, json};

use crate::tokens::call_tool;

/// Figma is marked interactive: its public client is registered there.
fn policy(world: &World) -> Value {
    let mut policy = world.policy_json();
    policy["Servers"]["figma"]["route"] = json!("interactive");
    policy
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_marked_interactive_is_signed_in_to_by_a_person_alone() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &policy(&world), "ada").await;
    let said = desk.say(&["token", "figma", "--json"]).await;
    let problem: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((said.code, problem["code"].as_str()), (5, Some("sign-in-required")), "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("lanyard login --server figma"), "{problem}");

    let login = sandbox::Login::begin_with(&desk, &["login", "--print-url", "--server", "figma"]).await;
    let landing = desk.browser().sign_in(&login.url, "ada", sandbox::PASSWORD).await.unwrap();
    assert!(landing.page.contains("<h1>Signed in</h1>"), "{}", landing.page);
    assert_eq!(login.end().await.code, 0);
    let said = desk.say(&["token", "figma"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(call_tool(&world.server("figma").url(), said.stdout.trim(), "whoami").await.0, 200);
    assert_eq!(world.idp.count("token_exchange"), 0);
    let status = desk.status().await;
    let budget =
        |id: &str| status["servers"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap()["mint_budget"].clone();
    assert_eq!((budget("figma"), budget("linear")), (json!(0), json!(250)), "only assertions count against a licence");
    assert_eq!(desk.say(&["logout"]).await.code, 0);
    assert_eq!(desk.say(&["token", "figma"]).await.code, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denied_server_never_falls_back_to_the_browser() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    world.idp.refuse("figma");
    assert_eq!(desk.say(&["token", "figma"]).await.code, 7);
    assert_eq!(world.resource("figma").count("authorize"), 0);
    let said = desk.say(&["login", "--print-url", "--server", "figma", "--json"]).await;
    assert_ne!(said.code, 0, "only where IT says so: {said:?}");
    assert_eq!(world.resource("figma").count("authorize"), 0);
}
