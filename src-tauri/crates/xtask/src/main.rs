//! Development tasks: `cargo xtask <verb>`.

mod bench;
mod ci;
mod clients;
mod conformance;
mod cross;
mod deb;
mod demo;
mod directions;
mod full;
mod fuzz;
mod generate;
mod licences;
mod macos;
mod npm;
mod package;
mod peers;
mod process;
mod promises;
mod python;
mod recipes;
mod setup;
mod sources;
mod test;
mod tray;
mod ui;
mod vscode;
mod windows;

use std::process::ExitCode;

use generate::Extent;
use package::Build;

const USAGE: &str = "\
cargo xtask demo [--headless] [--stay]
                                build, and show the main job against the sandbox
cargo xtask setup               install what building and testing need
cargo xtask test                set up, build everything, run every test
cargo xtask generate [--check]  write the generated files, or name those that are stale
cargo xtask policies [--check]  the same for what administrators deploy alone
cargo xtask fuzz [--seconds N] [TARGET]
                                run the fuzz targets, ten seconds each
cargo xtask conformance         run the official MCP conformance suite
cargo xtask peers               run the tests against an IdP and a server from elsewhere
cargo xtask clients             run the tests that use MCP clients from elsewhere
cargo xtask vscode              run the test that uses VS Code itself, and keep its picture
cargo xtask ui                  check, test and build the pages of the window (needs npm)
cargo xtask package [--debug | --try]
                                make a deb and an rpm; of debug builds; and look into both
                                and try the deb here (installs and removes it, as root)
cargo xtask recipes             try what fleet tools run (packaging/)
cargo xtask windows             build the agent for Windows, and run its tests under Wine
cargo xtask macos               type-check the agent for macOS
cargo xtask bench [--idle-seconds N]
                                measure the released program against its budgets
cargo xtask ci                  every check, then test, then fuzz a little
cargo xtask full                the same, minutes under load and of fuzzing, and the
                                released program looked into";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["demo", ref rest @ ..] => demo::run(rest),
        ["setup"] => {
            setup::run();
            Ok(())
        }
        ["test"] => test::whole().and_then(|count| {
            process::say(&count.sentence());
            count.verdict()
        }),
        ["generate"] => generate::write(Extent::Everything),
        ["generate", "--check"] => generate::check(Extent::Everything),
        ["policies"] => generate::write(Extent::Policies),
        ["policies", "--check"] => generate::check(Extent::Policies),
        ["fuzz", ref rest @ ..] => match fuzz::words(rest) {
            Some((seconds, only)) => fuzz::run(seconds, only),
            None => Err(USAGE.to_owned()),
        },
        ["conformance"] => conformance::run(),
        ["peers"] => peers::run(),
        ["clients"] => clients::run(),
        ["vscode"] => vscode::run(),
        ["ui"] => ui::run().map(drop),
        ["package"] => package::run(Build::Release),
        ["package", "--debug"] => package::run(Build::Debug),
        ["package", "--try"] => package::trial(Build::Debug).and_then(|count| count.verdict()),
        ["recipes"] => recipes::run(),
        ["windows"] => windows::run(),
        ["macos"] => macos::run(),
        ["bench", ref rest @ ..] => bench::run(rest),
        ["ci"] => ci::run(),
        ["full"] => full::run(),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            process::complain(&why);
            ExitCode::FAILURE
        }
    }
}
