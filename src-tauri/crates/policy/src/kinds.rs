//! What a value may be. Nothing is coerced: a list is an array, a number a number.

pub(crate) mod account;
mod choice;
mod program;
pub(crate) mod url;

use std::path::PathBuf;
use std::sync::Arc;

use secret::Secret;

pub use account::Account;
pub(crate) use choice::Choice;
pub use choice::{
    AssertionAudience, AssertionReuse, AuditIdentity, AutoSignIn, ClientAuthentication, LogLevel, OnScreenLock, Prompt,
    ProxyMode, RedirectHost, Route, Send, Sink, SubjectTokenKind, VaultFallback, Word,
};
pub use program::{Program, ProgramRule, Tools};
pub use url::Address;

use crate::source::json::Json;

/// The kind of a setting or server key, with its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A boolean.
    YesNo,
    /// A whole number from `min` to `max`, and 0 too where `zero` says so.
    Number {
        /// The smallest.
        min: u32,
        /// The largest.
        max: u32,
        /// Whether 0 is admitted as well.
        zero: bool,
    },
    /// One word of a closed list.
    Choice(&'static [Word]),
    /// A text of 1 to `max` characters without control characters.
    Text {
        /// The most characters.
        max: usize,
    },
    /// A text in which `%username%` and `%upn%` stand for who is logged on.
    Hint,
    /// A text that is shown as set or not set everywhere.
    Secret,
    /// An address.
    Url(Address),
    /// An absolute path.
    Path,
    /// A list of `min` to `max` entries.
    List {
        /// What each entry is.
        of: Item,
        /// The fewest.
        min: usize,
        /// The most.
        max: usize,
    },
    /// The dictionary id -> server.
    Servers,
    /// The same dictionary as one JSON text.
    ServersText,
    /// `{"allow":[...],"deny":[...]}`.
    Tools,
    /// `{program pattern: {tools, readOnly}}`.
    Programs,
}

/// What an entry of a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// A scope token (RFC 6749 §3.3).
    Scope,
    /// See [`Account`].
    Account,
    /// See [`Program`].
    Program,
    /// A TCP port, 1024 to 65535.
    Port,
    /// A host, a pattern of hosts or a network that the proxy is not for.
    Host,
    /// One word of a closed list.
    Choice(&'static [Word]),
}

