use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use sandbox::{Desk, Options, World};
use serde_json::json;

const SECRET: &str = "MARKED-client-secret-4711";

/// Drives everything with recognisable secrets and greps every output, file and process list for them (LI-59).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_reaches_a_log_a_file_a_process_list_or_an_output() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    policy["LogLevel"] = json!("trace");
    policy["VaultFallback"] = json!("machine-key-file");
    policy["Servers"]["open"]["clientSecret"] = json!(SECRET);
    policy["Servers"]["open"]["clientId"] = json!("marked");
    let mut desk = Desk::new(&world, &policy);
    desk.set("RUST_LOG", "trace");
    desk.start_agent();
    let login = sandbox::Login::begin(&desk).await;
    let listed = processes();
    world.browser().sign_in(&login.url, "ada", sandbox::PASSWORD).await.unwrap();
    assert_eq!(login.end().await.code, 0);
    let mut secrets: BTreeSet<String> = [SECRET.to_owned(), sandbox::LINEAR_SECRET.to_owned()].into();
    for server in ["linear", "figma", "wiki"] {
        secrets.insert(desk.say(&["token", server]).await.stdout.trim().to_owned());
    }
    // A refused exchange, a restart, a doctor's walk and a sign-out: every path that handles a secret.
    world.idp.refuse("figma");
    let mut shown = String::new();
    for arguments in [
        &["doctor"][..],
        &["doctor", "--json"],
        &["status", "--json"],
        &["servers"],
        &["policy", "--json"],
        &["policy"],
        &["audit", "--json"],
        &["retry", "figma"],
        &["token", "linear", "--scope", "admin"],
        &["token", "nothing", "--json"],
    ] {
        let said = desk.say(arguments).await;
        shown.push_str(&said.stdout);
        shown.push_str(&said.stderr);
    }
    desk.kill_agent();
    desk.start_agent();
    desk.until("active", |status| status["session"]["state"] == "active").await;
    secrets.insert(desk.say(&["token", "linear"]).await.stdout.trim().to_owned());
    secrets.extend(world.idp.secrets());
    let processes = format!("{listed}{}", processes());
    desk.say(&["logout"]).await;

    let mut places =
        vec![("outputs".to_owned(), shown), ("process list".to_owned(), processes), ("log".to_owned(), desk.agent_log())];
    gather(&desk.path("state"), &mut places);
    gather(&desk.path("data"), &mut places);
    gather(&desk.path("run"), &mut places);
    assert!(secrets.len() > 6 && secrets.iter().all(|secret| secret.len() >= 12), "{secrets:?}");
    for (place, text) in &places {
        for secret in &secrets {
            assert!(!text.contains(secret), "{place} holds a secret: {}…", &secret[..8]);
        }
    }
    assert!(desk.agent_log().contains("lanyard"), "the log was on");
}

fn processes() -> String {
    let output = std::process::Command::new("ps").args(["axeww", "-o", "args"]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn gather(folder: &Path, places: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, places);
        } else if let Ok(bytes) = std::fs::read(&path) {
            let open = entry.metadata().unwrap().permissions().mode() & 0o077;
            assert_eq!(open, 0, "{} is open to others", path.display());
            places.push((path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
}
