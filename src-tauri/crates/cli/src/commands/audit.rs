use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::thread;
use std::time::Duration;

use anstyle::Style;
use wire::client::ClientError;
use wire::{AuditEvent, AuditPage};

use crate::call::Call;
use crate::failure::Failure;
use crate::output::{BAD, DIM, GOOD, plain, styled};

/// The audit log is no stream: `--follow` asks again.
const PACE: Duration = Duration::from_secs(1);
/// A longer line is no event.
const LINE_LIMIT: u64 = 64 * 1024;

/// `lanyard audit`: one event a line. Without an agent, what the last one wrote.
pub(crate) fn run(follow: bool, call: &Call) -> Result<u8, Failure> {
    let mut after = 0;
    loop {
        match call.client().and_then(|client| client.get::<AuditPage>(&format!("/v1/audit?after={after}"))) {
            Ok(page) => {
                page.events.iter().try_for_each(|event| show(event, call))?;
                let newest = page.events.last().map_or(after, |event| event.id);
                let more = newest > after && newest < page.last;
                after = newest.max(after);
                match (more, follow) {
                    (true, _) => {}
                    (false, true) => thread::sleep(PACE),
                    (false, false) => return Ok(0),
                }
            }
            Err(ClientError::NotRunning) if !follow => return written(call),
            Err(error) => return Err(error.into()),
        }
    }
}

fn written(call: &Call) -> Result<u8, Failure> {
    let folder = wire::place::Environment::current().state_folder();
    let Some(path) = folder.map(|folder| folder.join("audit.jsonl")) else {
        return Err(ClientError::NotRunning.into());
    };
    match File::open(&path) {
        Ok(file) => lines(BufReader::new(file), &path, |event| show(event, call))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => call.output.note("Nothing has been written yet."),
        Err(error) => return Err(Failure::Read(path, error)),
    }
    Ok(0)
}

/// Every line that is an event; one that was cut off by a crash is left out.
fn lines(mut from: impl BufRead, path: &Path, mut show: impl FnMut(&AuditEvent) -> Result<(), Failure>) -> Result<(), Failure> {
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = from.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut line);
        if read.map_err(|error| Failure::Read(path.into(), error))? == 0 {
            return Ok(());
        }
        if let Ok(event) = serde_json::from_slice(&line) {
            show(&event)?;
        }
    }
}

fn show(event: &AuditEvent, call: &Call) -> Result<(), Failure> {
    match call.output.is_json() {
        true => call.output.line(event),
        false => call.output.text(&text(event)),
    }
}

fn text(event: &AuditEvent) -> String {
    let style = if event.outcome == "refused" { BAD } else { GOOD };
    let client = event.client.as_ref();
    let program = client.map(|client| match (&client.program, client.pid) {
        (Some(program), Some(pid)) => format!("by {program} [{pid}, {}]", client.evidence),
        (Some(program), None) => format!("by {program} [{}]", client.evidence),
        (None, Some(pid)) => format!("by process {pid} [{}]", client.evidence),
        (None, None) => "by an unknown program".to_owned(),
    });
    let rest = [
        event.server.clone(),
        (!event.scopes.is_empty()).then(|| format!("({})", event.scopes.join(" "))),
        program,
        event.door.as_ref().map(|door| format!("at the {door}")),
        event.account.as_ref().map(|account| format!("for {account}")),
        event.fault.map(|fault| format!("because {}", fault.name())),
        event.reason.as_ref().map(|reason| format!("({reason})")),
        event.count.filter(|count| *count > 1).map(|count| format!("{count} times")),
    ];
    let rest: Vec<String> = rest.into_iter().flatten().map(|part| plain(&part)).collect();
    let time = event.time.round(jiff::Unit::Second).unwrap_or(event.time).to_string();
    format!(
        "{} {} {}",
        styled(DIM, &time),
        styled(Style::new().bold(), &plain(&event.event)),
        styled(style, &plain(&event.outcome))
    ) + &rest.iter().map(|part| format!(" {part}")).collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = concat!(
        r#"{"id":1,"time":"2026-03-01T12:00:00Z","event":"signed-in","account":"ada@acme.example","outcome":"allowed"}"#,
        "\n",
        r#"{"id":2,"time":"2026-03-01T12:00:01.5Z","event":"token-served","server":"linear","scopes":["read"],"client":{"program":"/usr/bin/code","pid":77,"uid":1000,"evidence":"held-handle"},"door":"socket","outcome":"allowed","count":12}"#,
        "\n",
        r#"{"id":3,"time":"2026-03-01T12:00:02Z","event":"token-refused","server":"wiki","client":{"evidence":"none"},"door":"loopback","outcome":"refused","fault":"door-closed"}"#,
        "\n",
        r#"{"id":4,"time":"2026-03-01T12:0"#,
    );

    #[test]
    fn events_are_lines_and_a_cut_one_is_left_out() {
        let mut shown = String::new();
        lines(LINES.as_bytes(), Path::new("audit.jsonl"), |event| {
            shown.push_str(&format!("{}\n", anstream::adapter::strip_str(&text(event))));
            Ok(())
        })
        .unwrap();
        insta::assert_snapshot!(shown);
    }
}
