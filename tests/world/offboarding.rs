use sandbox::{Desk, Options, World};
use serde_json::{Value, json};

/// A policy whose session checks come every five seconds.
fn quick(world: &World) -> Value {
    let mut policy = world.policy_json();
    policy["SessionCheckSeconds"] = json!(5);
    policy
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disabled_user_loses_cached_tokens_and_every_door_says_why() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &quick(&world), "ada").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    world.idp.disable("ada");
    // Tokens are in use: each of these calls keeps the session's checks going.
    let began = std::time::Instant::now();
    let refused = loop {
        let said = desk.say(&["token", "linear", "--json"]).await;
        if said.code != 0 {
            break said;
        }
        assert!(began.elapsed().as_secs() < 20, "a disabled user was served for too long");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    };
    let problem: Value = serde_json::from_str(&refused.stdout).unwrap();
    assert_eq!((refused.code, problem["code"].as_str()), (5, Some("sign-in-required")));
    assert!(problem["detail"].as_str().unwrap().contains("disabled"), "{problem}");
    let status = desk.status().await;
    assert_eq!(
        (status["session"]["state"].as_str(), status["session"]["reason"].as_str()),
        (Some("signed-out"), Some("revoked"))
    );
    assert!(status["session"]["account"].is_null() && status["servers"][0]["expires_at"].is_null(), "{status:#}");
    let audit = std::fs::read_to_string(desk.path("state/lanyard/audit.jsonl")).unwrap();
    assert!(audit.contains("session-ended"), "{audit}");
    assert_eq!(world.idp.count("sign_in"), 1, "no browser was opened for it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_wipes_and_revokes() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    policy["VaultFallback"] = json!("machine-key-file");
    let desk = Desk::signed_in(&world, &policy, "ada").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    assert!(desk.path("data/lanyard/vault").exists() && desk.path("data/lanyard/vault.key").exists());
    assert_eq!(desk.say(&["logout"]).await.code, 0);
    assert_eq!(desk.say(&["token", "linear"]).await.code, 5);
    assert!(!desk.path("data/lanyard/vault").exists() && !desk.path("data/lanyard/vault.key").exists());
    assert_eq!(world.idp.granted("revoke"), 1);
    let status = desk.status().await;
    assert_eq!((status["session"]["reason"].as_str(), status["vault"]["state"].as_str()), (Some("user"), Some("absent")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_person_signing_in_wipes_what_the_first_had() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let of_ada = desk.say(&["token", "linear"]).await.stdout;
    assert_eq!(desk.say(&["logout"]).await.code, 0);
    let login = sandbox::Login::begin(&desk).await;
    world.browser().sign_in(&login.url, "grace", sandbox::PASSWORD).await.unwrap();
    assert_eq!(login.end().await.code, 0);
    let of_grace = desk.say(&["token", "linear"]).await;
    assert_eq!(of_grace.code, 0);
    assert_ne!(of_ada, of_grace.stdout);
}
