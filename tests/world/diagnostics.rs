//! The support bundle: whole, listed, and telling nobody's name.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use sandbox::program::said;
use sandbox::{Desk, Options, World};
use serde_json::{Value, json};

/// Opens the zip with a tool of others: its names, and everything in it.
fn opened(file: &Path) -> (Vec<String>, String) {
    let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nfor n in z.namelist(): print('NAME', n); print(z.read(n).decode())";
    let said = said(Command::new("python3").args(["-c", script]).arg(file));
    assert_eq!(said.code, 0, "{said:?}");
    (said.stdout.lines().filter_map(|line| line.strip_prefix("NAME ")).map(str::to_owned).collect(), said.stdout)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bundle_is_listed_first_and_holds_no_name_and_no_token() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    policy["VaultFallback"] = json!("machine-key-file");
    let mut desk = Desk::new(&world, &policy);
    desk.set("USER", "adalovelace");
    desk.start_agent();
    desk.sign_in("ada").await;
    let token = desk.say(&["token", "linear"]).await.stdout;
    std::fs::create_dir_all(desk.path("state/lanyard/log")).unwrap();
    let log = format!("adalovelace saw Bearer {} in {}\n", token.trim(), desk.path("home").display());
    std::fs::write(desk.path("state/lanyard/log/agent.log"), log).unwrap();
    let account = desk.status().await["session"]["account"].clone();

    let file = desk.path("bundle.zip");
    let name = file.display().to_string();
    let told = desk.say(&["diagnostics", &name]).await;
    assert_eq!(told.code, 0, "{told:?}");
    assert!(told.stdout.find("status.json").unwrap() < told.stdout.find("Written to").unwrap(), "listed before it is written");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    let (names, text) = opened(&file);
    let folder = names[0].split('/').next().unwrap();
    assert!(names.iter().all(|name| name.starts_with(&format!("{folder}/"))), "one folder: {names:?}");
    for part in ["README.txt", "status.json", "policy.json", "doctor.json", "system.json", "audit.jsonl", "agent.log"] {
        assert!(names.iter().any(|name| name.ends_with(&format!("/{part}"))), "{part}: {names:?}");
    }
    let home = desk.path("home").display().to_string();
    let hostile = [token.trim(), "tr:ack", "adalovelace", &home, "ada@"];
    let private = ["subject", "name", "email"].map(|field| account[field].as_str().unwrap_or("none such").to_owned());
    for text_of_somebody in hostile.into_iter().chain(private.iter().map(String::as_str)) {
        assert!(!text.contains(text_of_somebody), "{text_of_somebody} is in the bundle");
    }
    assert!(text.contains(&world.server("linear").url()), "what helps stays");

    // Never over a file that is there.
    let again = desk.say(&["diagnostics", &name]).await;
    assert_eq!(again.code, 2, "{again:?}");

    // Without an agent it is made all the same.
    desk.stop_agent();
    let other = desk.path("other.zip").display().to_string();
    let told = desk.say(&["diagnostics", "--json", &other]).await;
    let document: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!((told.code, document["files"][0]["name"].as_str()), (0, Some("README.txt")), "{told:?}");
    let (names, _) = opened(Path::new(&other));
    assert!(names.iter().any(|name| name.ends_with("/agent.log")) && !names.iter().any(|name| name.ends_with("/status.json")));
}
