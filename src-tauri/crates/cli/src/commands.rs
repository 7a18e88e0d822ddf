mod audit;
mod diagnostics;
mod doctor;
mod headers;
mod login;
mod logout;
mod pause;
mod policy;
mod resume;
mod retry;
mod run;
mod servers;
mod setup;
mod status;
mod token;

use crate::call::Call;
use crate::failure::Failure;
use crate::verbs::Verb;

/// Does what was typed; the exit code.
pub(crate) fn run(verb: Verb, call: &Call) -> Result<u8, Failure> {
    match verb {
        Verb::Run { policy } => Ok(run::run(policy, call)),
        Verb::Login { print_url, paste, server } => login::run(print_url, paste, server, call),
        Verb::Logout => logout::run(call),
        Verb::Status { schema: true, .. } => status::schema(call),
        Verb::Status { watch, .. } => status::run(watch, call),
        Verb::Servers { watch } => servers::run(watch, call),
        Verb::Token { server, scope, min_ttl, no_start } => token::run(&server, scope, min_ttl, no_start, call),
        Verb::Headers { server, no_start } => headers::run(server, no_start, call),
        Verb::Connect { server, no_start } => crate::bridge::run(&server, no_start, call),
        Verb::Policy { verb } => policy::run(verb, call),
        Verb::Doctor { server } => doctor::run(server.as_deref(), call),
        Verb::Diagnostics { file } => diagnostics::run(file, call),
        Verb::Audit { follow } => audit::run(follow, call),
        Verb::Retry { server } => retry::run(&server, call),
        Verb::Pause => pause::run(call),
        Verb::Resume => resume::run(call),
        Verb::Setup(setup) => setup::run(setup, call),
    }
}
