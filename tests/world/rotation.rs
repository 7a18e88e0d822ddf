use sandbox::{Desk, Fault, Leg, Options, Times, World};
use serde_json::{Value, json};

fn sealed(world: &World) -> Value {
    let mut policy = world.policy_json();
    policy["VaultFallback"] = json!("machine-key-file");
    policy
}

/// Restarts the agent and returns how the session comes back: still signed in, or cleanly out.
async fn comes_back(desk: &mut Desk) -> (String, String) {
    desk.unset("LANYARD_DEBUG_CRASH");
    desk.start_agent();
    let settled = |status: &Value| matches!(status["session"]["state"].as_str(), Some("active" | "signed-out"));
    let status = desk.until("settled after the restart", settled).await;
    let text = |name: &str| status["session"][name].as_str().unwrap_or_default().to_owned();
    (text("state"), text("reason"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_survives_a_restart() {
    let world = World::start(Options::default()).await;
    let mut desk = Desk::signed_in(&world, &sealed(&world), "ada").await;
    desk.kill_agent();
    assert_eq!(comes_back(&mut desk).await.0, "active");
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    assert_eq!((world.idp.count("sign_in"), world.idp.count("refresh_reuse")), (1, 0));
}

/// The process is really killed at each step of a rotation, against an IdP that detects reuse.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_at_any_step_of_a_rotation_leaves_a_session_or_a_clean_end() {
    for (point, expected) in [
        ("refresh-answered", "signed-out revoked"),
        ("vault-written", "signed-out revoked"),
        ("vault-flushed", "signed-out revoked"),
        ("vault-renamed", "active "),
        ("refresh-sealed", "active "),
    ] {
        let world = World::start(Options::default()).await;
        let mut desk = Desk::signed_in(&world, &sealed(&world), "ada").await;
        desk.kill_agent();
        desk.set("LANYARD_DEBUG_CRASH", point);
        desk.start_agent();
        let ended = desk.wait_agent().unwrap();
        assert!(!ended.success(), "{point}: the agent was to be killed");
        let (state, reason) = comes_back(&mut desk).await;
        assert_eq!(format!("{state} {reason}"), expected, "killed at {point}: {}", desk.agent_log());
        let token = desk.say(&["token", "linear"]).await;
        assert_eq!(token.code, if state == "active" { 0 } else { 5 }, "{point}");
        if state == "signed-out" {
            desk.sign_in("ada").await;
            assert_eq!(desk.say(&["token", "linear"]).await.code, 0, "{point}: signing in again works");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_word_of_the_identity_provider_ends_a_session() {
    let world = World::start(Options::default()).await;
    let faults: [(&str, Fault); 6] = [
        ("a 500", Fault::Status(500)),
        ("a captive portal", Fault::Html),
        ("a redirect", Fault::Redirect("https://portal.example/".into())),
        ("429 with invalid_grant", Fault::Throttled { retry_after: Some(1) }),
        ("no JSON", Fault::BadJson),
        ("invalid_client", Fault::Error { status: 401, code: "invalid_client".into(), description: "no".into() }),
    ];
    let mut desk = Desk::signed_in(&world, &sealed(&world), "ada").await;
    for (name, fault) in faults {
        desk.kill_agent();
        world.faults().clear();
        world.faults().set(Leg::IdpRefresh, fault, Times::Always);
        desk.start_agent();
        let status = desk.until(name, |status| status["session"]["fault"].is_object()).await;
        assert_eq!(status["session"]["state"], "waiting", "{name}: {status:#}");
        assert_eq!(status["vault"]["state"], "open", "{name}");
    }
    desk.kill_agent();
    world.faults().clear();
    assert_eq!(comes_back(&mut desk).await.0, "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_is_away_is_no_sign_out() {
    let world = World::start(Options::default()).await;
    let mut desk = Desk::signed_in(&world, &sealed(&world), "ada").await;
    desk.kill_agent();
    world.plug("idp", false);
    desk.start_agent();
    let status =
        desk.until("waiting", |status| status["session"]["state"] == "waiting" && status["session"]["fault"].is_object()).await;
    assert_eq!(status["session"]["fault"]["code"], "idp-unreachable");
    let said = desk.say(&["token", "linear"]).await;
    assert_eq!(said.code, 4, "{said:?}");
    world.plug("idp", true);
    desk.until("active again", |status| status["session"]["state"] == "active").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_vault_is_set_aside_and_never_overwritten() {
    let world = World::start(Options::default()).await;
    let mut desk = Desk::signed_in(&world, &sealed(&world), "ada").await;
    desk.kill_agent();
    let vault = desk.path("data/lanyard/vault");
    let mut bytes = std::fs::read(&vault).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&vault, &bytes).unwrap();
    assert_eq!(comes_back(&mut desk).await, ("signed-out".to_owned(), "vault-damaged".to_owned()));
    let aside = std::fs::read_dir(desk.path("data/lanyard")).unwrap().map(|entry| entry.unwrap().path());
    let aside = aside.into_iter().find(|path| path.display().to_string().contains("vault.damaged-")).unwrap();
    assert_eq!(std::fs::read(aside).unwrap(), bytes);
    desk.sign_in("ada").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_takes_nothing_loses_no_session() {
    let world = World::start(Options::default()).await;
    let mut policy = sealed(&world);
    policy["SessionCheckSeconds"] = json!(5);
    let desk = Desk::signed_in(&world, &policy, "ada").await;
    // A folder where the new file belongs: every write fails, as on a full disk.
    std::fs::create_dir(desk.path("data/lanyard/vault.new")).unwrap();
    let before = world.idp.granted("refresh");
    let began = std::time::Instant::now();
    while world.idp.granted("refresh") < before + 2 {
        assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
        assert!(began.elapsed().as_secs() < 30, "no renewal came");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let status = desk.until("warned about the vault", |status| status["session"]["fault"]["code"] == "vault-unavailable").await;
    assert!(matches!(status["session"]["state"].as_str(), Some("active" | "renewing")), "{status:#}");
    assert_eq!(world.idp.count("refresh_reuse"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_that_the_identity_provider_rotated_are_fetched_anew() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    assert_eq!(desk.say(&["logout"]).await.code, 0);
    let fetched = world.idp.count("jwks");
    world.idp.rotate_keys();
    world.idp.forget_old_keys();
    desk.sign_in("ada").await;
    assert_eq!(world.idp.count("jwks"), fetched + 1);
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
}

/// A session that is parked for minutes is tried again at once when the network changes. Adding an address needs root.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_change_tries_again_at_once() {
    let ip = |arguments: &[&str]| {
        std::process::Command::new("ip").args(arguments).output().is_ok_and(|output| output.status.success())
    };
    let address = "127.77.0.1/32";
    if !ip(&["address", "add", address, "dev", "lo"]) {
        sandbox::desk::skipped("changing the network needs root and iproute2");
        return;
    }
    ip(&["address", "del", address, "dev", "lo"]);
    let world = World::start(Options::default()).await;
    let mut desk = Desk::signed_in(&world, &sealed(&world), "ada").await;
    desk.kill_agent();
    world.faults().set(Leg::IdpRefresh, Fault::BadJson, Times::Always);
    desk.start_agent();
    desk.until("parked", |status| status["session"]["state"] == "waiting" && status["session"]["fault"].is_object()).await;
    world.faults().clear();
    ip(&["address", "add", address, "dev", "lo"]);
    desk.until("active at once", |status| status["session"]["state"] == "active").await;
    ip(&["address", "del", address, "dev", "lo"]);
}
