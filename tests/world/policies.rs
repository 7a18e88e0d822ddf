use sandbox::{Desk, Options, World};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_server_loses_its_tokens_at_once_and_a_title_changes_nothing_else() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    let desk = Desk::signed_in(&world, &policy, "ada").await;
    let kept = desk.say(&["token", "wiki"]).await.stdout;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    let exchanges = world.idp.count("token_exchange");

    policy["Servers"]["wiki"]["title"] = json!("Another name");
    policy["Servers"].as_object_mut().unwrap().remove("linear");
    desk.write_policy(&policy);
    let gone = |status: &Value| status["servers"].as_array().unwrap().iter().all(|server| server["id"] != "linear");
    let status = desk.until("without linear", gone).await;
    assert!(status["servers"].as_array().unwrap().iter().any(|server| server["title"] == "Another name"));
    assert_eq!(desk.say(&["token", "linear"]).await.code, 7);
    assert_eq!(desk.say(&["token", "wiki"]).await.stdout, kept);
    assert_eq!((world.idp.count("token_exchange"), world.idp.count("sign_in")), (exchanges, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_issuer_ends_the_session_with_that_reason() {
    let (world, other) = tokio::join!(World::start(Options::default()), World::start(Options::default()));
    let mut policy = world.policy_json();
    policy["VaultFallback"] = json!("machine-key-file");
    let desk = Desk::signed_in(&world, &policy, "ada").await;
    policy["Issuer"] = other.policy_json()["Issuer"].clone();
    desk.write_policy(&policy);
    let ended = |status: &Value| status["session"]["reason"] == "policy";
    let status = desk.until("signed out by policy", ended).await;
    assert_eq!(status["session"]["state"], "signed-out");
    assert!(!desk.path("data/lanyard/vault").exists());
    let said = desk.say(&["token", "wiki", "--json"]).await;
    assert!(said.code == 5 && said.stdout.contains("another identity provider"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_policy_file_keeps_what_was_good_and_says_so() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    std::fs::write(desk.policy_file(), b"{ \"Issuer\": ").unwrap();
    let status = desk.until("faulty", |status| !status["policy"]["faults"].as_array().unwrap().is_empty()).await;
    assert_eq!(status["session"]["state"], "active", "{status:#}");
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    desk.write_policy(&world.policy_json());
    desk.until("mended", |status| status["policy"]["faults"].as_array().unwrap().is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_faulty_identity_closes_every_door_and_mending_it_opens_them() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    let good = policy.clone();
    policy["Issuer"] = json!("not an address");
    let desk = Desk::start(&world, &policy);
    let said = desk.say(&["token", "linear", "--json"]).await;
    assert!(said.code == 3 && said.stdout.contains("policy-fault"), "{said:?}");
    assert_eq!(desk.say(&["status"]).await.code, 3);
    desk.write_policy(&good);
    desk.until("signed out", |status| status["session"]["state"] == "signed-out").await;
    desk.sign_in("ada").await;
}

/// Makes a policy the machine's in one step, as configuration tools do.
fn deploy(desk: &Desk, policy: &Value) {
    let [new, file] = ["policy.new", "policy.json"].map(|name| desk.path("root/etc/lanyard").join(name));
    std::fs::write(&new, policy.to_string()).unwrap();
    std::fs::rename(new, file).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_policy_refuses_a_file_and_takes_over_when_it_appears() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    assert_eq!(desk.status().await["policy"]["managed"], false);
    deploy(&desk, &world.policy_json());
    let status = desk.until("managed", |status| status["policy"]["managed"] == true).await;
    assert_eq!(
        (status["session"]["state"].as_str(), status["session"]["reason"].as_str()),
        (Some("signed-out"), Some("policy")),
        "{status:#}"
    );
    let second = Desk::new(&world, &world.policy_json());
    deploy(&second, &world.policy_json());
    let file = second.policy_file().display().to_string();
    let said = second.say(&["run", "--policy", &file]).await;
    assert_eq!(said.code, 3, "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn policy_check_judges_content_and_counts_unknown_names() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    let desk = Desk::new(&world, &policy);
    let file = desk.policy_file().display().to_string();
    let said = desk.say(&["policy", "check", &file]).await;
    assert_eq!(said.code, 0, "{said:?}");
    policy["Isuer"] = json!("https://idp.example");
    policy["Servers"]["wiki"]["scope"] = json!(["read"]);
    desk.write_policy(&policy);
    let said = desk.say(&["policy", "check", &file]).await;
    let all = format!("{}{}", said.stdout, said.stderr);
    assert!(said.code == 3 && all.contains("Issuer") && all.contains("scopes"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ca_file_that_cannot_be_used_is_a_clear_fault_and_one_that_can_is_trusted() {
    let world = World::start(Options { tls: true, ..Options::default() }).await;
    let mut policy = world.policy_json();
    let good = world.ca_file().unwrap();
    policy["ExtraCaFile"] = json!("/nonexistent/ca.pem");
    let desk = Desk::start(&world, &policy);
    let status = desk.status().await;
    assert!(status["warnings"].to_string().contains("ExtraCaFile"), "{status:#}");
    policy["ExtraCaFile"] = json!(good);
    desk.write_policy(&policy);
    desk.until("trusting", |status| !status["warnings"].to_string().contains("ExtraCaFile")).await;
    desk.sign_in("ada").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_policy_stops_admitting_is_signed_out_with_that_reason() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    policy["AllowedAccounts"] = json!(["group:engineering", "group:finance"]);
    let desk = Desk::signed_in(&world, &policy, "ada").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    policy["AllowedAccounts"] = json!(["group:finance"]);
    desk.write_policy(&policy);
    let status = desk.until("signed out", |status| status["session"]["state"] == "signed-out").await;
    assert_eq!(status["session"]["reason"], "account", "{status:#}");
    let said = desk.say(&["token", "linear", "--json"]).await;
    assert!(said.code == 7 && said.stdout.contains("account-not-allowed"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn status_warns_of_development_settings_and_of_a_licence_that_runs_out() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    policy["MonthlyMintBudget"] = json!(1);
    let mut desk = Desk::signed_in(&world, &policy, "ada").await;
    assert!(desk.status().await["warnings"].to_string().contains("AllowInsecureLoopback"));
    assert_eq!(desk.say(&["token", "wiki"]).await.code, 0);
    let spent = |status: &Value| status["warnings"].to_string().contains("used 1 of 1");
    desk.until("warned", spent).await;
    desk.stop_agent();
    desk.start_agent();
    desk.until("warned after a restart too", spent).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loopback_is_never_proxied() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    policy["ProxyMode"] = json!("fixed");
    policy["ProxyUrl"] = json!("http://127.0.0.1:9");
    let desk = Desk::signed_in(&world, &policy, "ada").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_was_closed_between_two_issuers_keeps_nothing_of_the_first() {
    let (world, other) = tokio::join!(World::start(Options::default()), World::start(Options::default()));
    let mut policy = world.policy_json();
    policy["VaultFallback"] = json!("machine-key-file");
    let desk = Desk::signed_in(&world, &policy, "ada").await;
    let issuer = std::mem::replace(&mut policy["Issuer"], json!("not an address"));
    desk.write_policy(&policy);
    desk.until("closed", |status| status["session"]["state"] == "unconfigured").await;
    policy["Issuer"] = issuer;
    desk.write_policy(&policy);
    desk.until("back where it was", |status| status["session"]["state"] == "active").await;
    policy["Issuer"] = json!("not an address");
    desk.write_policy(&policy);
    desk.until("closed again", |status| status["session"]["state"] == "unconfigured").await;
    policy["Issuer"] = other.policy_json()["Issuer"].clone();
    desk.write_policy(&policy);
    let status = desk.until("signed out", |status| status["session"]["state"] == "signed-out").await;
    assert_eq!(
        (status["session"]["reason"].as_str(), status["session"]["account"].is_null()),
        (Some("policy"), true),
        "{status:#}"
    );
    assert!(!desk.path("data/lanyard/vault").exists());
    assert_eq!(world.idp.count("sign_in"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clients_servers_become_a_policy_that_every_tool_can_deploy() {
    let world = World::start(Options::default()).await;
    let desk = Desk::new(&world, &world.policy_json());
    let file = |name: &str, text: &str| {
        let path = desk.path(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let servers =
        json!({"mcpServers": {"wiki": {"type": "http", "url": "https://mcp.wiki.example/mcp"}, "local": {"command": "npx"}}});
    let said = desk.say(&["policy", "import", &file("mcp.json", &servers.to_string())]).await;
    assert!(said.code == 0 && said.stderr.contains("local was left out"), "{said:?}");
    let mut policy: Value = serde_json::from_str(&said.stdout).unwrap();
    policy["Issuer"] = json!("https://acme.example");
    policy["ClientId"] = json!("lanyard");
    policy["ClientSecret"] = json!("MARKED-secret");
    policy["ClientAuthentication"] = json!("client_secret_basic");
    let path = file("whole.json", &policy.to_string());
    for (format, sign) in [
        ("reg", "Windows Registry Editor"),
        ("mobileconfig", "dev.lanyard.agent"),
        ("json", "\"Issuer\""),
        ("intune", "./Device/Vendor/MSFT/Policy/Config/Lanyard~Policy~Lanyard~Identity/Issuer"),
    ] {
        let said = desk.say(&["policy", "export", "--format", format, &path]).await;
        assert!(said.code == 0 && said.stdout.contains(sign) && said.stdout.contains("mcp.wiki.example"), "{said:?}");
        assert!(!said.stdout.contains("MARKED") && said.stderr.contains("ClientSecret is a secret"), "{said:?}");
    }
    let bad = file("bad.json", r#"{"Isuer": "https://acme.example"}"#);
    assert_eq!(desk.say(&["policy", "export", "--format", "reg", &bad]).await.code, 3);
    assert_eq!(desk.say(&["policy", "import", &bad]).await.code, 3);
}
