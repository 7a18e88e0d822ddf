//! What starts at log-on: who enters it, and what a start does that no person asked for.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use sandbox::desk::{PATIENCE, binary, skipped};
use sandbox::desktop::Look;

use crate::scene::{Scene, WINDOW};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tray_of_a_persons_own_enters_itself_at_log_on_and_stays_off_where_they_switched_it_off() {
    if ["/etc/xdg/autostart/lanyard.desktop", "/usr/lib/systemd/user/lanyard.service"].iter().any(|path| Path::new(path).exists())
    {
        skipped("a package of Lanyard is installed on this machine");
        return;
    }
    let Some(mut scene) = Scene::new(Look::Light, |_| {}).await else { return };
    let folder = scene.desk.path("home/.local/bin");
    fs::create_dir_all(&folder).unwrap();
    let own = folder.join("lanyard-tray");
    fs::hard_link(binary("lanyard-tray"), &own).or_else(|_| fs::copy(binary("lanyard-tray"), &own).map(drop)).unwrap();
    let start = |scene: &mut Scene| {
        let command = scene.desk.program(&own);
        scene.desk.start_agent_in(command);
    };
    start(&mut scene);
    scene.tray().await;
    let entry = scene.desk.path("home/.config/autostart/lanyard.desktop");
    let text = fs::read_to_string(&entry).unwrap();
    assert!(text.contains(&format!("\nExec=\"{}\" --autostart\n", own.display())), "{text}");
    scene.desk.stop_agent();
    let off = format!("{text}Hidden=true\n");
    fs::write(&entry, &off).unwrap();
    start(&mut scene);
    scene.tray().await;
    assert_eq!(fs::read_to_string(&entry).unwrap(), off);
    scene.desk.stop_agent();
    fs::write(&entry, text.replace(&own.display().to_string(), "/gone/lanyard-tray")).unwrap();
    start(&mut scene);
    scene.tray().await;
    assert_eq!(fs::read_to_string(&entry).unwrap(), text, "an entry that starts nothing is repaired");
    scene.desk.stop_agent();
    let by_hand = "[Desktop Entry]\nType=Application\nExec=/gone/my-wrapper\n";
    fs::write(&entry, by_hand).unwrap();
    start(&mut scene);
    scene.tray().await;
    assert_eq!(fs::read_to_string(&entry).unwrap(), by_hand, "what a person wrote stays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_at_log_on_takes_over_from_a_tray_that_ends_and_never_opens_a_window() {
    let Some(mut scene) = Scene::new(Look::Light, |_| {}).await else { return };
    scene.start();
    scene.tray().await;
    let at_log_on = |scene: &Scene| scene.desk.program(&binary("lanyard-tray")).arg("--autostart").spawn().unwrap();
    // The first one stays, so this one is not needed.
    assert_eq!(ended(at_log_on(&scene)).await, Some(0));
    assert!(!scene.desktop.windows().unwrap().iter().any(|title| title == WINDOW), "nobody asked for a window");

    let second = at_log_on(&scene);
    let began = Instant::now();
    while !holds(second.id(), "tray.lock") {
        assert!(began.elapsed() < PATIENCE, "it does not wait");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    scene.desk.stop_agent();
    let own = second.id();
    scene.desk.until("taken over", |status| status["agent"]["pid"] == own).await;
    let tray = scene.tray().await;
    tray.until("shown", |menu| menu.iter().any(|line| line.label == "Not signed in")).await.unwrap();
    Command::new("kill").arg(own.to_string()).status().unwrap();
    assert_eq!(ended(second).await, Some(0));
}

/// Whether a process has a file of this name open.
fn holds(pid: u32, name: &str) -> bool {
    let Ok(open) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    open.flatten().filter_map(|entry| fs::read_link(entry.path()).ok()).any(|file| file.ends_with(name))
}

/// The exit code of a process that ends by itself.
async fn ended(mut process: Child) -> Option<i32> {
    let began = Instant::now();
    loop {
        if let Some(status) = process.try_wait().unwrap() {
            return status.code();
        }
        assert!(began.elapsed() < PATIENCE, "{} stays", process.id());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
