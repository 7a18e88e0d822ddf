//! The world: the real `lanyard` in real processes against the sandbox over real HTTP and sockets.
//!
//! A test waits for events, with a limit, and never for a time that hopes.

mod lifecycle;
mod offboarding;
mod policies;
mod rotation;
mod tokens;
