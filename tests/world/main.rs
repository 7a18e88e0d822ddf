//! The world: the real `lanyard` in real processes against the sandbox over real HTTP and sockets.
//!
//! A test waits for events, with a limit, and never for a time that hopes.

#![expect(clippy::unwrap_used, reason = "a helper of a test ends the test")]

/// Repeats a signal until it had its effect: the agent takes a moment to listen.
macro_rules! until {
    ($signal:expr, $effect:expr) => {{
        let began = std::time::Instant::now();
        loop {
            $signal.await.unwrap();
            if $effect {
                break;
            }
            assert!(began.elapsed() < sandbox::desk::PATIENCE, "the signal had no effect");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }};
}

mod audits;
mod autostart;
mod bridge;
mod clients;
mod day;
mod diagnostics;
mod doctor;
mod face;
mod gallery;
mod gateway;
mod hand;
mod hostile;
mod interactive;
mod keyring;
mod leaks;
mod lifecycle;
mod log_on;
mod offboarding;
mod peers;
mod policies;
mod products;
mod proxies;
mod recipes;
mod refused;
mod rotation;
mod rules;
mod sandboxed;
mod scene;
mod setup;
mod streams;
mod surroundings;
mod tokens;
mod tray;
mod vscode;
mod window;
mod wine;
