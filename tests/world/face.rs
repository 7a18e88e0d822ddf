//! The window as an employee uses it: the real one, on a real display, before the real agent, with keys alone.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sandbox::desk::{PATIENCE, binary, skipped};
use sandbox::{Desk, Options, PASSWORD, World};
use serde_json::{Value, json};

use crate::hand::{Face, PAGES};
use crate::rules;

/// Catches the address that a browser would be opened with.
fn browser(desk: &mut Desk) -> PathBuf {
    let (opener, opened) = (desk.path("browser"), desk.path("opened"));
    fs::write(&opener, format!("#!/bin/sh\nprintf %s \"$1\" > {0}.new && mv {0}.new {0}\n", opened.display())).unwrap();
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).unwrap();
    desk.set("BROWSER", &opener.display().to_string());
    opened
}

async fn caught(opened: &Path) -> String {
    let began = Instant::now();
    loop {
        if let Ok(address) = fs::read_to_string(opened) {
            fs::remove_file(opened).unwrap();
            return address;
        }
        assert!(began.elapsed() < PATIENCE, "no browser was opened");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn until_so(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "never so: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_alone_open_every_page_and_none_has_an_accessibility_fault() {
    let world = World::start(Options::default()).await;
    let mut desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    world.idp.refuse("figma");
    assert_eq!(desk.say(&["token", "figma"]).await.code, 7);
    let Some((desktop, face)) = Face::open(&mut desk, "servers").await else { return };
    assert!(desktop.windows().unwrap().contains(&"Lanyard".to_owned()));
    let sentences = ["Access refused", "got access to Linear", "None of the programs", "Signed in since", "Check step by step"];
    for (page, sentence) in PAGES.into_iter().zip(sentences) {
        face.page(page).await;
        face.says(sentence).await;
        face.assert_accessible(page).await;
        face.picture(&page.to_lowercase()).await;
    }
    face.use_key_on("Start the check").await;
    let text = face.until("the end of the check", |text| text.contains("Done: ")).await;
    assert!(text.contains("Failed") && text.contains("Who can mend it"), "{text}");
    face.assert_accessible("the check").await;
    face.picture("doctor").await;
    face.window.close().await.unwrap();
    // Closing the window never stops the agent.
    assert_eq!(desk.status().await["session"]["state"], "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dark_desktop_gets_a_dark_window_and_text_of_twice_the_size_fits() {
    let world = World::start(Options::default()).await;
    let mut desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    desk.set("GTK_THEME", "Adwaita:dark");
    let Some((_desktop, face)) = Face::open(&mut desk, "servers").await else { return };
    let dark = "return matchMedia('(prefers-color-scheme: dark)').matches";
    assert_eq!(face.window.script(dark).await.unwrap(), true);
    for page in PAGES {
        face.page(page).await;
        face.assert_accessible(page).await;
        face.picture(&format!("{}-dark", page.to_lowercase())).await;
        for (size, direction) in [("200%", "ltr"), ("200%", "rtl"), ("100%", "rtl")] {
            let beyond = rules::beyond(size, direction);
            assert_eq!(face.window.script(&beyond).await.unwrap(), json!([true, []]), "{page} at {size}, {direction}");
        }
    }
    face.window.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desktop_that_writes_twice_as_large_gets_a_window_that_does_and_fits() {
    let world = World::start(Options::default()).await;
    let mut desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    desk.set("GDK_DPI_SCALE", "2");
    let Some((_desktop, face)) = Face::open(&mut desk, "servers").await else { return };
    // WebKit lays the page out as for a window of half the size.
    assert_eq!(face.window.script("return outerWidth / innerWidth").await.unwrap(), 2);
    for page in PAGES {
        face.page(page).await;
        assert_eq!(face.window.script(&rules::beyond("", "ltr")).await.unwrap(), json!([true, []]), "{page}");
        face.picture(&format!("{}-large", page.to_lowercase())).await;
    }
    face.window.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_signs_in_and_out_from_the_window() {
    let world = World::start(Options::default()).await;
    let mut desk = Desk::new(&world, &world.policy_json());
    let opened = browser(&mut desk);
    desk.start_agent();
    let Some((_desktop, face)) = Face::open(&mut desk, "account").await else { return };
    face.says("Nobody has signed in on this computer yet.").await;
    face.assert_accessible("signed out").await;
    face.use_key_on("Sign in").await;
    face.says("Your browser is open for the sign-in.").await;
    world.browser().sign_in(&caught(&opened).await, "ada", PASSWORD).await.unwrap();
    face.says("Signed in since").await;
    face.use_key_on("Pause").await;
    face.says("No program gets access until you resume.").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 7);
    face.use_key_on("Resume").await;
    face.says("Programs get access when they ask.").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    face.use_key_on("Sign out").await;
    face.says("You signed out.").await;
    desk.until("signed out", |status| status["session"]["reason"] == "user").await;
    face.window.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_window_tells_a_disabled_user_why_and_whom_to_ask() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    policy["SessionCheckSeconds"] = json!(5);
    let mut desk = Desk::signed_in(&world, &policy, "ada").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    let Some((_desktop, face)) = Face::open(&mut desk, "servers").await else { return };
    face.says("Ready").await;
    world.idp.disable("ada");
    let began = Instant::now();
    while desk.say(&["token", "linear"]).await.code == 0 {
        assert!(began.elapsed() < PATIENCE, "a disabled user was served for too long");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let text = face.says("Your identity provider ended the session, or your account is disabled there.").await;
    assert!(text.contains("it@acme.example") && text.contains("Sign in again"), "{text}");
    face.assert_accessible("a disabled user").await;
    face.picture("disabled").await;
    face.window.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_that_was_lifted_is_forgotten_with_one_key() {
    let world = World::start(Options::default()).await;
    let mut desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    world.idp.refuse("figma");
    assert_eq!(desk.say(&["token", "figma"]).await.code, 7);
    let Some((_desktop, face)) = Face::open(&mut desk, "servers").await else { return };
    let text = face.says("Access refused").await;
    assert!(text.contains("Your identity provider does not allow your account"), "{text}");
    world.idp.set_access("everyone", "figma", ["read", "write"]);
    face.use_key_on("Try again: Figma").await;
    face.says("The refusal is forgotten").await;
    assert_eq!(desk.say(&["token", "figma"]).await.code, 0);
    face.until("ready", |text| !text.contains("Access refused") && text.contains("Ready")).await;
    face.window.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_policy_the_window_says_what_is_missing_and_goes_on_by_itself() {
    let world = World::start(Options::default()).await;
    let mut desk = Desk::new(&world, &json!({}));
    desk.start_agent();
    let Some((_desktop, face)) = Face::open(&mut desk, "servers").await else { return };
    let text = face.says("Issuer").await;
    assert!(text.contains("Lanyard is not set up on this computer yet") && text.contains("Your IT support"), "{text}");
    face.assert_accessible("no policy").await;
    face.picture("unconfigured").await;
    desk.write_policy(&world.policy_json());
    face.says("4 servers").await;
    desk.kill_agent();
    face.says("Lanyard is not running").await;
    desk.start_agent();
    face.says("Nobody is signed in").await;
    face.window.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_window_sends_the_first_to_its_page() {
    let world = World::start(Options::default()).await;
    let mut desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let Some((desktop, face)) = Face::open(&mut desk, "servers").await else { return };
    face.says("Linear").await;
    let screen = desktop.screen();
    screen.clear().unwrap();
    until_so("the desktop is clear", || screen.focused().unwrap() != "Lanyard").await;
    let second = desk.other(&binary("lanyard-tray"), &["--window", "programs"]).status().unwrap();
    assert!(second.success(), "{second}");
    face.says("Set up with one click").await;
    until_so("the first is in front", || screen.focused().unwrap() == "Lanyard").await;
    assert_eq!(desktop.windows().unwrap().iter().filter(|title| *title == "Lanyard").count(), 1);
    face.window.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_is_set_up_from_the_window_and_taken_back() {
    let world = World::start(Options::default()).await;
    let mut desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    fs::create_dir_all(desk.path("home/.cursor")).unwrap();
    let file = desk.path("home/.cursor/mcp.json");
    let Some((_desktop, face)) = Face::open(&mut desk, "programs").await else { return };
    face.says("Cursor").await;
    face.use_key_on("Set up Cursor").await;
    face.says("Cursor is set up.").await;
    assert!(fs::read_to_string(&file).unwrap().contains("linear"));
    face.use_key_on("Remove Lanyard from Cursor").await;
    face.says("Lanyard's entries are gone from Cursor.").await;
    assert!(!fs::read_to_string(&file).unwrap_or_default().contains("linear"));
    face.window.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_a_page_nor_an_answer_to_it_holds_a_secret_and_nothing_else_can_be_asked() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    policy["Servers"]["figma"]["scopes"] = json!(["read"]);
    let mut desk = Desk::signed_in(&world, &policy, "ada").await;
    let mut secrets: BTreeSet<String> = [sandbox::LINEAR_SECRET.to_owned()].into();
    for server in ["linear", "figma", "wiki"] {
        secrets.insert(desk.say(&["token", server]).await.stdout.trim().to_owned());
    }
    let key: Value = serde_json::from_str(&desk.say(&["setup", "key", "marked", "--json"]).await.stdout).unwrap();
    secrets.insert(key["key"].as_str().unwrap().to_owned());
    let Some((_desktop, face)) = Face::open(&mut desk, "servers").await else { return };
    let mut seen = String::new();
    for page in PAGES {
        face.page(page).await;
        face.until("the page", |text| text.len() > 100).await;
        seen += face.window.script("return document.documentElement.outerHTML").await.unwrap().as_str().unwrap();
    }
    for command in ["opening", "status", "programs", "clients", "policy", "diagnostics", "versions"] {
        seen += &face.ask(command, &json!({})).await.unwrap().to_string();
    }
    seen += &face.ask("audit", &json!({"after": 0})).await.unwrap().to_string();
    seen += &face.ask("set_up", &json!({"client": "cursor"})).await.unwrap().to_string();
    secrets.extend(world.idp.secrets());
    assert!(secrets.len() > 6 && secrets.iter().all(|secret| secret.len() >= 12), "{secrets:?}");
    assert!(seen.contains("marked") && seen.contains("Company wiki"), "what was looked through is there");
    for secret in &secrets {
        assert!(!seen.contains(secret), "the window holds a secret: {}…", &secret[..8]);
    }
    for forbidden in [
        "plugin:event|emit",
        "plugin:window|set_title",
        "plugin:webview|create_webview_window",
        "plugin:webview|internal_toggle_devtools",
        "plugin:app|version",
        "plugin:path|resolve_directory",
        "plugin:resources|close",
        "plugin:shell|open",
        "token",
    ] {
        assert!(face.ask(forbidden, &json!({"event": "status", "payload": null})).await.is_err(), "{forbidden}");
    }
    for (command, words) in [("set_up", json!({"client": "--force"})), ("retry", json!({"server": "../session"}))] {
        let problem = face.ask(command, &words).await.unwrap_err();
        assert!(problem["action"].is_string(), "{command}: {problem}");
    }
    // Nothing remote is loaded, nothing leads away, and nothing is kept.
    let tried = "return new Promise((done) => {
        const picture = new Image();
        picture.onload = () => done('loaded');
        picture.onerror = () => done('refused');
        picture.src = 'http://127.0.0.1:9/';
        location.href = 'https://idp.example/';
      }).then((picture) => [picture, location.host, document.cookie, document.querySelectorAll('a, form, iframe').length])";
    assert_eq!(face.window.script(tried).await.unwrap(), json!(["refused", "localhost", "", 0]));
    face.window.close().await.unwrap();
}

/// Makes a desk's programs speak German; false where the machine cannot.
fn german(desk: &mut Desk) -> bool {
    let (folder, name) = (desk.path("locales"), "de_DE.UTF-8");
    fs::create_dir_all(&folder).unwrap();
    let made =
        desk.other(Path::new("localedef"), &["-i", "de_DE", "-f", "UTF-8", &folder.join(name).display().to_string()]).output();
    desk.set("LOCPATH", &folder.display().to_string());
    desk.set("LANG", name);
    made.is_ok_and(|made| made.status.success())
}

/// Words of the window that stand in no other language's sentence.
const ENGLISH: [&str; 14] =
    ["the", "your", "and", "with", "this", "what", "when", "show", "sign", "nobody", "access", "page", "check", "settings"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_german_desktop_gets_a_german_window_without_an_english_sentence_of_its_own() {
    let world = World::start(Options::default()).await;
    let mut desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    world.idp.refuse("figma");
    assert_eq!(desk.say(&["token", "figma"]).await.code, 7);
    if !german(&mut desk) {
        return skipped("no German among the locales of this machine");
    }
    let Some((_desktop, face)) = Face::open(&mut desk, "servers").await else { return };
    // Whoever reads aloud is told what is in the agent's own words; nothing else is English.
    let own = "const copy = document.body.cloneNode(true);
        copy.querySelectorAll('[lang=en], .code, .theirs, script').forEach((it) => it.remove());
        return [document.documentElement.lang, copy.textContent]";
    for page in ["Server", "Verlauf", "Programme", "Konto", "Hilfe"] {
        face.page(page).await;
        if page == "Hilfe" {
            face.use_key_on("Zeigen, was hineinkommt").await;
            face.says("diese Liste").await;
            face.use_key_on("Prüfung beginnen").await;
            let text = face.until("the end of the check", |text| text.contains("Fertig: ")).await;
            assert!(text.contains("Figma nach seinen Werkzeugen fragen") && text.contains("Gescheitert"), "{text}");
            let foreign = "return [...document.querySelectorAll('.step h3[lang]')].map((it) => it.textContent)";
            assert_eq!(face.window.script(foreign).await.unwrap(), json!([]), "every step has a German title");
        }
        let said = face.window.script(own).await.unwrap();
        assert_eq!(said[0], "de");
        let text = said[1].as_str().unwrap().to_lowercase();
        let words: BTreeSet<&str> = text.split(|letter: char| !letter.is_alphabetic()).collect();
        let english: Vec<&&str> = ENGLISH.iter().filter(|word| words.contains(**word)).collect();
        assert!(english.is_empty(), "{page}: {english:?} in {text}");
        assert_eq!(face.window.script(&rules::beyond("", "ltr")).await.unwrap(), json!([true, []]), "{page}");
        face.assert_accessible(page).await;
        face.picture(&format!("{}-german", page.to_lowercase())).await;
    }
    face.window.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desktop_of_high_contrast_gets_a_window_of_high_contrast() {
    let world = World::start(Options::default()).await;
    let mut desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    for theme in ["HighContrast", "HighContrastInverse"] {
        desk.set("GTK_THEME", theme);
        let Some((_desktop, face)) = Face::open(&mut desk, "servers").await else { return };
        let contrast = "return matchMedia('(prefers-contrast: more)').matches";
        assert_eq!(face.window.script(contrast).await.unwrap(), true, "{theme}");
        for page in PAGES {
            face.page(page).await;
            face.assert_accessible(page).await;
        }
        face.picture(&format!("servers-{}", theme.to_lowercase())).await;
        face.window.close().await.unwrap();
    }
}