/// A value that passed its kind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    YesNo(bool),
    Number(u32),
    Word(&'static str),
    Text(String),
    Secret(Arc<Secret>),
    Path(PathBuf),
    Texts(Vec<String>),
    Words(Vec<&'static str>),
    Ports(Vec<u16>),
    Accounts(Vec<Account>),
    Programs(Vec<Program>),
    Tools(Tools),
    Rules(Vec<ProgramRule>),
    /// Judged entry by entry, because a bad server leaves the others in force.
    Servers,
}

/// Judges one value; the error is the fault's message and never repeats the value.
pub(crate) fn check(kind: Kind, json: &Json, insecure: bool) -> Result<Value, String> {
    let wrong = |expected: &str| Err(format!("must be {expected}, not {}", json.noun()));
    match (kind, json) {
        (Kind::YesNo, Json::Bool(yes)) => Ok(Value::YesNo(*yes)),
        (Kind::YesNo, _) => wrong("yes or no (a boolean)"),
        (Kind::Number { min, max, zero }, Json::Whole(number)) => {
            u32::try_from(*number).ok().filter(|n| (min..=max).contains(n) || (zero && *n == 0)).map(Value::Number).ok_or_else(
                || match zero {
                    true => format!("must be 0 or from {min} to {max}"),
                    false => format!("must be from {min} to {max}"),
                },
            )
        }
        (Kind::Number { .. }, Json::Fraction(_)) => Err("must be a whole number".into()),
        (Kind::Number { .. }, _) => wrong("a number"),
        (Kind::List { of, min, max }, Json::List(items)) => {
            if !(min..=max).contains(&items.len()) {
                return Err(format!("must have {min} to {max} entries"));
            }
            list(of, items)
        }
        (Kind::List { .. }, _) => wrong("a list"),
        (Kind::Servers, Json::Table(_)) => Ok(Value::Servers),
        (Kind::Servers, _) => wrong("an object"),
        (Kind::Tools, json) => program::tools(json).map(Value::Tools),
        (Kind::Programs, json) => program::rules(json).map(Value::Rules),
        (_, Json::Text(text)) => from_text(kind, text, insecure),
        _ => wrong("a text"),
    }
}

fn from_text(kind: Kind, secret: &Arc<Secret>, insecure: bool) -> Result<Value, String> {
    let text = secret.expose();
    match kind {
        Kind::Choice(words) => one_of(words, text).map(Value::Word),
        Kind::Text { max } => bounded(text, max).map(Value::Text),
        Kind::Hint => hint(text).map(Value::Text),
        Kind::Secret => bounded(text, 4096).map(|_| Value::Secret(Arc::clone(secret))),
        Kind::Url(address) => url::judge(text, address, insecure).map(|()| Value::Text(text.to_owned())),
        Kind::Path => path(text).map(Value::Path),
        Kind::ServersText => Ok(Value::Servers),
        _ => Err("is not of its kind".into()),
    }
}

fn list(of: Item, items: &[Json]) -> Result<Value, String> {
    if let Item::Port = of {
        return items
            .iter()
            .map(|item| match item {
                Json::Whole(port @ 1024..=65535) => u16::try_from(*port).map_err(|_| String::new()),
                _ => Err("must list ports from 1024 to 65535".to_owned()),
            })
            .collect::<Result<_, _>>()
            .map(Value::Ports);
    }
    let texts = items
        .iter()
        .map(|item| match item {
            Json::Text(text) => bounded(text.expose(), 1024),
            other => Err(format!("must list texts, not {}", other.noun())),
        })
        .collect::<Result<Vec<_>, _>>()?;
    fn each<T>(texts: &[String], parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
        texts.iter().enumerate().map(|(at, text)| parse(text).map_err(|why| format!("entry {} {why}", at + 1))).collect()
    }
    match of {
        Item::Scope => each(&texts, scope).map(Value::Texts),
        Item::Host => each(&texts, host).map(Value::Texts),
        Item::Account => each(&texts, account::parse).map(Value::Accounts),
        Item::Program => each(&texts, program::parse).map(Value::Programs),
        Item::Choice(words) => each(&texts, |text| one_of(words, text)).map(Value::Words),
        Item::Port => Err("must list ports".into()),
    }
}

fn one_of(words: &'static [Word], text: &str) -> Result<&'static str, String> {
    words.iter().map(|word| word.word).find(|word| *word == text).ok_or_else(|| {
        let all: Vec<_> = words.iter().map(|word| word.word).collect();
        format!("must be one of: {}", all.join(", "))
    })
}

fn bounded(text: &str, max: usize) -> Result<String, String> {
    if text.is_empty() || text.chars().count() > max {
        return Err(format!("must have 1 to {max} characters"));
    }
    if unshowable(text) {
        return Err("must not have control characters".into());
    }
    Ok(text.to_owned())
}

/// Control characters, and the marks that turn the direction of text around and so make it lie.
pub(crate) fn unshowable(text: &str) -> bool {
    text.chars()
        .any(|c| c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
}

fn hint(text: &str) -> Result<String, String> {
    let known = text.replace("%username%", "").replace("%upn%", "");
    if known.matches('%').count() > 1 {
        return Err("may hold only the placeholders %username% and %upn%".into());
    }
    bounded(text, 256)
}

fn scope(text: &str) -> Result<String, String> {
    let token = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    if text.len() > 256 || !text.bytes().all(token) {
        return Err("is not a scope (RFC 6749 §3.3)".into());
    }
    Ok(text.to_owned())
}

fn host(text: &str) -> Result<String, String> {
    if text.len() > 253 || !text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._*:/[]".contains(&b)) {
        return Err("is not a host, a pattern of hosts or a network".into());
    }
    Ok(text.to_owned())
}

/// A path of any system: a policy is judged wherever it is written. Whoever opens it finds out whether it is one here.
fn path(text: &str) -> Result<PathBuf, String> {
    if text.len() > 4096 || unshowable(text) || !absolute(text) {
        return Err("must be an absolute path".into());
    }
    if text.split(['/', '\\']).any(|step| step == "..") {
        return Err("must not climb with `..`".into());
    }
    Ok(PathBuf::from(text))
}

/// Whether a path, or a pattern of paths, is absolute on some system: from the root, from a drive, or on another machine.
fn absolute(text: &str) -> bool {
    let bytes = text.as_bytes();
    let drive = bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && &bytes[1..3] == b":\\";
    text.starts_with('/') || text.starts_with(r"\\") || drive
}
