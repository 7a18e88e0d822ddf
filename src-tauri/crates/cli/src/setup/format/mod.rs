//! The files of clients, changed without touching what is not ours: comments, order and formatting stay.

mod jsonc;
mod toml;
mod yaml;

use std::collections::BTreeMap;

use serde_json::Value;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// JSON with comments and trailing commas.
    Jsonc,
    /// TOML.
    Toml,
    /// YAML.
    Yaml,
}

impl Format {
    /// The entries of `container`; none where there is no such container.
    ///
    /// # Errors
    /// Why the text cannot be read.
    pub(crate) fn entries(self, text: &str, container: &str) -> Result<BTreeMap<String, Value>, String> {
        let whole = match self {
            Self::Jsonc => jsonc::read(text)?,
            Self::Toml => toml::read(text)?,
            Self::Yaml => yaml::read(text)?,
        };
        match whole.get(container) {
            None | Some(Value::Null) => Ok(BTreeMap::new()),
            Some(Value::Object(entries)) => Ok(entries.clone().into_iter().collect()),
            Some(_) => Err(format!("`{container}` is not a table")),
        }
    }

    /// The text with the entry `name` set.
    ///
    /// # Errors
    /// Why it cannot be set without harm.
    pub(crate) fn set(self, text: &str, container: &str, name: &str, entry: &Value) -> Result<String, String> {
        let after = match self {
            Self::Jsonc => jsonc::set(text, container, name, entry)?,
            Self::Toml => toml::set(text, container, name, entry)?,
            Self::Yaml => yaml::set(text, container, name, entry)?,
        };
        self.only(text, &after, container, name, Some(entry))?;
        Ok(after)
    }

    /// The text without the entry `name`.
    ///
    /// # Errors
    /// Why it cannot be removed without harm.
    pub(crate) fn unset(self, text: &str, container: &str, name: &str) -> Result<String, String> {
        let after = match self {
            Self::Jsonc => jsonc::unset(text, container, name)?,
            Self::Toml => toml::unset(text, container, name)?,
            Self::Yaml => yaml::unset(text, container, name)?,
        };
        self.only(text, &after, container, name, None)?;
        Ok(after)
    }

    /// As the language of an example is called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Jsonc => "jsonc",
            Self::Toml => "toml",
            Self::Yaml => "yaml",
        }
    }

    /// A text with nothing but one container of entries.
    pub(crate) fn alone(self, container: &str, entries: &[(String, Value)]) -> Result<String, String> {
        entries.iter().try_fold(String::new(), |text, (name, entry)| self.set(&text, container, name, entry))
    }

    /// That nothing but the one entry changed: what a library or this room got wrong is never written.
    fn only(self, before: &str, after: &str, container: &str, name: &str, entry: Option<&Value>) -> Result<(), String> {
        let (mut before, mut after) = (self.entries(before, container)?, self.entries(after, container)?);
        before.remove(name);
        match (after.remove(name).as_ref() == entry, before == after) {
            (true, true) => Ok(()),
            _ => Err("it could not be changed without changing something else".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn comments_order_and_formatting_stay() {
        let entry = json!({"command": "/usr/bin/lanyard", "args": ["connect", "linear"], "n": 60, "on": true, "h": {"K": "v"}});
        let table = [
            (
                Format::Jsonc,
                "mcpServers",
                "{\n  // mine\n  \"theme\": \"dark\", /* x */\n  \"mcpServers\": {\n    \"other\": { \"url\": \"u\" }, // keep\n  },\n}\n",
            ),
            (Format::Jsonc, "mcpServers", "{\t\"a\":1}"),
            (Format::Jsonc, "mcpServers", ""),
            (Format::Toml, "mcp_servers", "# mine\nmodel = 'o'   # x\n\n[mcp_servers.other]\nurl = \"u\"\n\n[tui]\nn = 1\n"),
            (Format::Toml, "mcp_servers", ""),
            (
                Format::Yaml,
                "extensions",
                "# mine\nGOOSE_MODEL: gpt # x\nextensions:\n  other:\n    type: stdio\n    args: [a, b]\n    # inner\nlast: 1\n",
            ),
            (Format::Yaml, "extensions", "a: 1\n"),
            (Format::Yaml, "extensions", "extensions: {}\n"),
            (Format::Yaml, "extensions", ""),
        ];
        let mut shown = Vec::new();
        for (format, container, text) in table {
            let set = format.set(text, container, "linear", &entry).unwrap_or_else(|why| panic!("{text}: {why}"));
            assert_eq!(format.set(&set, container, "linear", &entry).unwrap(), set, "a second time changes nothing");
            for line in text.lines().filter(|line| line.contains('#') || line.contains("//")) {
                assert!(set.contains(line.trim_end()), "{line} lost in {set}");
            }
            let unset = format.unset(&set, container, "linear").unwrap();
            assert_eq!(format.entries(&unset, container).unwrap(), format.entries(text, container).unwrap());
            shown.push(set);
        }
        insta::assert_snapshot!(shown.join("\n-----\n"));
    }

    #[test]
    fn what_cannot_be_read_is_not_changed() {
        for (format, container, text) in [
            (Format::Jsonc, "m", "{\"a\":"),
            (Format::Jsonc, "m", "[]"),
            (Format::Jsonc, "m", "{\"m\": []}"),
            (Format::Jsonc, "m", "{'m': {}}"),
            (Format::Toml, "m", "a = "),
            (Format::Toml, "m", "m = 1"),
            (Format::Yaml, "m", "a: [1"),
            (Format::Yaml, "m", "- a"),
            (Format::Yaml, "m", "m: {a: 1}"),
        ] {
            assert!(format.set(text, container, "x", &json!({"a": 1})).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_else_stands_in_a_file_stays(others in prop::collection::btree_map("[a-z]{1,6}", "[a-zA-Z0-9 :#'\"/]{0,12}", 0..5), top in "[a-z]{1,6}") {
            let others: BTreeMap<String, Value> = others.into_iter().map(|(name, text)| (name, json!({"v": text}))).collect();
            prop_assume!(!others.contains_key("linear") && top != "servers");
            for format in [Format::Jsonc, Format::Toml, Format::Yaml] {
                let list: Vec<_> = others.clone().into_iter().collect();
                let text = format.alone("servers", &list).unwrap();
                let entry = json!({"command": "/x/lanyard", "args": ["connect", "linear"]});
                let set = format.set(&text, "servers", "linear", &entry).unwrap();
                let mut found = format.entries(&set, "servers").unwrap();
                prop_assert_eq!(found.remove("linear"), Some(entry));
                prop_assert_eq!(&found, &others);
                prop_assert_eq!(&format.entries(&format.unset(&set, "servers", "linear").unwrap(), "servers").unwrap(), &others);
            }
        }
    }
}
