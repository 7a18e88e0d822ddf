use wire::SettingFault;

/// A fault of one setting.
pub(crate) fn of(setting: &str, origin: &str, message: impl Into<String>) -> SettingFault {
    SettingFault { setting: Some(plain(setting)), origin: origin.to_owned(), message: message.into() }
}

/// A fault of a whole file or folder.
pub(crate) fn whole(origin: &str, message: impl Into<String>) -> SettingFault {
    SettingFault { setting: None, origin: origin.to_owned(), message: message.into() }
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
