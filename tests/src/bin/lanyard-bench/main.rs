//! `lanyard-bench`: what a released `lanyard` costs, beside its budget and a peer that does the same in the same run.
#![expect(clippy::print_stdout, reason = "a benchmark speaks")]

mod bridge;
mod counts;
mod door;
mod gateway;
mod nginx;
mod peer;
mod policy;
mod process;
mod server;
mod table;
mod tray;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use sandbox::{Desk, Options, World};
use serde_json::json;

use table::Row;

/// Measures Lanyard against its budgets.
#[derive(Parser)]
struct Arguments {
    /// The released program
    #[arg(long)]
    lanyard: PathBuf,
    /// The released tray, where it was built
    #[arg(long)]
    tray: Option<PathBuf>,
    /// Measures the tray and nothing else
    #[arg(long, requires = "tray")]
    tray_alone: bool,
    /// How long the idle agent is watched
    #[arg(long, default_value_t = 60)]
    idle_seconds: u64,
}

const USER: &str = "ada";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match measure(&arguments).await {
        Ok(rows) => {
            println!("{}", table::render(&rows));
            ExitCode::SUCCESS
        }
        Err(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(arguments: &Arguments) -> Result<Vec<Row>, String> {
    // The desk's processes run in folders of their own.
    let whole = |path: &PathBuf| path.canonicalize().map_err(|error| format!("{}: {error}", path.display()));
    let binary = &whole(&arguments.lanyard)?;
    let tray = arguments.tray.as_ref().map(whole).transpose()?;
    let size = std::fs::metadata(binary).map_err(|error| format!("{}: {error}", binary.display()))?.len();
    let world = World::start(Options { token_seconds: 3600, ..Options::default() }).await;
    let mut rows = Vec::new();
    if let Some(tray) = tray.as_ref().filter(|_| arguments.tray_alone) {
        return tray::rows(&world, tray).await;
    }

    let desk = seated(&world, binary).await;
    let (first, cached) = counts::round_trips(&world, &desk).await?;
    rows.push(Row::count("network round trips: first token, metadata known", first, 2));
    rows.push(Row::count("network round trips: cached token", cached, 0));
    let peer = peer::Peer::start(&world, binary).await;
    if let Some(why) = peer.as_ref().map_or_else(|why| Some(why.as_str()), peer::Peer::without) {
        println!("oidc-agent serves no token here: {why}");
    }
    rows.extend(blocking({
        let (socket, agent) = (desk.socket(), desk.agent_pid().ok_or("no agent runs")?);
        let peer = peer.as_ref().ok();
        move || door::rows(&socket, agent, peer)
    })?);
    rows.extend(blocking({
        let command = || {
            let mut command = desk.command(&["token", "linear"]);
            command.stdin(std::process::Stdio::null());
            command
        };
        let peer = peer.as_ref();
        move || process::commands(command, peer)
    })?);
    drop(desk);

    rows.extend(gateway::rows(&world, binary).await?);
    rows.push(Row::count("exchanges for 1,000 callers at once", counts::herd(&world, seated(&world, binary).await).await?, 1));
    rows.push(Row::count("servers fetched of 492 unused, 8 used", counts::many(&world, binary).await?, 0));
    rows.extend(policy::rows(&world, binary).await?);
    rows.push(blocking(|| process::start_up(|| Desk::new(&world, &world.policy_json()).with_binary(binary.clone())))?);

    let desk = seated(&world, binary).await;
    let pid = desk.agent_pid().ok_or("no agent runs")?;
    counts::token(&desk, "linear", &[]).await?;
    rows.extend(process::idle(pid, arguments.idle_seconds, peer.as_ref().ok().map(peer::Peer::pid)).await?);
    if let Some(tray) = &tray {
        rows.extend(tray::rows(&world, tray).await?);
    }
    rows.push(Row::new("`lanyard`, stripped", process::mebibytes(size), 8.0, "MiB"));
    Ok(rows)
}

/// A desk with somebody signed in.
async fn seated(world: &World, binary: &std::path::Path) -> Desk {
    let mut policy = world.policy_json();
    policy["SessionCheckSeconds"] = json!(86_400);
    let mut desk = Desk::new(world, &policy).with_binary(binary.to_owned());
    desk.start_agent();
    desk.sign_in(USER).await;
    desk
}

/// Lets other tasks go on elsewhere while this thread measures.
fn blocking<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    tokio::task::block_in_place(work)
}
