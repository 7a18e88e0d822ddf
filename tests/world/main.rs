//! The world: the real `lanyard` in real processes against the sandbox over real HTTP and sockets.
//!
//! A test waits for events, with a limit, and never for a time that hopes.

#![expect(clippy::unwrap_used, reason = "a helper of a test ends the test")]

mod audits;
mod bridge;
mod clients;
mod diagnostics;
mod doctor;
mod face;
mod gateway;
mod hostile;
mod interactive;
mod keyring;
mod leaks;
mod lifecycle;
mod offboarding;
mod peers;
mod policies;
mod products;
mod proxies;
mod recipes;
mod rotation;
mod sandboxed;
mod setup;
mod streams;
mod surroundings;
mod tokens;
mod tray;
mod vscode;
mod window;
mod wine;
