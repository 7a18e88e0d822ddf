//! An agent that cannot start, or cannot work by its policy: tray, window and command line say why.

use std::fs;

use sandbox::desk::{Desk, binary};
use sandbox::desktop::Look;
use sandbox::{Options, World};
use serde_json::json;

use crate::hand::Face;
use crate::scene::Scene;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tray_whose_agent_cannot_start_says_why_may_be_quit_and_goes_on_by_itself() {
    let Some(scene) = Scene::new(Look::Light, |policy| policy["AllowQuit"] = json!(false)).await else { return };
    let lock = scene.desk.path("data/lanyard/agent.lock");
    fs::create_dir_all(&lock).unwrap();
    let mut process = scene.desk.program(&binary("lanyard-tray")).spawn().unwrap();
    let tray = scene.tray().await;
    let says = |text: &'static str| move |menu: &[sandbox::Line]| menu.iter().any(|line| line.label.contains(text));
    let labels = tray.until("refused", says("the lock of the agent cannot be used")).await.unwrap();
    assert!(labels.iter().any(|label| label == "Lanyard cannot start"), "{labels:?}");
    assert!(labels.iter().any(|label| label == "Quit"), "nothing runs that policy keeps alive: {labels:?}");
    scene.desktop.picture(&scene.desk, "tray-refused-light").unwrap();
    let said = scene.desk.say(&["status"]).await;
    assert!(said.code == 6 && said.stdout.contains("the lock of the agent cannot be used"), "{said:?}");
    let face = Face::of(&scene.desk, "servers").await;
    if let Some(face) = &face {
        face.says("The agent of Lanyard did not start: the lock of the agent cannot be used").await;
        face.assert_accessible("refused").await;
        face.picture("refused").await;
    }

    fs::remove_dir(&lock).unwrap();
    let labels = tray.until("going on", says("Not signed in")).await.unwrap();
    assert!(!labels.iter().any(|label| label == "Quit"), "{labels:?}");
    if let Some(face) = face {
        face.says("Nobody is signed in").await;
        face.window.close().await.unwrap();
    }
    assert!(!scene.desk.path("state/lanyard/refused.json").exists(), "what is over is forgotten");
    process.kill().unwrap();
    process.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_whose_key_cannot_be_used_is_not_taken_for_none() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    policy.as_object_mut().unwrap().remove("ClientSecret");
    policy["ClientAuthentication"] = json!("private_key_jwt");
    policy["ClientKeyFile"] = json!("/nowhere/client.key");
    policy["SupportContact"] = json!("it@acme.example");
    let mut desk = Desk::new(&world, &policy);
    desk.start_agent();
    let status = desk.status().await;
    let fault = &status["session"]["fault"];
    assert_eq!((&status["session"]["state"], &fault["code"]), (&json!("unconfigured"), &json!("policy-fault")), "{status:#}");
    assert!(fault["detail"].as_str().unwrap().contains("ClientKeyFile cannot be used"), "{fault}");
    assert_eq!(fault["contact"], "it@acme.example");
    let refused = desk.say(&["token", "linear", "--json"]).await;
    assert!(refused.code == 3 && refused.stdout.contains("policy-fault"), "{refused:?}");
    let examined = desk.say(&["doctor"]).await;
    assert!(examined.code == 3 && examined.stdout.contains("ClientKeyFile cannot be used"), "{examined:?}");
    let Some((_desktop, face)) = Face::open(&mut desk, "servers").await else { return };
    let text = face.says("the policy of this computer has a fault").await;
    assert!(text.contains("ClientKeyFile cannot be used") && !text.contains("not set up"), "{text}");
    face.assert_accessible("unusable").await;
    face.window.close().await.unwrap();
}
