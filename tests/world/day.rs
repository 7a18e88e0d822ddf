//! A day at a desktop: the sign-in in a real browser, the window beside the tray, a locked screen and a closed lid.

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use sandbox::desk::{PATIENCE, skipped};
use sandbox::desktop::Look;
use sandbox::{Colour, Fault, Leg, Line, Logind, PASSWORD, Saver, Times, Tray, Window, opener};
use serde_json::json;

use crate::hand::Face;
use crate::scene::{Scene, WINDOW};

/// The ground of the chosen page in a light window, `--selected-ground`: only pages that are painted have it.
const CHOSEN: Colour = [0xd8, 0xe0, 0xf3];

fn says(text: &str) -> impl Fn(&[Line]) -> bool + '_ {
    move |menu| menu.iter().any(|line| line.label == text)
}

/// The tray, started and signed in from its menu.
async fn signed_in(scene: &mut Scene) -> Tray {
    scene.start();
    let tray = scene.tray().await;
    tray.choose("Sign in").await.unwrap();
    scene.sign_in("ada").await;
    tray.until("signed in", says("Signed in as ada@acme.example")).await.unwrap();
    tray
}

/// Every file below a folder, by its path from there.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).into_iter().flatten() {
            let entry = entry.unwrap();
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false => found.push(entry.path().strip_prefix(folder).unwrap().display().to_string()),
            }
        }
    }
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_from_the_tray_goes_through_a_real_browser_and_tray_and_window_follow() {
    let Some(mut scene) = Scene::new(Look::Light, |_| {}).await else { return };
    if ["/usr/bin/chromium", "/usr/bin/chromedriver"].iter().any(|program| !Path::new(program).exists()) {
        return skipped("no chromium or chromedriver on this machine");
    }
    let (profile, browser) = (scene.desk.path("chromium"), scene.desk.path("real-browser"));
    fs::write(&browser, opener(&profile)).unwrap();
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).unwrap();
    scene.desk.set("BROWSER", &browser.display().to_string());
    scene.start();
    let tray = scene.tray().await;
    tray.until("signed out", says("Not signed in")).await.unwrap();
    let Some(face) = Face::beside(&scene.desk, "account").await else { return };
    face.says("Nobody has signed in on this computer yet.").await;

    tray.choose("Sign in").await.unwrap();
    tray.until("signing in", says("Finish signing in in your browser")).await.unwrap();
    face.says("Your browser is open for the sign-in.").await;
    let browser = Window::opened(&profile).await.unwrap();
    scene.desktop.picture(&scene.desk, "browser-sign-in").unwrap();
    browser.type_into("input[name=username]", "ada").await.unwrap();
    browser.type_into("input[name=password]", PASSWORD).await.unwrap();
    browser.click("button").await.unwrap();
    tray.until("signed in", says("Signed in as ada@acme.example")).await.unwrap();
    assert_eq!(tray.status().await.unwrap(), "Active");
    face.says("Signed in since").await;
    assert!(browser.text().await.unwrap().to_lowercase().contains("signed in"));
    // It has no time left to answer.
    drop(browser.devtools("Browser.close", &json!({})).await);

    assert_eq!(scene.desk.say(&["token", "linear"]).await.code, 0);
    tray.until("ready", says("Linear – ready")).await.unwrap();
    face.page("Servers").await;
    face.says("Ready").await;

    scene.world.idp.disable("ada");
    assert_eq!(scene.desk.say(&["token", "figma"]).await.code, 5);
    tray.until("disabled", says("Your organisation ended the sign-in; the account may be disabled.")).await.unwrap();
    assert_eq!(tray.status().await.unwrap(), "NeedsAttention");
    let text = face.says("Your identity provider ended the session, or your account is disabled there.").await;
    assert!(text.contains("it@acme.example") && text.contains("Sign in again"), "{text}");
    scene.desktop.picture(&scene.desk, "disabled-user").unwrap();
    face.window.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_copied_can_be_pasted() {
    let Some(mut scene) = Scene::new(Look::Light, |_| {}).await else { return };
    if !Path::new("/usr/bin/xclip").exists() {
        return skipped("no xclip on this machine");
    }
    let tray = signed_in(&mut scene).await;
    scene.world.idp.refuse("figma");
    assert_eq!(scene.desk.say(&["token", "figma"]).await.code, 7);
    let Some(face) = Face::beside(&scene.desk, "servers").await else { return };
    face.says("Access refused").await;
    face.use_key_on("Copy report: Access refused").await;
    face.says("Copied").await;
    let report = scene.pasted(|text| text.contains("idp-refused")).await;
    for part in
        ["Access refused (idp-refused)", "What to do: ", "Whom to ask: it@acme.example", "About: figma", "Session: active"]
    {
        assert!(report.contains(part), "{part}: {report}");
    }
    face.window.close().await.unwrap();

    tray.choose("Copy diagnostics").await.unwrap();
    let bundle = scene.pasted(|text| text.contains("README.txt")).await;
    for part in ["== status.json", "== policy.json", "== system.json", "== audit.jsonl"] {
        assert!(bundle.contains(part), "{part}: {bundle}");
    }
    assert!(!bundle.contains("ada@acme.example"), "names are taken out");
    for secret in scene.world.idp.secrets() {
        assert!(!bundle.contains(&secret) && !report.contains(&secret), "a secret was copied: {}…", &secret[..8]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_window_leaves_no_process_and_a_running_agent() {
    let Some(mut scene) = Scene::new(Look::Light, |_| {}).await else { return };
    scene.start();
    let tray = scene.tray().await;
    assert!(!scene.has_window(), "no window before somebody wants one");
    for by_keys in [false, true] {
        tray.click().await.unwrap();
        scene.desktop.window(WINDOW).await.unwrap();
        // Its pages are there once the page that is chosen is.
        scene.desktop.screen().shows(CHOSEN, 100).await.unwrap();
        assert!(scene.has_window());
        match by_keys {
            true => scene.close_window_by_keys().await,
            false => scene.close_window().await,
        }
        assert_eq!(scene.desk.status().await["agent"]["pid"], scene.desk.agent_pid().unwrap());
        assert_eq!(tray.status().await.unwrap(), "NeedsAttention");
    }
    // What WebKit makes itself whatever it is told: salts, and a list of hosts that stays empty.
    let kept = scene.desk.path("data/dev.lanyard.agent");
    for file in files(&kept) {
        assert!(file.ends_with("/salt") || file.starts_with("hsts-storage.sqlite"), "{file} is kept");
        let bytes = fs::read(kept.join(&file)).unwrap();
        for word in ["://", "localhost", "Linear", "linear", "acme"] {
            assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()), "{file} holds {word}");
        }
    }
    let cached = files(&scene.desk.path("home/.cache"));
    assert!(cached.iter().all(|file| file.starts_with("openbox/")), "{cached:?}");
    assert_eq!(fs::read(scene.desk.path("state/lanyard/window.lock")).unwrap(), b"");
    let folder = scene.desk.path("run/lanyard");
    let door = fs::symlink_metadata(folder.join("lanyard.sock.window")).unwrap();
    assert!(door.file_type().is_socket() && door.permissions().mode() & 0o077 == 0, "{door:?}");
    assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o077, 0, "its door is the person's own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_screen_is_shown_where_it_pauses_serving_and_an_unlocked_one_serves_again() {
    let change = |policy: &mut serde_json::Value| policy["OnScreenLock"] = json!("pause-serving");
    let Some(mut scene) = Scene::new(Look::Light, change).await else { return };
    let Some(logind) = Logind::start(&mut scene.desk).await.unwrap() else { return };
    let tray = signed_in(&mut scene).await;
    let active = tray.picture().await.unwrap();
    let locked = "Screen locked: no program gets access";
    until!(logind.screen(true), says(locked)(&tray.menu().await.unwrap()));
    assert!(tray.picture().await.unwrap() != active, "the icon says so too");
    assert!(tray.tooltip().await.unwrap().contains(locked));
    assert_eq!(scene.desk.say(&["token", "linear"]).await.code, 7);
    let pause = tray.menu().await.unwrap().into_iter().find(|line| line.label == "Pause").unwrap();
    assert!(!pause.ticked, "the person paused nothing");
    let Some(face) = Face::beside(&scene.desk, "account").await else { return };
    face.says("No program gets access while the screen is locked; your organisation wants it so.").await;
    scene.desktop.picture(&scene.desk, "screen-locked").unwrap();
    until!(logind.screen(false), !says(locked)(&tray.menu().await.unwrap()));
    assert!(tray.picture().await.unwrap() == active, "the icon is as it was");
    face.says("Programs get access when they ask.").await;
    assert_eq!(scene.desk.say(&["token", "linear"]).await.code, 0);
    face.window.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desktop_without_logind_tells_of_its_lock_by_its_screen_saver() {
    let change = |policy: &mut serde_json::Value| policy["OnScreenLock"] = json!("pause-serving");
    let Some(mut scene) = Scene::new(Look::Light, change).await else { return };
    let address = format!("unix:path={}", scene.desk.path("run/bus").display());
    let saver = Saver::serve(&address, true).await.unwrap();
    scene.start();
    let locked = |locked: bool| move |status: &serde_json::Value| status["agent"]["screen_locked"] == locked;
    scene.desk.until("locked before it started", locked(true)).await;
    saver.set(false).await.unwrap();
    scene.desk.until("unlocked", locked(false)).await;
    saver.set(true).await.unwrap();
    scene.desk.until("locked", locked(true)).await;
    drop(saver);
    scene.desk.until("nothing covers the screen", locked(false)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lid_that_was_closed_finds_icon_and_session_right_when_it_opens() {
    let change = |policy: &mut serde_json::Value| policy["VaultFallback"] = json!("machine-key-file");
    let Some(mut scene) = Scene::new(Look::Light, change).await else { return };
    let Some(logind) = Logind::start(&mut scene.desk).await.unwrap() else { return };
    let tray = signed_in(&mut scene).await;
    let active = tray.picture().await.unwrap();
    scene.desk.kill_agent();
    // It would not ask again for an hour.
    scene.world.faults().set(Leg::IdpRefresh, Fault::Throttled { retry_after: Some(3_600) }, Times::Always);
    scene.start();
    let tray = scene.tray().await;
    tray.until("waiting", says("Waiting for your identity provider")).await.unwrap();
    scene.desktop.picture(&scene.desk, "tray-waiting-light").unwrap();
    logind.sleep().await.unwrap();
    assert!(tray.picture().await.unwrap() != active);
    scene.world.faults().clear();
    let is_signed_in = |menu: &[Line]| {
        menu.iter().any(|line| line.label.starts_with("Signed in as")) && !says("Waiting for your identity provider")(menu)
    };
    until!(logind.resume(), is_signed_in(&tray.menu().await.unwrap()));
    let began = Instant::now();
    while tray.picture().await.unwrap() != active {
        assert!(began.elapsed() < PATIENCE, "the icon stays behind");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(tray.status().await.unwrap(), "Active");
    assert_eq!(scene.desk.say(&["token", "linear"]).await.code, 0);
}
