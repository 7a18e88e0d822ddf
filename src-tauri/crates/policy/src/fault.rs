use serde::Serialize;

/// Something wrong in a policy: one setting of one place, or a whole file.
///
/// The message never repeats a value, because a value in the wrong place may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The setting, `Servers.<id>` or `Servers.<id>.<key>`; absent when a file or folder as a whole is at fault.
    pub setting: Option<String>,
    /// The file or place that said it; `default` when the fault is that something is absent.
    pub origin: String,
    /// What is wrong, in words for an administrator.
    pub message: String,
}

impl Fault {
    /// A fault of one setting.
    pub fn of(setting: &str, origin: &str, message: impl Into<String>) -> Self {
        Self { setting: Some(plain(setting)), origin: origin.to_owned(), message: message.into() }
    }

    /// A fault of a whole file or folder.
    pub fn whole(origin: &str, message: impl Into<String>) -> Self {
        Self { setting: None, origin: origin.to_owned(), message: message.into() }
    }
}

/// A name that no setting or server key has: most often a typing mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unknown {
    /// The name as written, `Servers.<id>.<key>` for a server key.
    pub name: String,
    /// The file that has it.
    pub origin: String,
    /// The known name that is most like it.
    pub nearest: Option<String>,
}

/// A name from a file made fit to be shown: short and without control characters.
pub(crate) fn plain(name: &str) -> String {
    name.chars().take(160).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// An error and its sources as one sentence.
pub(crate) fn sentence(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}
