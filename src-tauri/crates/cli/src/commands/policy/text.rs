use std::path::Path;

use anstyle::Style;
use serde_json::Value;
use wire::{PolicyReport, PolicyRow, SettingFault};

use crate::output::{BAD, DIM, GOOD, TITLE, WARN, plain, styled};
use crate::table::Table;

/// A value longer than this is shown by its beginning.
const WIDTH: usize = 60;

/// The settings that somebody set, then the others, then what is wrong.
pub(super) fn whole(report: &PolicyReport) -> String {
    let mut text = format!("{}\n", from(report));
    let (set, untouched): (Vec<&PolicyRow>, Vec<&PolicyRow>) = report.settings.iter().partition(|row| row.origin != "default");
    for (title, rows) in [("Set", set), ("Default", untouched)] {
        if !rows.is_empty() {
            text.push_str(&format!("\n{}\n{}", styled(TITLE, title), table(&rows)));
        }
    }
    let wrong = wrong(report);
    if !wrong.is_empty() {
        text.push_str(&format!("\n{}\n{wrong}", styled(TITLE, "Wrong")));
    }
    text
}

/// After a reload: where from, and what is wrong.
pub(super) fn reloaded(report: &PolicyReport) -> String {
    format!("Policy read again. {}\n{}", from(report), wrong(report))
}

/// Every problem of a file.
pub(super) fn checked(file: &Path, problems: &[SettingFault]) -> String {
    let file = plain(&file.display().to_string());
    if problems.is_empty() {
        return format!("{file}: {}", styled(GOOD, "good"));
    }
    let mut table = Table::default();
    for problem in problems {
        table.row([(BAD, problem.setting.as_deref().unwrap_or("(file)")), (Style::new(), &problem.message)]);
    }
    format!("{file}: {}\n{}", styled(BAD, &counted(problems.len())), table.text(2))
}

fn counted(faults: usize) -> String {
    format!("{faults} {}", if faults == 1 { "fault" } else { "faults" })
}

fn from(report: &PolicyReport) -> String {
    match (report.origins.is_empty(), report.managed) {
        (true, _) => "This computer has no policy.".to_owned(),
        (_, true) => format!("From {}.", plain(&report.origins.join(", "))),
        (_, false) => format!("From {}, not managed by IT.", plain(&report.origins.join(", "))),
    }
}

fn table(rows: &[&PolicyRow]) -> String {
    let mut table = Table::default();
    for row in rows {
        let origin = if row.origin == "default" { "" } else { &row.origin };
        let style = if row.fault.is_some() { BAD } else { Style::new() };
        table.row([(style, &row.name), (Style::new(), &value(&row.name, &row.value)), (DIM, origin)]);
    }
    table.text(2)
}

fn wrong(report: &PolicyReport) -> String {
    let mut table = Table::default();
    for fault in &report.faults {
        table.row([(BAD, fault.setting.as_deref().unwrap_or("(file)")), (Style::new(), &fault.message), (DIM, &fault.origin)]);
    }
    for unknown in &report.unknown {
        let hint = unknown.nearest.as_ref().map(|nearest| format!("; did you mean {nearest}?")).unwrap_or_default();
        table.row([(WARN, &unknown.name), (Style::new(), &format!("is not a known name{hint}")), (DIM, &unknown.origin)]);
    }
    table.text(2)
}

fn value(name: &str, value: &Value) -> String {
    let text = match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(on) => if *on { "yes" } else { "no" }.to_owned(),
        Value::Array(items) if items.is_empty() => "-".to_owned(),
        Value::Array(items) => {
            items.iter().map(|item| item.as_str().map_or(item.to_string(), str::to_owned)).collect::<Vec<_>>().join(", ")
        }
        Value::Object(servers) if name == "Servers" => match servers.len() {
            0 => "-".to_owned(),
            _ => servers.keys().cloned().collect::<Vec<_>>().join(", "),
        },
        other => other.to_string(),
    };
    match text.chars().count() > WIDTH {
        true => text.chars().take(WIDTH - 3).chain("...".chars()).collect(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    fn report() -> PolicyReport {
        let row = |name: &str, value: Value, origin: &str, fault: Option<&str>| json!({ "name": name, "group": "Identity", "value": value, "origin": origin, "fault": fault });
        let file = "/etc/lanyard/policy.json";
        serde_json::from_value(json!({
            "managed": true, "origins": [file], "hash": "abc",
            "settings": [
                row("Issuer", json!("https://acme.okta.com"), file, None),
                row("ClientSecret", json!("set"), file, None),
                row("Scopes", json!(["openid", "profile"]), "default", None),
                row("MonthlyMintBudget", json!(250), file, Some("must be a number")),
                row("Servers", json!({ "linear": {}, "wiki": {} }), file, None),
                row("SignOutRevokes", json!(true), "default", None),
                row("AcrValues", Value::Null, "default", None),
                row("SupportContact", json!("x".repeat(80)), file, None),
            ],
            "faults": [{ "setting": "MonthlyMintBudget", "origin": file, "message": "must be a number" }],
            "unknown": [{ "name": "ClientID", "origin": file, "nearest": "ClientId" }],
        }))
        .unwrap()
    }

    #[test]
    fn what_is_set_comes_first_and_what_is_wrong_last() {
        insta::assert_snapshot!(shown(&whole(&report())));
    }

    #[test]
    fn a_check_lists_every_problem() {
        let policy = policy::check("p.json", br#"{"Issuer":"http://x","Bogus":1,"MonthlyMintBudget":"many"}"#);
        insta::assert_snapshot!(shown(&checked(Path::new("p.json"), &policy.problems())));
        insta::assert_snapshot!(shown(&checked(Path::new("p.json"), &[])), @"p.json: good");
    }
}
