//! `lanyard`.
fn main() {}
