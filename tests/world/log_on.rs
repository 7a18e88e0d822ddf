//! `AutoSignIn`: the browser that opens once per log-on without a click.

use std::fs;
use std::time::{Duration, Instant};

use sandbox::desk::PATIENCE;
use sandbox::desktop::Look;
use serde_json::{Value, json};

use crate::scene::{Scene, write};

/// How long an agent may take to see that the desktop is there.
const LOOK: Duration = Duration::from_secs(45);

fn at_log_on(policy: &mut Value) {
    policy["AutoSignIn"] = json!("at-log-on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_on_opens_the_browser_once_and_without_a_click() {
    let Some(mut scene) = Scene::new(Look::Light, at_log_on).await else { return };
    scene.start();
    let tray = scene.tray().await;
    scene.sign_in("ada").await;
    tray.until("signed in", |menu| menu.iter().any(|line| line.label.starts_with("Signed in"))).await.unwrap();
    drop(tray);

    // Without a keychain the session went with the agent; the log-on has had its turn.
    scene.desk.stop_agent();
    scene.start();
    let tray = scene.tray().await;
    tray.until("signed out", |menu| menu.iter().any(|line| line.label == "Not signed in")).await.unwrap();
    tray.choose("Sign in").await.unwrap();
    scene.sign_in("ada").await;
    tray.until("signed in again", |menu| menu.iter().any(|line| line.label.starts_with("Signed in"))).await.unwrap();
    assert_eq!(scene.openings().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_signs_out_is_not_sent_to_the_browser_again() {
    let Some(mut scene) = Scene::new(Look::Light, |_| {}).await else { return };
    scene.start();
    let tray = scene.tray().await;
    tray.choose("Sign in").await.unwrap();
    scene.sign_in("ada").await;
    let mut policy: Value = serde_json::from_slice(&fs::read(scene.desk.policy_file()).unwrap()).unwrap();
    at_log_on(&mut policy);
    write(&scene.desk, &policy);
    assert_eq!(scene.desk.say(&["policy", "reload"]).await.code, 0);

    assert_eq!(scene.desk.say(&["logout"]).await.code, 0);
    tray.until("signed out", |menu| menu.iter().any(|line| line.label == "Not signed in")).await.unwrap();
    // The agent takes this up once it has done with the sign-out.
    policy["LogLevel"] = json!("debug");
    write(&scene.desk, &policy);
    assert_eq!(scene.desk.say(&["policy", "reload"]).await.code, 0);
    assert_eq!(scene.openings().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_came_before_the_desktop_keeps_the_turn_for_it() {
    let Some(mut scene) = Scene::new(Look::Bare, at_log_on).await else { return };
    let mut command = scene.desk.command(&["run"]);
    command.env_remove("DISPLAY");
    scene.desk.start_agent_in(command);
    scene.desk.until("signed out", |status| status["session"]["state"] == "signed-out").await;

    let _systemd = scene.systemd().await;
    let began = Instant::now();
    while scene.openings().is_empty() {
        assert!(began.elapsed() < LOOK + PATIENCE, "no browser opened: {}", scene.desk.agent_log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    scene.sign_in("ada").await;
    scene.desk.until("signed in", |status| status["session"]["state"] == "active").await;
    assert_eq!(scene.openings(), [scene.desktop.display()]);
}
