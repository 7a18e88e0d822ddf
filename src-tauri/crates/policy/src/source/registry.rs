//! What a registry key says, in every shape that administrators' tools write. Reading the registry itself is Windows'.

use std::collections::BTreeMap;

use secret::Secret;

use super::json::Json;
use super::structured::{list, opened, servers};
use crate::catalogue::{Setting, settings};
use crate::kinds::Kind;
use crate::layer::{Given, Values};

/// A key as it was found.
#[derive(Debug, Default)]
pub struct Key {
    /// Its values in the order in which they are listed.
    pub values: Vec<(String, Raw)>,
    /// Its subkeys; those of subkeys are not looked at.
    pub keys: BTreeMap<String, Vec<(String, Raw)>>,
}

/// A value as it was found.
#[derive(Debug)]
pub enum Raw {
    /// `REG_SZ`.
    Text(Secret),
    /// `REG_EXPAND_SZ`, not expanded.
    Expandable(Secret),
    /// `REG_MULTI_SZ`.
    Lines(Vec<Secret>),
    /// `REG_DWORD` or `REG_QWORD`.
    Number(u64),
    /// Any other type.
    Other,
}

/// What the key says. `variable` knows the environment, for paths that are to be expanded.
pub fn values(key: Key, variable: impl Fn(&str) -> Option<String>) -> Values {
    let mut values = Values::new();
    for (name, entries) in key.keys {
        let (name, known) = known(name);
        let given = match known.map(|setting| setting.kind) {
            Some(Kind::Servers) => texts(entries).map(servers),
            Some(Kind::List { .. }) => texts(entries).map(|texts| list(&name, texts.into_iter().map(|(_, text)| text))),
            _ => Err("must be a value, not a key".to_owned()),
        };
        values.insert(name, given);
    }
    for (name, raw) in key.values {
        // What `reg add` writes for the key itself.
        if name.is_empty() {
            continue;
        }
        let (name, known) = known(name);
        // A value decides over a key of the same name: a list in one value is the newer form.
        values.insert(name, given(known, raw, &variable));
    }
    values
}

/// The texts of another product's key. Its own readers join a text of several lines before they parse it.
pub fn foreign(entries: Vec<(String, Raw)>) -> Values {
    let texts = entries.into_iter().filter_map(|(name, raw)| match raw {
        Raw::Text(text) => Some((name, Ok(Json::text(text.expose())))),
        Raw::Lines(lines) => Some((name, Ok(joined(&lines)))),
        _ => None,
    });
    texts.collect()
}

/// The registry does not tell letters by case.
fn known(name: String) -> (String, Option<&'static Setting>) {
    match settings().find(|setting| setting.name.eq_ignore_ascii_case(&name)) {
        Some(setting) => (setting.name.to_owned(), Some(setting)),
        None => (name, None),
    }
}

fn given(setting: Option<&'static Setting>, raw: Raw, variable: &impl Fn(&str) -> Option<String>) -> Given {
    let Some(setting) = setting else { return Ok(Json::Null) };
    match (setting.kind, raw) {
        (Kind::YesNo, Raw::Number(number @ (0 | 1))) => Ok(Json::Bool(number == 1)),
        (Kind::YesNo, Raw::Number(_)) => Err("must be 0 or 1".to_owned()),
        (_, Raw::Number(number)) => Ok(i64::try_from(number).map_or(Json::Fraction(f64::INFINITY), Json::Whole)),
        (Kind::Path, Raw::Expandable(text)) => Ok(Json::text(&expanded(text.expose(), variable))),
        (_, Raw::Expandable(_)) => Err("must be REG_SZ; only paths may be REG_EXPAND_SZ".to_owned()),
        (Kind::List { .. }, Raw::Lines(lines)) => Ok(list(setting.name, lines)),
        // Some consoles write a text box of several lines as several texts.
        (Kind::Servers | Kind::ServersText, Raw::Lines(lines)) => opened(setting.name, joined(&lines)),
        (_, Raw::Lines(_)) => Err("must be REG_SZ, not REG_MULTI_SZ".to_owned()),
        (_, Raw::Text(text)) => opened(setting.name, Json::text(text.expose())),
        (_, Raw::Other) => {
            Err("has a type that no setting has (REG_SZ, REG_EXPAND_SZ, REG_MULTI_SZ, REG_DWORD and REG_QWORD are known)"
                .to_owned())
        }
    }
}

fn joined(lines: &[Secret]) -> Json {
    Json::text(&lines.iter().map(Secret::expose).collect::<Vec<_>>().join("\n"))
}

/// The texts of a subkey, in the order of their names, numbers as numbers.
fn texts(entries: Vec<(String, Raw)>) -> Result<Vec<(String, Secret)>, String> {
    let mut texts = entries
        .into_iter()
        .filter(|(name, _)| !name.is_empty())
        .map(|(name, raw)| match raw {
            Raw::Text(text) => Ok((name, text)),
            Raw::Lines(lines) => {
                let Json::Text(text) = joined(&lines) else { return Err(String::new()) };
                Ok((name, Secret::from(text.expose())))
            }
            _ => Err("must hold REG_SZ values only".to_owned()),
        })
        .collect::<Result<Vec<_>, String>>()?;
    texts.sort_by(|(a, _), (b, _)| match (a.parse::<u32>(), b.parse::<u32>()) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        _ => a.cmp(b),
    });
    Ok(texts)
}

