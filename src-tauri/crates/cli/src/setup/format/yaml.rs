//! YAML keeps comments in no library that is well kept, so lines are added and taken away, and a real parser judges
//! the file before and after.

use serde_json::Value;

pub(super) fn read(text: &str) -> Result<Value, String> {
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    let whole: Value = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
    if whole.is_object() { Ok(whole) } else { Err("it is not a mapping".to_owned()) }
}

pub(super) fn set(text: &str, container: &str, name: &str, entry: &Value) -> Result<String, String> {
    let known = read(text)?;
    if known[container].get(name) == Some(entry) {
        return Ok(text.to_owned());
    }
    let without = unset(text, container, name)?;
    let mut lines: Vec<String> = without.lines().map(str::to_owned).collect();
    let head = match lines.iter().position(|line| is_head(line, container)) {
        Some(head) => head,
        None => {
            lines.push(format!("{container}:"));
            lines.len() - 1
        }
    };
    let value =
        lines[head].split_once(':').map(|(_, rest)| rest.split('#').next().unwrap_or_default().trim()).unwrap_or_default();
    match value {
        "" => {}
        "{}" | "null" | "~" => lines[head] = format!("{container}:"),
        _ => return Err(format!("`{container}` is written on one line")),
    }
    let indent = lines[head + 1..].iter().find(|line| !is_empty(line)).map_or(0, |line| depth(line));
    let indent = if indent == 0 { 2 } else { indent };
    // JSON is YAML: one line that no neighbour's indentation can change.
    let key = serde_json::to_string(name).map_err(|error| error.to_string())?;
    lines.insert(head + 1, format!("{}{key}: {entry}", " ".repeat(indent)));
    Ok(joined(&lines))
}

pub(super) fn unset(text: &str, container: &str, name: &str) -> Result<String, String> {
    if read(text)?[container].get(name).is_none() {
        return Ok(text.to_owned());
    }
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let head = lines.iter().position(|line| is_head(line, container)).ok_or_else(|| format!("`{container}` is not found"))?;
    let indent = lines[head + 1..].iter().find(|line| !is_empty(line)).map_or(0, |line| depth(line));
    let keys = [name.to_owned(), format!("\"{name}\""), format!("'{name}'")];
    let is_entry =
        |line: &String| depth(line) == indent && keys.iter().any(|key| line.trim_start().starts_with(&format!("{key}:")));
    let first = (head + 1..lines.len()).find(|at| is_entry(&lines[*at])).ok_or("the entry is not on a line of its own")?;
    let last = (first + 1..lines.len()).find(|at| !is_empty(&lines[*at]) && depth(&lines[*at]) <= indent).unwrap_or(lines.len());
    // Remarks before the next entry are the next entry's.
    let last = (first + 1..last).rev().find(|at| !is_empty(&lines[*at])).map_or(first + 1, |at| at + 1);
    lines.drain(first..last);
    if lines[head + 1..].iter().find(|line| !is_empty(line)).is_none_or(|line| depth(line) == 0) {
        lines[head] = format!("{container}: {{}}");
    }
    Ok(joined(&lines))
}

fn is_head(line: &str, container: &str) -> bool {
    line.strip_prefix(container).is_some_and(|rest| rest.starts_with(':'))
}

fn is_empty(line: &str) -> bool {
    line.trim().is_empty() || line.trim_start().starts_with('#')
}

fn depth(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn joined(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}
