//! `lanyard-sandbox`.
fn main() {}
