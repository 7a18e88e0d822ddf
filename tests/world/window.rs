//! The sign-in in a real browser.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use sandbox::desk::PATIENCE;
use sandbox::{Desk, Options, Window, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_signs_in_in_the_window_that_the_login_opens() {
    let world = World::start(Options::default()).await;
    let mut desk = Desk::new(&world, &world.policy_json());
    let Some(window) = Window::open(&desk.path("home")).await.unwrap() else { return };
    // What `BROWSER` names gets the address, as a browser does.
    let opener = desk.path("browser");
    let opened = desk.path("opened");
    std::fs::write(&opener, format!("#!/bin/sh\nprintf %s \"$1\" > {0}.new && mv {0}.new {0}\n", opened.display())).unwrap();
    std::fs::set_permissions(&opener, std::fs::Permissions::from_mode(0o755)).unwrap();
    desk.set("BROWSER", &opener.display().to_string());
    desk.start_agent();
    let mut login = desk.command(&["login"]);
    let login =
        login.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let login = login.spawn().unwrap();
    let began = Instant::now();
    while !opened.exists() {
        assert!(began.elapsed() < PATIENCE, "no browser was opened: {}", desk.agent_log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    window.visit(&std::fs::read_to_string(&opened).unwrap()).await.unwrap();
    let pictures = std::env::var_os("LANYARD_PICTURES").map(std::path::PathBuf::from);
    if let Some(folder) = &pictures {
        window.picture(&folder.join("sign-in.png")).await.unwrap();
    }
    window.type_into("input[name=username]", "ada").await.unwrap();
    window.type_into("input[name=password]", sandbox::PASSWORD).await.unwrap();
    window.click("button").await.unwrap();
    let said = tokio::task::spawn_blocking(move || login.wait_with_output().unwrap()).await.unwrap();
    assert!(said.status.success(), "{said:?}");
    assert!(String::from_utf8_lossy(&said.stdout).contains("Signed in as"), "{said:?}");
    if let Some(folder) = &pictures {
        window.picture(&folder.join("signed-in.png")).await.unwrap();
    }
    // LI-39: the last page says that it is done, and leaves no code in the address bar.
    let (text, address) = (window.text().await.unwrap(), window.address().await.unwrap());
    assert!(text.to_lowercase().contains("signed in"), "{text}");
    assert!(!address.contains("code="), "{address}");
    assert_eq!(desk.status().await["session"]["state"], "active");
    window.close().await.unwrap();
}
