//! The agent for macOS: type-checked, because nothing here can link or run it.

use std::path::PathBuf;

use crate::cross::Cross;
use crate::process::{run as run_command, target};
use crate::python;

const TARGETS: [&str; 2] = ["aarch64-apple-darwin", "x86_64-apple-darwin"];

/// zig, as a compiler for the C in libraries.
const REQUIREMENTS: &str = "src-tauri/crates/xtask/zig.txt";

/// Checks everything that is released, warnings as errors.
pub(crate) fn run() -> Result<(), String> {
    let zig: PathBuf = target()?.join("cross-tools/zig");
    python::installed(REQUIREMENTS, &zig)?;
    let program = zig.join("bin/cargo-zigbuild");
    for target in TARGETS {
        let words = ["check", "-p", "lanyard-cli"];
        let mut check = Cross::to(target)?.cargo(Some(&program), &words, "std,panic_abort")?;
        run_command(check.env("RUSTFLAGS", "-D warnings"))?;
    }
    Ok(())
}
