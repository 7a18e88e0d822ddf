//! The icon in the panel of a real desktop, with the real agent behind it.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use sandbox::Colour;
use sandbox::desk::{PATIENCE, binary};
use sandbox::desktop::{Look, WATCHER};
use sandbox::program::said;
use serde_json::{Value, json};

use crate::hand::Face;
use crate::scene::{Scene, WINDOW, write};

/// The ink of the icon while somebody is signed in.
const ACTIVE: Colour = [0x2f, 0x80, 0xd8];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_icon_follows_a_session_from_its_first_sign_in_to_the_disabled_account() {
    let Some(mut scene) = Scene::new(Look::Light, |_| {}).await else { return };
    scene.start();
    let tray = scene.tray().await;
    let says = |text: &'static str| move |menu: &[sandbox::Line]| menu.iter().any(|line| line.label == text);
    let labels = tray.until("signed out", says("Not signed in")).await.unwrap();
    assert!(labels.iter().any(|label| label.starts_with("Linear – ")), "{labels:?}");
    assert_eq!(tray.status().await.unwrap(), "NeedsAttention");
    let attention = tray.picture().await.unwrap();
    scene.desktop.picture(&scene.desk, "tray-attention-light").unwrap();

    tray.choose("Sign in").await.unwrap();
    tray.until("signing in", says("Finish signing in in your browser")).await.unwrap();
    let working = tray.picture().await.unwrap();
    scene.desktop.picture(&scene.desk, "tray-working-light").unwrap();
    scene.sign_in("ada").await;
    tray.until("signed in", says("Signed in as ada@acme.example")).await.unwrap();
    assert_eq!(tray.status().await.unwrap(), "Active");
    assert!(tray.tooltip().await.unwrap().contains("Signed in as ada@acme.example"));
    let active = tray.picture().await.unwrap();
    scene.desktop.picture(&scene.desk, "tray-active-light").unwrap();
    scene.desktop.picture_of_menu(&scene.desk, ACTIVE, "tray-menu-light").unwrap();

    assert_eq!(scene.desk.say(&["token", "linear"]).await.code, 0);
    tray.until("ready", says("Linear – ready")).await.unwrap();

    tray.choose("Pause").await.unwrap();
    tray.until("paused", |menu| menu.iter().any(|line| line.label == "Pause" && line.ticked)).await.unwrap();
    let said = scene.desk.say(&["token", "linear", "--json"]).await;
    assert!(said.stdout.contains("door-closed"), "{said:?}");
    let idle = tray.picture().await.unwrap();
    tray.choose("Pause").await.unwrap();
    tray.until("resumed", |menu| menu.iter().any(|line| line.label == "Pause" && !line.ticked)).await.unwrap();

    scene.world.idp.disable("ada");
    // Another server's token needs the identity provider, which refuses the account.
    assert_eq!(scene.desk.say(&["token", "figma"]).await.code, 5);
    let labels = tray.until("signed out by the organisation", says("Not signed in")).await.unwrap();
    let why = "Your organisation ended the sign-in; the account may be disabled.";
    assert!(labels.iter().any(|label| label == why), "{labels:?}");
    assert!(labels.iter().any(|label| label == "For help: it@acme.example"), "{labels:?}");
    assert_eq!(tray.status().await.unwrap(), "NeedsAttention");
    assert_eq!(tray.picture().await.unwrap(), attention);
    let pictures = [attention, working, active, idle];
    for (at, one) in pictures.iter().enumerate() {
        assert!(pictures[at + 1..].iter().all(|other| one.1 != other.1), "two states look alike");
    }

    tray.choose("Quit").await.unwrap();
    assert_eq!(scene.desk.wait_agent().unwrap().code(), Some(0), "{}", scene.desk.agent_log());
    assert!(!scene.desk.socket().exists() || std::os::unix::net::UnixStream::connect(scene.desk.socket()).is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panel_that_starts_again_or_late_gets_the_icon() {
    let Some(mut scene) = Scene::new(Look::Dark, |_| {}).await else { return };
    scene.start();
    let tray = scene.tray().await;
    scene.desktop.picture(&scene.desk, "tray-attention-dark").unwrap();
    drop(tray);
    scene.desktop.kill_panel().await.unwrap();
    scene.desktop.start_panel(&scene.desk).await.unwrap();
    let tray = scene.tray().await;
    tray.until("shown again", |menu| menu.iter().any(|line| line.label == "Not signed in")).await.unwrap();
    assert!(scene.desktop.windows().unwrap().iter().all(|title| title != WINDOW), "a panel came back in time");
    tray.choose("Sign in").await.unwrap();
    scene.sign_in("ada").await;
    tray.until("signed in", |menu| menu.iter().any(|line| line.label.starts_with("Signed in"))).await.unwrap();
    scene.desktop.picture(&scene.desk, "tray-active-dark").unwrap();
    scene.desktop.picture_of_menu(&scene.desk, ACTIVE, "tray-menu-dark").unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tray_ends_with_the_session_that_it_belongs_to() {
    let Some(mut scene) = Scene::new(Look::Light, |_| {}).await else { return };
    scene.start();
    scene.tray().await.until("shown", |menu| !menu.is_empty()).await.unwrap();
    drop(scene.desktop);
    assert_eq!(scene.desk.wait_agent().unwrap().code(), Some(0), "{}", scene.desk.agent_log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desktop_without_a_tray_gets_the_window_once_and_the_icon_when_a_panel_comes() {
    let Some(mut scene) = Scene::new(Look::Bare, |_| {}).await else { return };
    scene.start();
    scene.desktop.window(WINDOW).await.unwrap();
    assert!(scene.desk.path("state/lanyard/no-tray-said").exists());
    scene.desktop.start_panel(&scene.desk).await.unwrap();
    scene.tray().await.until("shown", |menu| !menu.is_empty()).await.unwrap();
    scene.desktop.owned(WATCHER, true).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_without_a_browser_is_told_and_stands_in_nobodys_way() {
    let Some(mut scene) = Scene::new(Look::Light, |_| {}).await else { return };
    scene.desk.set("BROWSER", "/bin/false");
    let notices = scene.notifications().await;
    // Nor is there any other that could be found.
    let mut command = scene.desk.program(&binary("lanyard-tray"));
    command.env("PATH", "/nowhere");
    scene.desk.start_agent_in(command);
    let tray = scene.tray().await;
    tray.choose("Sign in").await.unwrap();
    notices.titled("That did not work").await;
    tray.until("signed out", |menu| menu.iter().any(|line| line.label == "Not signed in")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_choice_that_failed_opens_the_window_where_policy_wants_no_notices() {
    let Some(mut scene) = Scene::new(Look::Light, |policy| policy["ShowNotifications"] = json!(false)).await else { return };
    scene.desk.set("BROWSER", "/bin/false");
    let notices = scene.notifications().await;
    let mut command = scene.desk.program(&binary("lanyard-tray"));
    command.env("PATH", "/nowhere");
    scene.desk.start_agent_in(command);
    let tray = scene.tray().await;
    tray.until("signed out", |menu| menu.iter().any(|line| line.label == "Not signed in")).await.unwrap();
    tray.choose("Sign in").await.unwrap();
    scene.desktop.window(WINDOW).await.unwrap();
    assert!(notices.all().is_empty(), "{:?}", notices.all());
    scene.close_window().await;
    // A window that is open says it too.
    let Some(face) = Face::beside(&scene.desk, "servers").await else { return };
    tray.choose("Sign in").await.unwrap();
    face.says("What you chose at the icon needs a browser").await;
    face.window.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_display_the_window_says_so_in_a_sentence() {
    let Some(scene) = Scene::new(Look::Bare, |_| {}).await else { return };
    for display in ["", ":9999"] {
        let mut window = scene.desk.program(&binary("lanyard-tray"));
        window.arg("--window").env_remove("WAYLAND_DISPLAY").env("DISPLAY", display);
        let said = said(&mut window);
        assert_eq!(said.code, 1, "{said:?}");
        assert!(said.stderr.contains("no display can be opened") && !said.stderr.contains("panicked"), "{said:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desktop_that_came_after_the_agent_shows_its_window_and_its_browser() {
    let Some(mut scene) = Scene::new(Look::Light, |_| {}).await else { return };
    let opener = scene.desk.path("browser");
    let script = fs::read_to_string(&opener)
        .unwrap()
        .replace("#!/bin/sh\n", "#!/bin/sh\nPATH=/usr/bin:/bin\n[ -n \"$DISPLAY\" ] || exit 1\n");
    fs::write(&opener, script).unwrap();
    let mut command = scene.desk.program(&binary("lanyard-tray"));
    command.env_remove("DISPLAY").env_remove("XDG_CURRENT_DESKTOP").env("PATH", "/nowhere");
    scene.desk.start_agent_in(command);
    let tray = scene.tray().await;
    let notices = scene.notifications().await;
    tray.choose("Sign in").await.unwrap();
    notices.titled("That did not work").await;

    let _systemd = scene.systemd().await;
    tray.choose("Sign in").await.unwrap();
    scene.sign_in("ada").await;
    tray.until("signed in", |menu| menu.iter().any(|line| line.label.starts_with("Signed in"))).await.unwrap();
    tray.choose("Open Lanyard").await.unwrap();
    scene.desktop.window(WINDOW).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_start_and_a_left_click_open_the_window_and_no_second_icon() {
    let Some(mut scene) = Scene::new(Look::Light, |_| {}).await else { return };
    scene.start();
    let tray = scene.tray().await;
    let began = Instant::now();
    let mut second = scene.desk.program(&binary("lanyard-tray")).spawn().unwrap();
    while second.try_wait().unwrap().is_none() {
        assert!(began.elapsed() < PATIENCE, "the second stays");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(second.wait().unwrap().code(), Some(0));
    scene.desktop.window(WINDOW).await.unwrap();
    tray.click().await.unwrap();
    tray.until("still there", |menu| !menu.is_empty()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_icon_beside_another_agent_shows_that_one_and_takes_over_when_it_ends() {
    let Some(mut scene) = Scene::new(Look::Light, |_| {}).await else { return };
    let mut other = scene.desk.command(&["run"]).stderr(std::process::Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    while std::os::unix::net::UnixStream::connect(scene.desk.socket()).is_err() {
        assert!(began.elapsed() < PATIENCE, "the other agent did not come up");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    scene.start();
    let tray = scene.tray().await;
    tray.until("shown", |menu| menu.iter().any(|line| line.label == "Not signed in")).await.unwrap();
    assert_eq!(scene.desk.status().await["agent"]["pid"], other.id());
    other.kill().unwrap();
    other.wait().unwrap();
    let own = scene.desk.agent_pid().unwrap();
    scene.desk.until("taken over", |status| status["agent"]["pid"] == own).await;
    tray.until("shown again", |menu| menu.iter().any(|line| line.label == "Not signed in")).await.unwrap();
    scene.desk.stop_agent();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn policy_decides_what_the_menu_offers() {
    let change = |policy: &mut Value| {
        policy["AllowQuit"] = json!(false);
        policy["AllowSignOut"] = json!(false);
        policy["OrganisationName"] = json!("Acme");
    };
    let Some(mut scene) = Scene::new(Look::Light, change).await else { return };
    scene.start();
    let tray = scene.tray().await;
    let managed = |menu: &[sandbox::Line]| menu.iter().any(|line| line.label == "Managed by Acme");
    tray.until("managed", managed).await.unwrap();
    tray.choose("Sign in").await.unwrap();
    scene.sign_in("ada").await;
    let labels = tray.until("signed in", |menu| menu.iter().any(|line| line.label.starts_with("Signed in"))).await.unwrap();
    assert!(!labels.iter().any(|label| label == "Quit" || label == "Sign out"), "{labels:?}");
    let refused = scene.desk.say(&["logout"]).await;
    assert_eq!(refused.code, 7, "{refused:?}");
    assert!(refused.stderr.contains("Signing out not allowed") && !refused.stderr.contains("setup key"), "{refused:?}");
    let mut policy = scene.world.policy_json();
    policy["SupportUrl"] = json!("https://help.acme.example/");
    write(&scene.desk, &policy);
    let offered =
        |menu: &[sandbox::Line]| ["Quit", "Sign out", "Help"].iter().all(|verb| menu.iter().any(|line| line.label == *verb));
    tray.until("offered after policy changed", offered).await.unwrap();
    tray.choose("Sign out").await.unwrap();
    tray.until("signed out", |menu| menu.iter().any(|line| line.label == "Not signed in")).await.unwrap();
    assert_eq!(tray.status().await.unwrap(), "Active", "who signed out is not called");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_told_what_needs_them_once_and_a_click_leads_there() {
    let Some(mut scene) = Scene::new(Look::Light, |_| {}).await else { return };
    let notices = scene.notifications().await;
    scene.start();
    let first = notices.titled("Sign-in needed").await;
    assert_eq!(first.actions, ["default", "Show"]);
    notices.click(&first).await.unwrap();
    scene.desktop.window(WINDOW).await.unwrap();
    let tray = scene.tray().await;
    tray.choose("Sign in").await.unwrap();
    scene.sign_in("ada").await;
    let welcome = notices.titled("Signed in").await;
    assert_eq!(welcome.text, "You are signed in as ada@acme.example.");

    scene.world.idp.refuse("figma");
    assert_eq!(scene.desk.say(&["token", "figma"]).await.code, 7);
    let refused_line = |menu: &[sandbox::Line]| menu.iter().any(|line| line.label.ends_with(" – access refused"));
    let labels = tray.until("refused", refused_line).await.unwrap();
    let title = labels.iter().find_map(|label| label.strip_suffix(" – access refused")).unwrap();
    let refused = notices.titled(&format!("No access to {title}")).await;
    assert!(refused.text.contains("For help: "), "{refused:?}");
    assert_eq!(notices.all().len(), 3, "{:?}", notices.all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_is_kept_where_policy_wants_it() {
    let Some(mut scene) = Scene::new(Look::Light, |policy| policy["ShowNotifications"] = json!(false)).await else { return };
    let notices = scene.notifications().await;
    scene.start();
    let tray = scene.tray().await;
    tray.until("signed out", |menu| menu.iter().any(|line| line.label == "Not signed in")).await.unwrap();
    tray.choose("Sign in").await.unwrap();
    scene.sign_in("ada").await;
    tray.until("signed in", |menu| menu.iter().any(|line| line.label.starts_with("Signed in"))).await.unwrap();
    let mut policy = scene.world.policy_json();
    policy["SupportUrl"] = json!("https://help.acme.example/");
    write(&scene.desk, &policy);
    tray.until("offered help", |menu| menu.iter().any(|line| line.label == "Help")).await.unwrap();
    // What comes now comes after everything that would have been told before.
    tray.choose("Copy diagnostics").await.unwrap();
    notices.titled("Diagnostics copied").await;
    assert_eq!(notices.all().len(), 1, "{:?}", notices.all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_policy_makes_no_noise() {
    let Some(mut scene) = Scene::new(Look::Light, |_| {}).await else { return };
    fs::remove_file(scene.desk.path("root/etc/lanyard/policy.json")).unwrap();
    let notices = scene.notifications().await;
    let mut command = scene.desk.program(&binary("lanyard-tray"));
    command.arg("--autostart");
    scene.desk.start_agent_in(command);
    let tray = scene.tray().await;
    let labels = tray.until("not set up", |menu| menu.iter().any(|line| line.label == "Not set up yet")).await.unwrap();
    assert!(labels.iter().any(|label| label.contains("has not set up Lanyard")), "{labels:?}");
    assert_eq!(tray.status().await.unwrap(), "Active");
    scene.desktop.picture(&scene.desk, "tray-idle-light").unwrap();
    assert!(notices.all().is_empty() && !scene.has_window());
    assert!(!Path::new(&scene.desk.path("home/.config/autostart")).exists(), "a program under construction is not entered");
    scene.desk.stop_agent();

    // A person who starts it sees what is missing.
    scene.start();
    scene.desktop.window(WINDOW).await.unwrap();
    assert!(notices.all().is_empty());
}
