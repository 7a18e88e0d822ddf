//! What the program is asked for on its command line.

/// What is said where the words make no sense.
pub(crate) const USAGE: &str = "\
Usage: lanyard-tray [--autostart]       the icon in the notification area, and the agent
       lanyard-tray --window [PAGE]     the window: servers, activity, programs, account or help
       lanyard-tray --version
";

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The icon, and the agent behind it.
    Tray(Starter),
    /// The window.
    Window(Opening),
    /// The version.
    Version,
}

/// Who starts the tray.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Starter {
    /// A person, who wants to see something.
    Person,
    /// The system, at log-on.
    System,
}

/// How the window is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Opening {
    /// At which page.
    pub(crate) page: Page,
    /// Why by itself, where nobody asked for it.
    pub(crate) reason: Option<Reason>,
}

/// A page of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Page {
    /// The servers of policy.
    #[default]
    Servers,
    /// What was done.
    Activity,
    /// The programs that use doors.
    Programs,
    /// Who is signed in.
    Account,
    /// What is wrong, and who can mend it.
    Help,
}

/// Why the window opens by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// This desktop shows no icons of programs.
    NoTray,
    /// What was chosen at the icon needs a browser, and none opens.
    NoBrowser,
    /// What was chosen at the icon did not work.
    Failed,
}

impl Page {
    /// Every page, in the order of the window.
    pub(crate) const ALL: [Self; 5] = [Self::Servers, Self::Activity, Self::Programs, Self::Account, Self::Help];

    /// The page of this word.
    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|page| page.word() == word)
    }

    /// The word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Servers => "servers",
            Self::Activity => "activity",
            Self::Programs => "programs",
            Self::Account => "account",
            Self::Help => "help",
        }
    }
}

impl Reason {
    /// Every one.
    const ALL: [Self; 3] = [Self::NoTray, Self::NoBrowser, Self::Failed];

    /// The reason of this word.
    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }

    /// The word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::NoTray => "no-tray",
            Self::NoBrowser => "no-browser",
            Self::Failed => "failed",
        }
    }
}

impl Opening {
    /// The arguments that ask for it.
    pub(crate) fn words(self) -> Vec<&'static str> {
        let mut words = vec!["--window", self.page.word()];
        words.extend(self.reason.into_iter().flat_map(|reason| ["--reason", reason.word()]));
        words
    }
}

/// What `words` ask for; nothing where they make no sense.
pub(crate) fn read(words: &[String]) -> Option<Wanted> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [] => Some(Wanted::Tray(Starter::Person)),
        [agent::autostart::WORD] => Some(Wanted::Tray(Starter::System)),
        ["--version"] => Some(Wanted::Version),
        ["--window", ref rest @ ..] => opening(rest).map(Wanted::Window),
        _ => None,
    }
}

fn opening(words: &[&str]) -> Option<Opening> {
    let (page, rest) = match words {
        [word, rest @ ..] if !word.starts_with('-') => (Page::named(word)?, rest),
        rest => (Page::default(), rest),
    };
    match rest {
        [] => Some(Opening { page, reason: None }),
        ["--reason", word] => Reason::named(word).map(|reason| Opening { page, reason: Some(reason) }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &str) -> Option<Wanted> {
        read(&words.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn words_that_make_sense_are_understood_and_no_others() {
        let window = |page, reason| Some(Wanted::Window(Opening { page, reason }));
        let table = [
            ("", Some(Wanted::Tray(Starter::Person))),
            ("--autostart", Some(Wanted::Tray(Starter::System))),
            ("--autostart --window", None),
            ("--version", Some(Wanted::Version)),
            ("--window", window(Page::Servers, None)),
            ("--window activity", window(Page::Activity, None)),
            ("--window --reason no-tray", window(Page::Servers, Some(Reason::NoTray))),
            ("--window help --reason no-tray", window(Page::Help, Some(Reason::NoTray))),
            ("--window settings", None),
            ("--window help servers", None),
            ("--window help --reason", None),
            ("--reason no-tray", None),
            ("servers", None),
            ("--help", None),
        ];
        for (words, wanted) in table {
            assert_eq!(asked(words), wanted, "{words}");
        }
    }

    #[test]
    fn every_opening_is_understood_as_it_is_asked_for() {
        for page in Page::ALL {
            for reason in Reason::ALL.map(Some).into_iter().chain([None]) {
                let opening = Opening { page, reason };
                assert_eq!(asked(&opening.words().join(" ")), Some(Wanted::Window(opening)));
            }
        }
    }
}
