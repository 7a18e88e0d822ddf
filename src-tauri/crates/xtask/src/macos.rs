//! The agent for macOS: type-checked, because nothing here can link or run it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cross::{CRATES, Cross};
use crate::process::{run as run_command, target};
use crate::python;
use crate::setup::{self, Package};
use crate::tray;

const TARGETS: [&str; 2] = ["aarch64-apple-darwin", "x86_64-apple-darwin"];

const PACKAGES: [Package; 1] =
    [Package { name: "python3-venv", program: "python3 -m ensurepip", purpose: "zig, which comes from PyPI" }];

/// zig, as a compiler for the C in libraries.
const REQUIREMENTS: &str = "src-tauri/crates/xtask/zig.txt";

/// zig brings the headers of the C library and not those of Apple's other libraries. The one program of C that asks for
/// more is compiled against as much of this header as it uses; nothing here is ever linked.
const LOG_HEADER: &str = "#pragma once\n\
    #include <stdint.h>\n\
    typedef struct os_log_s *os_log_t;\n\
    typedef uint8_t os_log_type_t;\n\
    extern os_log_t OS_LOG_DEFAULT;\n\
    void os_log_with_type(os_log_t, os_log_type_t, const char *, ...);\n\
    void os_log(os_log_t, const char *, ...);\n\
    void os_log_debug(os_log_t, const char *, ...);\n\
    void os_log_info(os_log_t, const char *, ...);\n\
    void os_log_error(os_log_t, const char *, ...);\n\
    void os_log_fault(os_log_t, const char *, ...);\n";

/// Checks everything that is released, and once more with the tests beside the code, warnings and lints as errors. The
/// other tests know Linux.
pub(crate) fn run() -> Result<(), String> {
    setup::ensure(&PACKAGES);
    let tools = target()?.join("cross-tools");
    let zig = tools.join("zig");
    python::installed(REQUIREMENTS, &zig)?;
    let headers = headers(&tools)?;
    let packages: Vec<&str> = CRATES.iter().chain([&tray::PACKAGE]).flat_map(|name| ["-p", name]).collect();
    for target in TARGETS {
        let cross = Cross::to(target)?;
        for kinds in [&["check", "--lib", "--bins"][..], &["clippy", "--lib", "--bins", "--profile", "test"]] {
            let words = [kinds, &packages].concat();
            let mut command = cross.cargo(Some(&zig.join("bin/cargo-zigbuild")), &words, "std,panic_abort,panic_unwind,test")?;
            run_command(with_compilers(&mut command, target, &zig, &headers))?;
        }
    }
    Ok(())
}

fn with_compilers<'c>(command: &'c mut Command, target: &str, zig: &Path, headers: &Path) -> &'c mut Command {
    let flags = format!("CFLAGS_{}", target.replace('-', "_"));
    command.env("RUSTFLAGS", "-D warnings").env("CARGO_ZIGBUILD_PYTHON_PATH", zig.join("bin/python"));
    command.env(flags, format!("-I{}", headers.display()))
}

/// A folder of headers for the compiler.
fn headers(tools: &Path) -> Result<PathBuf, String> {
    let folder = tools.join("headers");
    let file = folder.join("os/log.h");
    let fault = |error: std::io::Error| format!("{}: {error}", file.display());
    // Written once only: a newer file would have everything compiled anew.
    if fs::read_to_string(&file).is_ok_and(|known| known == LOG_HEADER) {
        return Ok(folder);
    }
    fs::create_dir_all(folder.join("os")).map_err(fault)?;
    fs::write(&file, LOG_HEADER).map_err(fault)?;
    Ok(folder)
}
