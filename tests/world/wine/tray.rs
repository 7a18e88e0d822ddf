//! The tray for Windows, under Wine on a desktop of the test's own. Wine has no web view, so its window is not tried.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use sandbox::desk::{PATIENCE, skipped};
use sandbox::desktop::Look;
use sandbox::program::said;
use sandbox::{Desktop, Options, World};

use super::Windows;

/// Who shows icons under Wine: in windows of its own, within the panel.
const SHOWS: &str = "explorer.exe";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tray_for_windows_hosts_the_agent_and_shows_its_icon() {
    let world = World::start(Options::default()).await;
    let Some(mut windows) = Windows::new(&world).await else { return };
    let Some(desktop) = Desktop::start(&mut windows.desk, Look::Light).await.unwrap() else { return };
    let program = windows.prefix.with_file_name("lanyard-tray.exe");
    if !program.exists() {
        skipped("lanyard-tray was not built for Windows");
        return;
    }
    let log = std::fs::File::create(windows.desk.path("agent.log")).unwrap();
    let mut wine = windows.desk.program(Path::new("wine"));
    wine.arg(&program).env_remove("LANYARD_DEBUG_ROOT").stdout(Stdio::null()).stderr(log);
    windows.agent = Some(wine.spawn().unwrap());
    windows.desk.until("running", |status| status["agent"]["running"] == true).await;
    let began = Instant::now();
    loop {
        let search = ["search", "--onlyvisible", "--class", SHOWS];
        let found = said(&mut windows.desk.other(Path::new("xdotool"), &search));
        if !found.stdout.trim().is_empty() {
            break;
        }
        assert!(began.elapsed() < PATIENCE, "no icon: {found:?} {}", windows.desk.agent_log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    desktop.picture(&windows.desk, "tray-windows").unwrap();
}
