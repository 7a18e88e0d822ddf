//! The command line: parse, ask the agent, print. No verb but `run` starts a runtime.

mod bridge;
mod call;
mod commands;
mod console;
mod failure;
mod output;
mod setup;
mod span;
mod start;
mod table;
pub mod verbs;

use std::process::ExitCode;

use clap::Parser;
use wire::Code;

use call::Call;
use failure::Failure;
use output::Output;
use verbs::Lanyard;

/// `docs/clients.md`: a section for each client, from the table that `lanyard setup` works by.
pub fn clients() -> String {
    setup::page()
}

/// The whole program. A fault exits by its row in [`wire::fault`].
pub fn main() -> ExitCode {
    let code = match Lanyard::try_parse() {
        Ok(Lanyard { json, socket, verb }) => {
            let call = Call::new(Output::new(json), socket);
            commands::run(verb, &call).unwrap_or_else(|failure| call.output.failure(&failure))
        }
        Err(error) => usage(&error),
    };
    ExitCode::from(code)
}

/// Help and version go to stdout; a wrong use is sentences on stderr, or a problem where JSON was asked for.
fn usage(error: &clap::Error) -> u8 {
    if !error.use_stderr() {
        return u8::from(error.print().is_err());
    }
    // Parsing failed, so the flag can only be looked for; `--` ends flags.
    let json = std::env::args_os().take_while(|word| word != "--").any(|word| word == "--json");
    if json {
        let rendered = error.to_string();
        let first = rendered.lines().next().unwrap_or_default();
        let problem = Code::BadRequest.problem(None).because(output::plain(first).trim_start_matches("error: "));
        return Output::new(true).failure(&Failure::from(problem));
    }
    let _ = error.print();
    2
}
