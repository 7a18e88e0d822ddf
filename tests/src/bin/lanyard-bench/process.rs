//! Whole processes: how long they take, what they hold while they idle.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sandbox::Desk;

use crate::door::quantile;
use crate::peer::Peer;
use crate::table::Row;

const RUNS: usize = 300;
const STARTS: usize = 20;
/// Policy is read again twice within the first two minutes; idle is what comes after.
const SETTLE: Duration = Duration::from_secs(130);
/// Kernel ticks a second in `/proc`, which Linux fixes for every program.
const TICKS: f64 = 100.0;

/// `lanyard token` beside `oidc-token`, alternating.
pub(crate) fn commands(ours: impl Fn() -> Command, peer: Result<&Peer, &String>) -> Result<Vec<Row>, String> {
    let (mut mine, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        mine.push(once(ours())?);
        if let Ok(peer) = peer {
            theirs.push(once(peer.command())?);
        }
    }
    mine.sort_unstable();
    theirs.sort_unstable();
    let row = Row::time("`lanyard token`, cached, whole process, p50", quantile(&mine, 0.5), 2.0, "ms");
    Ok(vec![match peer {
        Ok(peer) => row.beside(peer.name(), Some(quantile(&theirs, 0.5))),
        Err(why) => row.note(format!("no oidc-agent: {why}")),
    }])
}

fn once(mut command: Command) -> Result<Duration, String> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    let status = command.status().map_err(|error| error.to_string())?;
    let took = began.elapsed();
    if status.success() { Ok(took) } else { Err(format!("{}: {status}", command.get_program().display())) }
}

/// From the start of the process to the first connection.
pub(crate) fn start_up(desk: impl Fn() -> Desk) -> Result<Row, String> {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let desk = desk();
        let file = desk.policy_file().display().to_string();
        let mut command = desk.command(&["run", "--policy", &file]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let began = Instant::now();
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        let open = loop {
            if std::os::unix::net::UnixStream::connect(desk.socket()).is_ok() {
                break Ok(began.elapsed());
            }
            if began.elapsed() > sandbox::desk::PATIENCE {
                break Err("the door never opened".to_owned());
            }
            std::thread::sleep(Duration::from_micros(200));
        };
        let _ = child.kill();
        let _ = child.wait();
        times.push(open?);
    }
    times.sort_unstable();
    Ok(Row::time("start to door open, p50", quantile(&times, 0.5), 50.0, "ms"))
}

/// Memory and wake-ups of an agent that nobody asks anything.
pub(crate) async fn idle(pid: u32, seconds: u64, peer: Option<u32>) -> Result<Vec<Row>, String> {
    tokio::time::sleep(SETTLE).await;
    let before = switches(pid)?;
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let minutes = Duration::from_secs(seconds).as_secs_f64() / 60.0;
    let after = switches(pid)?;
    let ended = before.keys().filter(|thread| !after.contains_key(*thread)).count() as u64;
    let woke = after.iter().map(|(thread, now)| now.saturating_sub(before.get(thread).copied().unwrap_or(0)));
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 wake-ups")]
    let wakes = (woke.sum::<u64>() + ended) as f64 / minutes;
    let peer = peer.and_then(|peer| pss(peer).ok());
    let beside = peer.map(|(peer, _)| format!("oidc-agent: {:.1} MiB", mebibytes(peer))).unwrap_or_default();
    let (held, own) = pss(pid)?;
    let own = format!("{:.1} MiB of it private and written to", mebibytes(own));
    Ok(vec![
        Row::new("idle agent, memory (PSS)", mebibytes(held), 8.0, "MiB").note(format!("{own}; {beside}")),
        Row::new("idle agent, wake-ups a minute", wakes, 2.0, ""),
    ])
}

/// Voluntary context switches of each thread: how often it woke.
fn switches(pid: u32) -> Result<BTreeMap<OsString, u64>, String> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).map_err(|error| error.to_string())?;
    let of = |thread: fs::DirEntry| {
        let text = fs::read_to_string(thread.path().join("status")).ok()?;
        Some((thread.file_name(), line(&text, "voluntary_ctxt_switches:")?))
    };
    Ok(threads.flatten().filter_map(of).collect())
}

/// The proportional memory of a process and the part that it alone wrote, bytes. A released agent shows it to root only.
pub(crate) fn pss(pid: u32) -> Result<(u64, u64), String> {
    let file = format!("/proc/{pid}/smaps_rollup");
    let text = fs::read_to_string(&file).map_err(|error| format!("{file}: {error} (only root may look into the agent)"))?;
    let of = |name| line(&text, name).map(|kib| kib * 1024).ok_or_else(|| format!("{file} has no {name}"));
    Ok((of("Pss:")?, of("Private_Dirty:")?))
}

fn line(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok())
}

/// Processor time of a process so far, seconds.
pub(crate) fn cpu(pid: u32) -> Result<f64, String> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).map_err(|error| error.to_string())?;
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let of = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    Ok((of(11) + of(12)) / TICKS)
}

/// Bytes as MiB.
#[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
pub(crate) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / 1_048_576.0
}
