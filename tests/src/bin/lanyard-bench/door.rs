//! A cached token over the local socket, spoken by hand so that the client adds next to nothing.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::peer::Peer;
use crate::process::cpu;
use crate::table::Row;

const WARM_UP: usize = 500;
const CALLS: usize = 10_000;
const LOAD: Duration = Duration::from_secs(3);
const LOADERS: usize = 8;

pub(crate) const REQUEST: &[u8] =
    b"POST /v1/servers/linear/token HTTP/1.1\r\nHost: lanyard\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

/// Every figure of the door.
pub(crate) fn rows(socket: &Path, agent: u32, peer: Option<&Peer>) -> Result<Vec<Row>, String> {
    let mut stream = open(socket)?;
    let kept = timed(|| call(&mut stream, REQUEST))?;
    let fresh = timed(|| call(&mut open(socket)?, REQUEST))?;
    let theirs = match peer {
        Some(peer) => Some(timed(|| crate::peer::ask(&peer.socket(), peer.without().is_none()))?),
        None => None,
    };
    let name = peer.map_or("", Peer::answer);
    let theirs = |part| theirs.as_deref().map(|times| quantile(times, part));
    let (served, busy) = load(socket, agent)?;
    Ok(vec![
        Row::time("cached token, kept-alive, p50", quantile(&kept, 0.5), 60.0, "us"),
        Row::time("cached token, kept-alive, p99", quantile(&kept, 0.99), 250.0, "us"),
        Row::time("cached token, new connection, p50", quantile(&fresh, 0.5), 100.0, "us").beside(name, theirs(0.5)),
        Row::time("cached token, new connection, p99", quantile(&fresh, 0.99), 300.0, "us").beside(name, theirs(0.99)),
        Row::new("cached tokens a second of one core", served / busy, 20_000.0, "")
            .at_least()
            .note(format!("by the agent's processor time: {LOADERS} callers, {busy:.2} s of it")),
    ])
}

/// How many are served at once by several callers, and the processor time that the agent spent on them, seconds.
#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 calls")]
fn load(socket: &Path, agent: u32) -> Result<(f64, f64), String> {
    let served = AtomicU64::new(0);
    let before = cpu(agent)?;
    std::thread::scope(|scope| {
        let caller = || -> Result<(), String> {
            let mut stream = open(socket)?;
            let began = Instant::now();
            while began.elapsed() < LOAD {
                call(&mut stream, REQUEST)?;
                served.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        };
        let callers: Vec<_> = (0..LOADERS).map(|_| scope.spawn(caller)).collect();
        callers.into_iter().try_for_each(|caller| caller.join().map_err(|_| "a caller broke".to_owned())?)
    })?;
    Ok((served.into_inner() as f64, cpu(agent)? - before))
}

pub(crate) fn timed(mut work: impl FnMut() -> Result<(), String>) -> Result<Vec<Duration>, String> {
    (0..WARM_UP).try_for_each(|_| work())?;
    let mut times = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let began = Instant::now();
        work()?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    Ok(times)
}

/// The value below which `part` of the sorted times lie.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an index into a short list"
)]
pub(crate) fn quantile(sorted: &[Duration], part: f64) -> Duration {
    let at = (sorted.len() as f64 * part) as usize;
    sorted.get(at.min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

fn open(socket: &Path) -> Result<UnixStream, String> {
    UnixStream::connect(socket).map_err(|error| format!("{}: {error}", socket.display()))
}

/// One request and its whole answer, which must be good.
pub(crate) fn call(stream: &mut (impl Read + Write), request: &[u8]) -> Result<(), String> {
    stream.write_all(request).map_err(|error| error.to_string())?;
    let mut bytes = [0_u8; 8192];
    let mut filled = 0;
    loop {
        let read = stream.read(&mut bytes[filled..]).map_err(|error| error.to_string())?;
        filled += read;
        let answer = &bytes[..filled];
        if whole(answer) {
            let good = answer.starts_with(b"HTTP/1.1 200");
            return if good { Ok(()) } else { Err(String::from_utf8_lossy(answer).into_owned()) };
        }
        if read == 0 {
            return Err("the door closed in the middle of an answer".to_owned());
        }
    }
}

fn whole(answer: &[u8]) -> bool {
    let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let text = std::str::from_utf8(&answer[..head]).unwrap_or_default();
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") { value.trim().parse::<usize>().ok() } else { None }
    });
    length.is_some_and(|length| answer.len() >= head + 4 + length)
}
