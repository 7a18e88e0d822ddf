use std::path::PathBuf;
use std::sync::Arc;

use secret::Secret;

use crate::catalogue::Setting;
use crate::kinds::{Account, Choice, Program, ProgramRule, Tools, Value, check};
use crate::layer::Given;
use crate::source::json::{Json, literal};

/// Settings, or one server's keys, with their judged values.
pub(crate) struct Table {
    pub(crate) entries: Vec<Entry>,
}

/// One of them.
pub(crate) struct Entry {
    pub(crate) setting: &'static Setting,
    /// What applies, as written or as the catalogue has it.
    pub(crate) in_force: Option<Json>,
    /// Where it was given, even when it is bad; absent when it was not.
    pub(crate) origin: Option<String>,
    pub(crate) fault: Option<String>,
    value: Option<Value>,
}

impl Table {
    /// Judges what was given for `settings`, each on its own.
    pub(crate) fn judge(
        settings: impl Iterator<Item = &'static Setting>,
        given: impl Fn(&'static str) -> Option<(Given, String)>,
        insecure: bool,
    ) -> Self {
        let entries = settings.map(|setting| {
            let mut entry = Entry { setting, in_force: None, origin: None, fault: None, value: None };
            match given(setting.name) {
                None => entry.apply(setting.default),
                Some((given, origin)) => {
                    entry.origin = Some(origin);
                    let judged = given.and_then(|json| check(setting.kind, &json, insecure).map(|value| (json, value)));
                    match judged {
                        Ok((json, value)) => {
                            entry.in_force = Some(json);
                            entry.value = Some(value);
                        }
                        Err(message) => entry.fail(message),
                    }
                }
            }
            entry
        });
        Self { entries: entries.collect() }
    }

    /// The entry of that name.
    pub(crate) fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.setting.name == name)
    }

    /// Whether something was given for it, good or bad.
    pub(crate) fn given(&self, name: &str) -> bool {
        self.origin(name).is_some()
    }

    pub(crate) fn origin(&self, name: &str) -> Option<&str> {
        self.entry(name)?.origin.as_deref()
    }

    /// Whether what was given for it is good, or nothing was.
    pub(crate) fn sound(&self, name: &str) -> bool {
        self.entry(name).is_some_and(|entry| entry.fault.is_none())
    }

    /// Marks an entry as bad after the others were seen; what was given for it no longer applies.
    pub(crate) fn fail(&mut self, name: &str, message: impl Into<String>) {
        let entry = self.entries.iter_mut().find(|entry| entry.setting.name == name);
        if let Some(entry) = entry
            && entry.fault.is_none()
        {
            entry.fail(message.into());
        }
    }

    /// Replaces what is shown as in force.
    pub(crate) fn show(&mut self, name: &str, json: Json, origin: Option<String>) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.setting.name == name) {
            entry.in_force = Some(json);
            entry.origin = origin;
        }
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.entry(name)?.value.as_ref()
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.value(name), Some(Value::YesNo(true)))
    }

    pub(crate) fn number(&self, name: &str) -> Option<u32> {
        match self.value(name)? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn word<T: Choice>(&self, name: &str) -> Option<T> {
        match self.value(name)? {
            Value::Word(word) => T::from_word(word),
            _ => None,
        }
    }

    pub(crate) fn words<T: Choice>(&self, name: &str) -> Vec<T> {
        match self.value(name) {
            Some(Value::Words(words)) => words.iter().filter_map(|word| T::from_word(word)).collect(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.value(name)? {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    pub(crate) fn texts(&self, name: &str) -> Option<Vec<String>> {
        match self.value(name)? {
            Value::Texts(texts) => Some(texts.clone()),
            _ => None,
        }
    }

    pub(crate) fn secret(&self, name: &str) -> Option<Arc<Secret>> {
        match self.value(name)? {
            Value::Secret(secret) => Some(Arc::clone(secret)),
            _ => None,
        }
    }

    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        match self.value(name)? {
            Value::Path(path) => Some(path.clone()),
            _ => None,
        }
    }

    pub(crate) fn ports(&self, name: &str) -> Vec<u16> {
        match self.value(name) {
            Some(Value::Ports(ports)) => ports.clone(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn accounts(&self, name: &str) -> Vec<Account> {
        match self.value(name) {
            Some(Value::Accounts(accounts)) => accounts.clone(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn programs(&self, name: &str) -> Option<Vec<Program>> {
        match self.value(name)? {
            Value::Programs(programs) => Some(programs.clone()),
            _ => None,
        }
    }

    pub(crate) fn tools(&self, name: &str) -> Option<Tools> {
        match self.value(name)? {
            Value::Tools(tools) => Some(tools.clone()),
            _ => None,
        }
    }

    pub(crate) fn rules(&self, name: &str) -> Option<Vec<ProgramRule>> {
        match self.value(name)? {
            Value::Rules(rules) => Some(rules.clone()),
            _ => None,
        }
    }
}

impl Entry {
    fn fail(&mut self, message: String) {
        self.fault = Some(message);
        self.apply(self.setting.when_faulty.or(self.setting.default));
    }

    fn apply(&mut self, text: Option<&str>) {
        self.in_force = text.and_then(literal);
        self.value = self.in_force.as_ref().and_then(|json| check(self.setting.kind, json, false).ok());
    }
}
