use anstyle::Style;
use jiff::Timestamp;
use serde_json::json;
use wire::client::ClientError;
use wire::{Code, KeyRemoved, LoopbackKey, Program, Programs};

use crate::call::Call;
use crate::failure::Failure;
use crate::output::{DIM, TITLE, plain};
use crate::span;
use crate::table::Table;
use crate::verbs::{Setup, SetupVerb};

mod clients;

const ROUTE: &str = "/v1/programs";

/// `lanyard setup`: clients, and the keys of the loopback door.
pub(crate) fn run(setup: Setup, call: &Call) -> Result<u8, Failure> {
    match setup {
        Setup { verb: Some(SetupVerb::Key { name }), .. } => made(&name, call),
        Setup { remove_key: Some(name), .. } => removed(&name, call),
        Setup { list_keys: true, .. } => listed(call),
        Setup { client: Some(ref name), .. } => clients::one(name, &setup, call),
        Setup { .. } => clients::list(call),
    }
}

/// The key is shown this once; the agent keeps a hash of it (LI-34).
fn made(name: &str, call: &Call) -> Result<u8, Failure> {
    let body = serde_json::to_vec(&json!({ "name": name })).map_err(|_| ClientError::Answer)?;
    let answer = call.client()?.answer("POST", ROUTE, &body)?;
    match call.output.is_json() {
        true => call.output.bytes(&answer.body)?,
        false => call.output.bytes(answer.json::<LoopbackKey>()?.key.expose().as_bytes())?,
    }
    Ok(0)
}

fn removed(name: &str, call: &Call) -> Result<u8, Failure> {
    let body = serde_json::to_vec(&json!({ "name": name })).map_err(|_| ClientError::Answer)?;
    let KeyRemoved { removed } = call.client()?.answer("DELETE", ROUTE, &body)?.json()?;
    if !removed {
        return Err(Code::BadRequest.problem(None).because("There is no key of this name.").into());
    }
    call.output.answer(&json!({ "removed": name }), || format!("The key {} is removed.", plain(name)))?;
    Ok(0)
}

fn listed(call: &Call) -> Result<u8, Failure> {
    let known: Programs = call.client()?.get(ROUTE)?;
    call.output.answer(&known, || text(&known.programs, Timestamp::now()))?;
    Ok(0)
}

fn text(programs: &[Program], now: Timestamp) -> String {
    if programs.is_empty() {
        return "No program has a key or used a door today.".to_owned();
    }
    let mut table = Table::default();
    table.row([(TITLE, "Program"), (TITLE, "Key"), (TITLE, "Last used"), (TITLE, "Servers today")]);
    for program in programs {
        let used = program.last_used.map_or_else(|| "never".into(), |then| format!("{} ago", span::since(then, now)));
        let key = if program.has_key { "yes" } else { "no" };
        table.row([(Style::new(), &program.name), (DIM, key), (DIM, &used), (Style::new(), &program.servers_today.join(", "))]);
    }
    table.text(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_programs_are_a_table() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let program = |name: &str, has_key, last_used: Option<&str>, servers: &[&str]| Program {
            name: name.into(),
            has_key,
            created: None,
            last_used: last_used.map(|time| time.parse().unwrap()),
            servers_today: servers.iter().map(|&server| server.into()).collect(),
        };
        let programs = [
            program("cursor", true, Some("2026-03-01T11:50:00Z"), &["linear", "wiki"]),
            program("/usr/bin/code", false, None, &[]),
        ];
        insta::assert_snapshot!(anstream::adapter::strip_str(&text(&programs, now)).to_string());
        insta::assert_snapshot!(text(&[], now), @"No program has a key or used a door today.");
    }
}
