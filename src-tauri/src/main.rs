//! `lanyard-tray`: the icon in the notification area, with the agent behind it; `--window` is the window, which is a
//! process of its own so that closing it gives its memory back.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

mod arguments;
mod commands;
mod context;
mod display;
mod language;
mod notices;
mod panel;
mod shell;
mod tray;
mod window;
mod words;

use std::io::Write;
use std::process::ExitCode;

use arguments::Wanted;

/// Says why this ends where nothing is shown that could say it; returns the exit code.
fn refused(why: &str) -> u8 {
    let _closed = writeln!(std::io::stderr(), "lanyard-tray: {why}");
    1
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let code = match arguments::read(&words) {
        Some(Wanted::Tray(starter)) => shell::run(starter),
        Some(Wanted::Window(opening)) => window::run(&opening),
        Some(Wanted::Version) => {
            let _closed = writeln!(std::io::stdout(), "lanyard-tray {}", env!("CARGO_PKG_VERSION"));
            0
        }
        None => {
            let _closed = write!(std::io::stderr(), "{}", arguments::USAGE);
            2
        }
    };
    ExitCode::from(code)
}
