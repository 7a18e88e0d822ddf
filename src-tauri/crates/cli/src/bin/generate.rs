//! `lanyard-generate OUTDIR`: completions and man pages of `lanyard`, for packages, and the page about MCP clients.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;
use lanyard_cli::verbs::Lanyard;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        return ExitCode::from(2);
    };
    match write(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn write(folder: &std::path::Path) -> io::Result<()> {
    let (completions, man) = (folder.join("completions"), folder.join("man"));
    std::fs::create_dir_all(&completions)?;
    std::fs::create_dir_all(&man)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut Lanyard::command(), "lanyard", &completions)?;
    }
    clap_mangen::generate_to(Lanyard::command(), &man)?;
    let docs = folder.join("docs");
    std::fs::create_dir_all(&docs)?;
    std::fs::write(docs.join("clients.md"), lanyard_cli::clients())
}
