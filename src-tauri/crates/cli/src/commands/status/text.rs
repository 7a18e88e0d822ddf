use anstyle::Style;
use jiff::Timestamp;
use wire::{PolicyStatus, ServerStatus, SessionStatus, Status};

use crate::commands::login;
use crate::output::{BAD, DIM, GOOD, TITLE, WARN, plain, styled};
use crate::span::{since, until};
use crate::table::Table;

/// All of Status, for a person.
pub(super) fn whole(status: &Status, now: Timestamp) -> String {
    let mut table = Table::default();
    let mut line = |label: &str, style: Style, text: &str| table.row([(DIM, label), (style, text)]);
    let (style, agent) = agent(status, now);
    line("Agent", style, &agent);
    if status.agent.running {
        line("Session", state(&status.session.state), &session(&status.session, now));
    }
    line("Policy", if status.policy.faults.is_empty() { Style::new() } else { BAD }, &policy(&status.policy));
    if status.agent.running {
        line("Vault", vault(&status.vault.state), &format!("{}, {}", status.vault.kind, status.vault.state));
        line("Socket", Style::new(), &status.doors.socket.as_ref().map_or("closed".into(), |path| path.display().to_string()));
        line("Loopback", Style::new(), status.doors.loopback.as_deref().unwrap_or("closed"));
    }
    let mut text = table.text(0);
    if !status.servers.is_empty() {
        text.push_str(&format!("\n{}\n{}", styled(TITLE, "Servers"), servers(&status.servers, now)));
    }
    text.push_str(&notes(status));
    text
}

/// The servers alone.
pub(crate) fn servers(servers: &[ServerStatus], now: Timestamp) -> String {
    let mut table = Table::default();
    for server in servers {
        let left = match server.expires_at {
            Some(end) => format!("{} left", until(end, now)).replace("over left", "over"),
            None => String::new(),
        };
        let used = server.last_used.map(|then| format!("used {} ago", since(then, now))).unwrap_or_default();
        let mints = match (server.mints_this_month, server.mint_budget) {
            (0, _) => String::new(),
            (mints, 0) => format!("{mints} this month"),
            (mints, budget) => format!("{mints} of {budget} this month"),
        };
        let over = server.mint_budget > 0 && server.mints_this_month * 5 >= server.mint_budget * 4;
        table.row([
            (TITLE, &server.id),
            (Style::new(), &server.title),
            (state(&server.state), &server.state),
            (Style::new(), &left),
            (DIM, &used),
            (if over { WARN } else { DIM }, &mints),
        ]);
    }
    table.text(2)
}

fn agent(status: &Status, now: Timestamp) -> (Style, String) {
    if !status.agent.running {
        return (BAD, "not running; start it with `lanyard run` or from the desktop".into());
    }
    let mut parts = vec![format!("version {}", status.version)];
    parts.extend(status.agent.pid.map(|pid| format!("process {pid}")));
    parts.extend(status.agent.since.map(|then| format!("for {}", since(then, now))));
    match &status.agent {
        agent if agent.paused => (WARN, format!("paused; {}", parts.join(", "))),
        agent if agent.screen_locked => (WARN, format!("paused while the screen is locked; {}", parts.join(", "))),
        _ => (Style::new(), parts.join(", ")),
    }
}

fn session(session: &SessionStatus, now: Timestamp) -> String {
    let mut text = session.state.clone();
    if let Some(reason) = &session.reason {
        text.push_str(&format!(" ({reason})"));
    }
    if let Some(account) = &session.account {
        text.push_str(&format!(" as {}", login::name(account)));
        let email = account.email.as_deref().filter(|email| *email != login::name(account));
        text.extend(email.map(|email| format!(" <{email}>")));
    }
    text.extend(session.since.map(|then| format!(", for {}", since(then, now))));
    let next = if session.state == "waiting" { "tries again" } else { "renews" };
    text.extend(session.renews_at.filter(|then| *then > now).map(|then| format!(", {next} in {}", until(then, now))));
    text
}

fn policy(policy: &PolicyStatus) -> String {
    let mut parts = vec![match (policy.managed, policy.origins.is_empty()) {
        (_, true) => "none on this computer".to_owned(),
        (true, _) => policy.origins.join(", "),
        (false, _) => format!("{} (not managed by IT)", policy.origins.join(", ")),
    }];
    let count = |n: usize, one: &str, more: &str| (n > 0).then(|| format!("{n} {}", if n == 1 { one } else { more }));
    parts.extend(count(policy.faults.len(), "fault", "faults"));
    parts.extend(count(policy.unknown.len(), "unknown name", "unknown names"));
    parts.join("; ")
}

/// What needs a person: faults of session, policy and servers, and warnings.
fn notes(status: &Status) -> String {
    let mut lines = Vec::new();
    let mut note = |style: Style, about: &str, text: &str| {
        lines.push(format!("{} {}\n", styled(style, &format!("{}:", plain(about))), plain(text)));
    };
    if let Some(fault) = &status.session.fault {
        note(BAD, &fault.title, &fault.sentences());
    }
    for fault in &status.policy.faults {
        let about = if fault.setting.is_empty() { "policy" } else { &fault.setting };
        note(BAD, about, &format!("{} ({})", fault.message, fault.origin));
    }
    for name in &status.policy.unknown {
        let hint = name.nearest.as_ref().map(|nearest| format!("; did you mean {nearest}?")).unwrap_or_default();
        note(WARN, &name.name, &format!("is not a known name{hint} ({})", name.origin));
    }
    for server in &status.servers {
        if let Some(fault) = &server.fault {
            note(BAD, &server.id, &fault.sentences());
        }
    }
    for warning in &status.warnings {
        note(WARN, "Note", warning);
    }
    match lines.is_empty() {
        true => String::new(),
        false => format!("\n{}", lines.concat()),
    }
}

fn state(name: &str) -> Style {
    match name {
        "active" | "renewing" | "ready" => GOOD,
        "idle" => Style::new(),
        "waiting" | "signing-in" | "needs-user" | "unreachable" => WARN,
        _ => BAD,
    }
}

fn vault(name: &str) -> Style {
    match name {
        "open" | "absent" => Style::new(),
        _ => BAD,
    }
}

#[cfg(test)]
mod tests;
