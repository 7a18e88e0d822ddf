//! Form bodies and query strings, where a parameter may stand once only (RFC 6749 §3.2).

use std::collections::BTreeMap;

use crate::refusal::Refusal;

/// Parameters of one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form(BTreeMap<String, String>);

impl Form {
    /// # Errors
    /// `invalid_request` when a parameter occurs twice.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let mut fields = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            if fields.insert(name.to_string(), value.into_owned()).is_some() {
                return Err(Refusal::request(format!("The parameter '{name}' occurs more than once.")));
            }
        }
        Ok(Self(fields))
    }

    /// The value, unless absent or empty: an empty parameter counts as omitted.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// # Errors
    /// `invalid_request` naming the missing parameter.
    pub(crate) fn need(&self, name: &str) -> Result<&str, Refusal> {
        self.value(name).ok_or_else(|| Refusal::request(format!("The parameter '{name}' is missing.")))
    }

    /// The value split at spaces.
    pub(crate) fn words(&self, name: &str) -> Vec<String> {
        words(self.value(name).unwrap_or_default())
    }
}

/// A space-separated list.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}
