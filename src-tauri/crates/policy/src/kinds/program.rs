use std::collections::BTreeMap;

use crate::source::json::Json;

/// Which programs an entry means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// An absolute path pattern in which `*` and `?` stay within one folder and `**` crosses folders.
    Path(String),
    /// `publisher:x`: who signed the program.
    Publisher(String),
    /// `team:x`: the Apple team that signed it.
    Team(String),
    /// `flatpak:x` or `snap:x`, whole: an application in a sandbox of Linux.
    Application(String),
}

/// Which tools of a server may be called: patterns over tool names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tools {
    /// Only these; absent means every tool.
    pub allow: Option<Vec<String>>,
    /// Never these, whatever `allow` says.
    pub deny: Vec<String>,
}

/// Containment for the programs that `program` means. Every rule whose program matches applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramRule {
    /// Whom the rule is for.
    pub program: Program,
    /// Which tools they may call.
    pub tools: Option<Tools>,
    /// Whether they may call only tools annotated `readOnlyHint`.
    pub read_only: bool,
}

pub(super) fn parse(text: &str) -> Result<Program, String> {
    if let Some(name) = text.strip_prefix("publisher:") {
        return named(name).map(Program::Publisher);
    }
    if let Some(team) = text.strip_prefix("team:") {
        return named(team).map(Program::Team);
    }
    if let Some(id) = ["flatpak:", "snap:"].iter().find_map(|kind| text.strip_prefix(kind)) {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+".contains(&byte);
        return match id.bytes().all(known) {
            true => named(id).map(|_| Program::Application(text.to_owned())),
            false => Err("names no application".into()),
        };
    }
    if !super::absolute(text) {
        // A name without its folder is what any program could be called.
        return Err("must be an absolute path pattern, publisher:…, team:…, flatpak:… or snap:…".into());
    }
    // Where a backslash parts folders it hides no letter.
    let parted = if text.starts_with('/') { text.to_owned() } else { text.replace('\\', "/") };
    glob(&parted, 1024)?;
    Ok(Program::Path(text.to_owned()))
}

fn named(name: &str) -> Result<String, String> {
    if name.is_empty() || name.len() > 256 || name.trim() != name {
        return Err("names nobody".into());
    }
    Ok(name.to_owned())
}

fn glob(text: &str, max: usize) -> Result<(), String> {
    if text.is_empty() || text.len() > max || super::unshowable(text) {
        return Err("has a pattern that is empty, too long or has control characters".into());
    }
    globset::GlobBuilder::new(text)
        .literal_separator(true)
        .build()
        .map(|_| ())
        .map_err(|error| format!("has a pattern that cannot be read: {}", error.kind()))
}

/// `{"allow":[globs],"deny":[globs]}`; a closed shape, because a misspelt `deny` would deny nothing.
pub(super) fn tools(json: &Json) -> Result<Tools, String> {
    let mut tools = Tools::default();
    for (name, value) in table(json)? {
        let patterns = match value {
            Json::List(items) if items.len() <= 500 => items
                .iter()
                .map(|item| match item {
                    Json::Text(text) => glob(text.expose(), 256).map(|()| text.expose().to_owned()),
                    other => Err(format!("must list texts, not {}", other.noun())),
                })
                .collect::<Result<Vec<_>, _>>()?,
            _ => return Err("must hold lists of at most 500 patterns".into()),
        };
        match name.as_str() {
            "allow" => tools.allow = Some(patterns),
            "deny" => tools.deny = patterns,
            _ => return Err("may hold only `allow` and `deny`".into()),
        }
    }
    Ok(tools)
}

/// `{program pattern: {tools, readOnly}}`.
pub(super) fn rules(json: &Json) -> Result<Vec<ProgramRule>, String> {
    let table = table(json)?;
    if table.len() > 100 {
        return Err("must hold at most 100 programs".into());
    }
    table.iter().map(|(name, value)| rule(name, value)).collect()
}

fn rule(name: &str, json: &Json) -> Result<ProgramRule, String> {
    let mut rule = ProgramRule { program: parse(name)?, tools: None, read_only: false };
    for (name, value) in table(json)? {
        match (name.as_str(), value) {
            ("tools", value) => rule.tools = Some(tools(value)?),
            ("readOnly", Json::Bool(yes)) => rule.read_only = *yes,
            ("readOnly", _) => return Err("must have yes or no (a boolean) as `readOnly`".into()),
            _ => return Err("may hold only `tools` and `readOnly` for a program".into()),
        }
    }
    Ok(rule)
}

fn table(json: &Json) -> Result<&BTreeMap<String, Json>, String> {
    match json {
        Json::Table(table) => Ok(table),
        other => Err(format!("must be an object, not {}", other.noun())),
    }
}
