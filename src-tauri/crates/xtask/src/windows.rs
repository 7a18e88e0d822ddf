//! The agent for Windows: built by MinGW, run by Wine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cross::{CRATES, Cross};
use crate::process::{cargo, root, run as run_command, say, target, watched};
use crate::setup::{self, Package};
use crate::test::Count;
use crate::tray;

const TARGET: &str = "x86_64-pc-windows-gnu";

/// Tells the tests where `lanyard.exe` and the Wine prefix are; without it they are skipped.
const VARIABLE: &str = "LANYARD_WINDOWS";

const PACKAGES: [Package; 2] = [
    Package { name: "gcc-mingw-w64-x86-64", program: "x86_64-w64-mingw32-gcc", purpose: "a linker for Windows programs" },
    Package { name: "wine64 wine libwine", program: "wine", purpose: "running Windows programs" },
];

/// One list for programs and tests, or everything would be built twice.
const LIBRARY: &str = "std,panic_abort,panic_unwind,test";

/// The tray, and what its window is loaded by, which is a file of its own where MinGW links.
const TRAY: [&str; 2] = ["lanyard-tray.exe", "WebView2Loader.dll"];

/// Wine 8 lacks the one system function for random numbers that Rust's standard library imports.
const RANDOM: &str = "#include <windows.h>\n\
    BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);\n\
    __declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE to, SIZE_T size) { return SystemFunction036(to, (ULONG)size); }\n";

/// Builds, and runs the tests that Wine can judge.
pub(crate) fn run() -> Result<(), String> {
    let (name, place) = install()?;
    units(&place)?.verdict()?;
    run_command(cargo(["test", "-p", "lanyard-tests", "--test", "world", "wine::"]).env(name, place))
}

/// Builds `lanyard.exe` and makes a Wine prefix below the target folder; the variable that the tests look at.
pub(crate) fn install() -> Result<(&'static str, PathBuf), String> {
    setup::ensure(&PACKAGES);
    let place = target()?.join("windows");
    prefix(&place)?;
    run_command(&mut Cross::to(TARGET)?.cargo(None, &["build", "-p", "lanyard-cli", "--bin", "lanyard"], LIBRARY)?)?;
    let built = target()?.join("cross").join(TARGET).join("debug/lanyard.exe");
    fs::copy(&built, place.join("lanyard.exe")).map_err(|error| format!("{}: {error}", built.display()))?;
    // Apart from the other: together they would share more features, and the tests beside the code build anew.
    run_command(&mut Cross::to(TARGET)?.cargo(None, &["build", "-p", tray::PACKAGE], LIBRARY)?)?;
    for name in TRAY {
        let built = built.with_file_name(name);
        fs::copy(&built, place.join(name)).map_err(|error| format!("{}: {error}", built.display()))?;
    }
    Ok((VARIABLE, place))
}

/// Runs the tests beside the code, and counts them.
pub(crate) fn units(place: &Path) -> Result<Count, String> {
    let packages = CRATES.iter().flat_map(|name| ["-p", name]);
    let words: Vec<&str> = ["test", "--lib"].into_iter().chain(packages).collect();
    let mut tests = Cross::to(TARGET)?.cargo(None, &words, LIBRARY)?;
    tests.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", "wine");
    // Snapshots are found from the root, which a program of Windows cannot ask `cargo` for here.
    tests.env("INSTA_WORKSPACE_ROOT", root());
    let mut count = Count::default();
    let good = watched(tests.env("WINEPREFIX", place.join("wine")).env("WINEDEBUG", "-all"), |line| count.take(line))?;
    Ok(count.ended(good))
}

fn prefix(place: &Path) -> Result<(), String> {
    let wine = place.join("wine");
    let library = wine.join("drive_c/windows/system32/bcryptprimitives.dll");
    if library.is_file() {
        return Ok(());
    }
    say("Making a Wine prefix.");
    let fault = |error: std::io::Error| format!("{}: {error}", place.display());
    fs::create_dir_all(place).map_err(fault)?;
    let mut boot = Command::new("wine");
    boot.args(["wineboot", "-i"]).env("WINEPREFIX", &wine).env("WINEDEBUG", "-all");
    run_command(boot.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()))?;
    if library.is_file() {
        return Ok(());
    }
    let source = place.join("random.c");
    fs::write(&source, RANDOM).map_err(fault)?;
    let mut compile = Command::new("x86_64-w64-mingw32-gcc");
    run_command(compile.args(["-O2", "-shared", "-s", "-o"]).arg(&library).arg(&source).arg("-ladvapi32"))
}
