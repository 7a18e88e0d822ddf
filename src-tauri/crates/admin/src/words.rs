//! The texts of settings, by language. English is the catalogue's own.

mod german;

use policy::catalogue::{Group, Setting};

/// A language in which administrators read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// `en-US`.
    English,
    /// `de-DE`.
    German,
}

/// What is said of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// One line.
    pub summary: &'static str,
    /// What it does.
    pub explanation: &'static str,
    /// What its absence means.
    pub absent: &'static str,
}

/// The words around what is said of settings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around {
    pub(crate) about: &'static str,
    pub(crate) since: &'static str,
    pub(crate) enabled: &'static str,
    pub(crate) disabled_switch: &'static str,
    pub(crate) disabled: &'static str,
    pub(crate) absent: &'static str,
    pub(crate) example: &'static str,
    pub(crate) registry: &'static str,
    pub(crate) known_since: &'static str,
}

impl Language {
    /// Every language, the catalogue's first.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// Its tag, as Windows names its folder.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en-US",
            Self::German => "de-DE",
        }
    }

    /// What is said of a setting.
    pub fn of(self, setting: &Setting) -> Words {
        let own = Words { summary: setting.summary, explanation: setting.explanation, absent: setting.absent };
        match self {
            Self::English => own,
            Self::German => german::SETTINGS.iter().find(|(name, _)| *name == setting.name).map_or(own, |(_, words)| *words),
        }
    }

    /// A group's title.
    pub fn group(self, group: Group) -> &'static str {
        match (self, group) {
            (Self::English, group) => group.title(),
            (Self::German, Group::Identity) => "Identität",
            (Self::German, Group::Servers) => "Server",
            (Self::German, Group::Session) => "Sitzung",
            (Self::German, Group::LocalAccess) => "Lokaler Zugang",
            (Self::German, Group::Network) => "Netzwerk",
            (Self::German, Group::Audit) => "Protokollierung",
            (Self::German, Group::Appearance) => "Darstellung",
        }
    }

    pub(crate) fn around(self) -> Around {
        match self {
            Self::English => Around {
                about: "Lanyard signs employees in once and gives their AI tools access to the MCP servers that you list.",
                since: "Lanyard",
                enabled: "If you enable this setting, the value that you enter applies, and people cannot change it.",
                disabled_switch: "If you disable this setting, the answer is no, and people cannot change it.",
                disabled: "If you disable this setting, it counts as not configured.",
                absent: "If you do not configure it:",
                example: "Example:",
                registry: "Registry:",
                known_since: "Known since version",
            },
            Self::German => german::AROUND,
        }
    }
}

#[cfg(test)]
mod tests {
    use policy::catalogue::settings;

    use super::*;

    #[test]
    fn every_setting_has_its_own_words_in_every_language() {
        for setting in settings() {
            let (english, german) = (Language::English.of(setting), Language::German.of(setting));
            assert_ne!(english.summary, german.summary, "{} is not translated", setting.name);
            for text in [german.summary, german.explanation, german.absent] {
                assert!(text.ends_with('.'), "{}: {text}", setting.name);
            }
        }
        assert_eq!(german::SETTINGS.len(), settings().count(), "words of a setting that is not there");
    }
}
