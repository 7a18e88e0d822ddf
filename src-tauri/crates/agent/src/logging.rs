//! Logs to stderr. Only Lanyard's own rooms speak below a warning, whatever the level: dependencies would
//! print what must not be printed.

use std::sync::atomic::{AtomicUsize, Ordering};

use policy::LogLevel;
use tracing::{Level, Metadata};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

const LEVELS: [Level; 5] = [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG, Level::TRACE];
static CHOSEN: AtomicUsize = AtomicUsize::new(2);

/// Starts logging; a second call changes nothing.
pub(crate) fn start() {
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false).with_target(true);
    let _ = tracing_subscriber::registry().with(lines.with_filter(filter_fn(admits))).try_init();
}

/// `LogLevel`, from now on.
pub(crate) fn set(level: LogLevel) {
    let index = LEVELS.iter().position(|one| one.as_str().eq_ignore_ascii_case(level.as_str())).unwrap_or(2);
    CHOSEN.store(index, Ordering::Relaxed);
    tracing::callsite::rebuild_interest_cache();
}

fn admits(metadata: &Metadata<'_>) -> bool {
    let chosen = LEVELS[CHOSEN.load(Ordering::Relaxed).min(LEVELS.len() - 1)];
    let ours = metadata.target().starts_with("lanyard");
    *metadata.level() <= if ours { chosen } else { Level::WARN.min(chosen) }
}
