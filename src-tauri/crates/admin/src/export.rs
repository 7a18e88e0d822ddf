//! A policy file in the form that each tool deploys.

mod intune;
mod profile;
mod registry;

use std::collections::BTreeMap;

use policy::Policy;
use policy::catalogue::{Setting, setting};
use policy::kinds::Kind;
use serde_json::{Map, Value};

pub use intune::{Row, rows as intune_rows};
pub(crate) use intune::{category, uri};
pub(crate) use profile::{DOMAIN, plist as plist_of, xml};

/// The tools' forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A `.reg` file for Group Policy, `reg import` and scripts.
    Reg,
    /// A configuration profile for macOS.
    Mobileconfig,
    /// A policy file for Linux.
    Json,
    /// The OMA-URI rows of a custom profile of Intune, for the ADMX that Lanyard ships.
    Intune,
}

/// A policy as it is to be deployed: every setting that the file set and that is in order, without the secrets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Export {
    values: BTreeMap<&'static str, Value>,
    /// The secrets that were left out, by name; they are to be set where the policy is deployed.
    pub secrets: Vec<String>,
}

/// Why a policy file is not exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// It has faults or unknown names: what is deployed would not be what it says.
    #[error("the policy has {0} faults; `lanyard policy check` names them")]
    Faulty(usize),
    /// It is no JSON object.
    #[error("the policy cannot be read")]
    Unreadable(#[from] serde_json::Error),
}

impl Export {
    /// Takes a policy file apart. `origin` is its name for people.
    ///
    /// # Errors
    /// [`ExportError`].
    pub fn of(origin: &str, file: &[u8]) -> Result<Self, ExportError> {
        let policy: Policy = policy::check(origin, file);
        let problems = policy.problems().len();
        if problems > 0 {
            return Err(ExportError::Faulty(problems));
        }
        let mut export = Self::default();
        for (name, value) in serde_json::from_slice::<Map<String, Value>>(file)? {
            let Some(setting) = setting(&name) else { continue };
            export.add(setting, value)?;
        }
        Ok(export)
    }

    fn add(&mut self, setting: &'static Setting, value: Value) -> Result<(), ExportError> {
        match (setting.kind, value) {
            (Kind::Secret, _) => self.secrets.push(setting.name.to_owned()),
            // One form of the servers is enough, and this one has no limit of length.
            (Kind::ServersText, Value::String(text)) => self.servers(serde_json::from_str(&text)?),
            (Kind::Servers, Value::Object(servers)) => self.servers(servers),
            (_, value) => {
                self.values.insert(setting.name, value);
            }
        }
        Ok(())
    }

    fn servers(&mut self, servers: Map<String, Value>) {
        let mut kept = Map::new();
        for (id, server) in servers.into_iter().filter(|(id, _)| !is_comment(id)) {
            let Value::Object(mut keys) = server else { continue };
            keys.retain(|key, _| !is_comment(key));
            if keys.remove("clientSecret").is_some() {
                self.secrets.push(format!("Servers.{id}.clientSecret"));
            }
            kept.insert(id, Value::Object(keys));
        }
        self.values.insert("Servers", Value::Object(kept));
    }

    /// The settings and their values.
    pub fn values(&self) -> impl Iterator<Item = (&'static Setting, &Value)> {
        self.values.iter().filter_map(|(name, value)| Some((setting(name)?, value)))
    }

    /// The text of one form.
    pub fn text(&self, format: Format) -> String {
        match format {
            Format::Reg => registry::text(self),
            Format::Mobileconfig => profile::text(self),
            Format::Json => format!("{:#}\n", Value::from_iter(self.values.clone())),
            Format::Intune => intune::text(self),
        }
    }
}

/// Names that start so are comments in a policy file.
fn is_comment(name: &str) -> bool {
    name.starts_with("//") || name == "$schema"
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] = br#"{
        "// who": "us", "Issuer": "https://acme.okta.com", "ClientId": "0oa1", "ClientSecret": "MARKED", "ClientAuthentication": "client_secret_post", "SignOutRevokes": false,
        "MonthlyMintBudget": 0, "Scopes": ["openid", "email"], "RedirectPorts": [8080],
        "Servers": {"wiki": {"// why": "", "url": "https://mcp.wiki.example/mcp", "title": "W \"q\" \\ %", "clientSecret": "MARKED", "clientId": "w"}}
    }"#;

    #[test]
    fn a_secret_is_named_and_never_exported() {
        let export = Export::of("p.json", FILE).unwrap();
        assert_eq!(export.secrets, ["ClientSecret", "Servers.wiki.clientSecret"]);
        for format in [Format::Reg, Format::Mobileconfig, Format::Json, Format::Intune] {
            let text = export.text(format);
            assert!(!text.contains("MARKED") && text.contains("acme.okta.com") && !text.contains("// w"), "{text}");
        }
    }

    #[test]
    fn a_policy_with_faults_is_not_exported() {
        for file in [&br#"{"Isuer": "https://a.example"}"#[..], br#"{"MonthlyMintBudget": "many"}"#, b"{"] {
            assert!(matches!(Export::of("p.json", file), Err(ExportError::Faulty(_))));
        }
    }
}