/// `%NAME%` by its value; a name that is not known stays, as Windows leaves it.
fn expanded(text: &str, variable: &impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        match after.split_once('%') {
            Some((name, behind)) if !name.is_empty() => {
                match variable(name) {
                    Some(value) => out.push_str(&value),
                    None => out.push_str(&format!("%{name}%")),
                }
                rest = behind;
            }
            _ => {
                out.push('%');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Raw {
        Raw::Text(Secret::from(text))
    }

    fn lines(lines: &[&str]) -> Raw {
        Raw::Lines(lines.iter().map(|line| Secret::from(*line)).collect())
    }

    fn read(name: &str, raw: Raw) -> Given {
        let variable = |name: &str| (name == "ProgramData").then(|| r"C:\ProgramData".to_owned());
        values(Key { values: vec![(name.to_owned(), raw)], ..Key::default() }, variable).into_values().next().unwrap()
    }

    #[test]
    fn every_type_that_people_deploy_becomes_its_value() {
        let cases = [
            ("Issuer", text("https://a.example"), Json::text("https://a.example")),
            ("issuer", text("https://a.example"), Json::text("https://a.example")),
            ("SignOutRevokes", Raw::Number(0), Json::Bool(false)),
            ("TokenDoor", Raw::Number(1), Json::Bool(true)),
            ("MonthlyMintBudget", Raw::Number(250), Json::Whole(250)),
            ("Scopes", lines(&["openid", "email"]), Json::List(vec![Json::text("openid"), Json::text("email")])),
            ("Scopes", text(r#"["openid"]"#), Json::List(vec![Json::text("openid")])),
            ("RedirectPorts", lines(&["8080", "9090"]), Json::List(vec![Json::Whole(8080), Json::Whole(9090)])),
            ("ExtraCaFile", Raw::Expandable(r"%ProgramData%\ca.pem".into()), Json::text(r"C:\ProgramData\ca.pem")),
            ("ExtraCaFile", Raw::Expandable(r"%Nothing%\100%".into()), Json::text(r"%Nothing%\100%")),
            ("ServersJson", lines(&["{", "}"]), Json::text("{\n}")),
            // The fault is found by its kind.
            ("TokenDoor", text("yes"), Json::text("yes")),
        ];
        for (name, raw, expected) in cases {
            let shown = format!("{name} {raw:?}");
            assert_eq!(read(name, raw), Ok(expected), "{shown}");
        }
        for (name, raw) in [
            ("TokenDoor", Raw::Number(2)),
            ("Issuer", lines(&["a"])),
            ("Issuer", Raw::Expandable("a".into())),
            ("Issuer", Raw::Other),
            ("Scopes", text("[1")),
        ] {
            let shown = format!("{name} {raw:?}");
            assert!(read(name, raw).is_err(), "{shown}");
        }
        let huge = read("MonthlyMintBudget", Raw::Number(u64::MAX));
        assert!(matches!(huge, Ok(Json::Fraction(_))), "out of every range");
    }

    #[test]
    fn lists_and_servers_are_subkeys_too() {
        let server = r#"{"url": "https://a.example/mcp"}"#;
        let keys = BTreeMap::from([
            ("AllowedAccounts".to_owned(), vec![("10".to_owned(), text("group:b")), ("2".to_owned(), text("group:a"))]),
            ("servers".to_owned(), vec![("wiki".to_owned(), text(server)), ("bad".to_owned(), lines(&["{", "oops"]))]),
            ("Issuer".to_owned(), vec![]),
            ("Nonsense".to_owned(), vec![]),
        ]);
        let values = values(Key { keys, ..Key::default() }, |_| None);
        assert_eq!(values["AllowedAccounts"], Ok(Json::List(vec![Json::text("group:a"), Json::text("group:b")])));
        let Ok(Json::Table(servers)) = &values["Servers"] else { panic!("{values:?}") };
        assert!(matches!(servers["wiki"], Json::Table(_)) && matches!(servers["bad"], Json::Text(_)));
        assert!(values["Issuer"].is_err() && values["Nonsense"].is_err());
    }

    #[test]
    fn texts_of_another_product_are_whole_however_many_lines_they_have() {
        let entries = vec![
            ("McpEnterpriseManagedAuthIdp".to_owned(), lines(&["{\"issuer\":", "\"https://a.example\"}"])),
            ("mcp.enterpriseManagedAuth.idp".to_owned(), text("{}")),
            ("ChatMCP".to_owned(), Raw::Number(1)),
        ];
        let expected = [
            ("McpEnterpriseManagedAuthIdp".to_owned(), Ok(Json::text("{\"issuer\":\n\"https://a.example\"}"))),
            ("mcp.enterpriseManagedAuth.idp".to_owned(), Ok(Json::text("{}"))),
        ];
        assert_eq!(foreign(entries), Values::from(expected));
    }

    #[test]
    fn a_value_decides_over_a_key_of_its_name() {
        let keys = BTreeMap::from([("Scopes".to_owned(), vec![("1".to_owned(), text("openid"))])]);
        let values = values(Key { values: vec![("Scopes".to_owned(), lines(&["openid", "email"]))], keys }, |_| None);
        assert!(matches!(&values["Scopes"], Ok(Json::List(scopes)) if scopes.len() == 2));
    }
}
