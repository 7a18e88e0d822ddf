//! The tray as it is released, on a desktop: how soon it is there, how soon its window, and what it holds.

use std::path::Path;
use std::time::{Duration, Instant};

use sandbox::desktop::Look;
use sandbox::{Colour, Desk, Desktop, Process, Tray, World, living_at};
use serde_json::json;

use crate::process::{mebibytes, pss};
use crate::table::Row;

const STARTS: usize = 5;
const OPENINGS: usize = 5;
const ID: &str = "dev.lanyard.agent";
const WINDOW: &str = "Lanyard";
/// The ground of the chosen page, `--selected-ground` of a light window: whoever sees it sees painted pages, and not a frame
/// that waits for them.
const CHOSEN: Colour = [0xd8, 0xe0, 0xf3];
/// Far fewer than the chosen page has, and far more than chance.
const PIXELS: usize = 100;
/// When memory is looked at after a window was closed.
const CLOSED: Duration = Duration::from_secs(5);
/// When it is looked at after the start.
const SETTLED: Duration = Duration::from_secs(10);

/// Its rows; none where there is no desktop.
pub(crate) async fn rows(world: &World, binary: &Path) -> Result<Vec<Row>, String> {
    let mut desk = Desk::new(world, &json!({}));
    let Some(desktop) = Desktop::start(&mut desk, Look::Light).await.map_err(|error| error.to_string())? else {
        return Ok(Vec::new());
    };
    let mut times = Vec::new();
    for _ in 0..STARTS {
        times.push(appears(&mut desk, &desktop, binary).await?);
        desk.stop_agent();
    }
    times.sort_unstable();
    appears(&mut desk, &desktop, binary).await?;
    tokio::time::sleep(SETTLED).await;
    let pid = desk.agent_pid().ok_or("no tray runs")?;
    let (before, own) = pss(pid)?;
    let tray = Tray::appears(desktop.bus(), ID).await.map_err(|error| error.to_string())?;
    let mut openings = Vec::new();
    for _ in 0..OPENINGS {
        openings.push(painted(&desktop, &tray).await.map_err(|error| error.to_string())?);
        desktop.screen().close(WINDOW).map_err(|error| error.to_string())?;
        gone(&desk).await?;
    }
    openings.sort_unstable();
    tokio::time::sleep(CLOSED).await;
    let (after, _) = pss(pid)?;
    let own = format!("{:.1} MiB of it private and written to", mebibytes(own));
    Ok(vec![
        Row::time("tray: start to icon on the panel, p50", times[times.len() / 2], 500.0, "ms"),
        Row::time("tray: click to painted window, p50", openings[openings.len() / 2], 1500.0, "ms"),
        Row::new("tray with the agent, memory (PSS)", mebibytes(before), 54.0, "MiB").note(own),
        Row::new("the same 5 s after its window was closed", mebibytes(after), 54.0, "MiB"),
    ])
}

/// Clicks on the icon; how long it took until pages were on the screen.
async fn painted(desktop: &Desktop, tray: &Tray) -> Result<Duration, Box<dyn std::error::Error>> {
    let began = Instant::now();
    tray.click().await?;
    desktop.screen().shows(CHOSEN, PIXELS).await?;
    Ok(began.elapsed())
}

/// Starts it; how long its icon took.
async fn appears(desk: &mut Desk, desktop: &Desktop, binary: &Path) -> Result<Duration, String> {
    let command = desk.program(binary);
    let began = Instant::now();
    desk.start_agent_in(command);
    Tray::appears(desktop.bus(), ID).await.map_err(|error| error.to_string())?;
    Ok(began.elapsed())
}

/// Waits until no process of the window is left, a web view's among them.
async fn gone(desk: &Desk) -> Result<(), String> {
    let began = Instant::now();
    loop {
        let left: Vec<_> = living_at(desk).into_iter().filter(Process::is_of_window).collect();
        if left.is_empty() {
            return Ok(());
        }
        if began.elapsed() > CLOSED {
            return Err(format!("the window leaves processes behind: {left:?}"));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
