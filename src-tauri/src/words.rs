//! Every sentence that the tray says, in each language.

mod english;
mod german;

use wire::Code;

pub(crate) use english::ENGLISH;
pub(crate) use german::GERMAN;

/// Whom the agent names where policy names nobody.
const IT: &str = "your IT support";
const OWNER: &str = "the owner of the server";
const MAKER: &str = "the maker of the program that asked";

/// The sentences of one language. `{}` stands for what is put in.
#[derive(Debug)]
pub(crate) struct Words {
    /// The verbs of the menu.
    pub(crate) menu: Menu,
    /// How things are.
    pub(crate) state: State,
    /// Why nobody is signed in.
    pub(crate) reason: Reason,
    /// What a notice says.
    pub(crate) notice: Notice,
    /// How a server is, after its name.
    pub(crate) server: fn(ServerState) -> &'static str,
    /// A fault in a few words.
    pub(crate) fault: fn(Code) -> &'static str,
}

/// The verbs of the menu.
#[derive(Debug)]
pub(crate) struct Menu {
    pub(crate) open: &'static str,
    pub(crate) sign_in: &'static str,
    pub(crate) sign_out: &'static str,
    pub(crate) pause: &'static str,
    pub(crate) copy_diagnostics: &'static str,
    pub(crate) help: &'static str,
    pub(crate) quit: &'static str,
    /// Servers that have no room.
    pub(crate) more: &'static str,
    /// A server and its state.
    pub(crate) server: &'static str,
    /// Who helps.
    pub(crate) ask: &'static str,
    /// By whom this is managed.
    pub(crate) managed: &'static str,
}

/// How things are.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) offline: &'static str,
    pub(crate) cannot_start: &'static str,
    pub(crate) not_configured: &'static str,
    pub(crate) not_configured_hint: &'static str,
    pub(crate) policy_fault: &'static str,
    pub(crate) signed_out: &'static str,
    pub(crate) signing_in: &'static str,
    /// With the account.
    pub(crate) signed_in_as: &'static str,
    pub(crate) signed_in: &'static str,
    pub(crate) waiting: &'static str,
    pub(crate) needs_user: &'static str,
    pub(crate) vault_opening: &'static str,
    pub(crate) vault_locked: &'static str,
    pub(crate) vault_away: &'static str,
    /// The disk takes nothing.
    pub(crate) vault_full: &'static str,
    pub(crate) paused: &'static str,
    pub(crate) screen_locked: &'static str,
}

/// Why nobody is signed in.
#[derive(Debug)]
pub(crate) struct Reason {
    pub(crate) policy: &'static str,
    pub(crate) revoked: &'static str,
    pub(crate) expired: &'static str,
    pub(crate) account: &'static str,
    pub(crate) vault_damaged: &'static str,
}

/// What a notice says: its title, and its text.
#[derive(Debug)]
pub(crate) struct Notice {
    pub(crate) sign_in: (&'static str, &'static str),
    /// With the server.
    pub(crate) ended: (&'static str, &'static str),
    pub(crate) step_up: (&'static str, &'static str),
    /// With several.
    pub(crate) step_up_many: (&'static str, &'static str),
    pub(crate) step_up_session: (&'static str, &'static str),
    /// With the server, and whom to ask.
    pub(crate) refused: (&'static str, &'static str),
    /// With several.
    pub(crate) refused_many: (&'static str, &'static str),
    pub(crate) vault_closed: (&'static str, &'static str),
    pub(crate) account_changed: (&'static str, &'static str),
    /// With the account.
    pub(crate) signed_in: (&'static str, &'static str),
    /// With whom to send them to.
    pub(crate) diagnostics_copied: (&'static str, &'static str),
    /// Whom, where policy names nobody, as the agent calls them and in this language.
    pub(crate) helpers: [(&'static str, &'static str); 3],
    /// That a choice came to nothing, and where more is said.
    pub(crate) failed: (&'static str, &'static str),
    pub(crate) no_browser: &'static str,
    pub(crate) no_clipboard: &'static str,
    /// Names of servers, and how many more.
    pub(crate) and_more: &'static str,
    /// What a click does.
    pub(crate) show: &'static str,
}

/// How a server is, as Status says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServerState {
    Idle,
    Ready,
    Renewing,
    Denied,
    Unreachable,
    Misconfigured,
    NeedsUser,
}

impl ServerState {
    /// The state that Status names; one of a newer agent is one of trouble.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "idle" => Self::Idle,
            "ready" => Self::Ready,
            "renewing" => Self::Renewing,
            "denied" => Self::Denied,
            "unreachable" => Self::Unreachable,
            "needs-user" => Self::NeedsUser,
            _ => Self::Misconfigured,
        }
    }

    /// Whether something is wrong.
    pub(crate) fn is_trouble(self) -> bool {
        !matches!(self, Self::Idle | Self::Ready | Self::Renewing)
    }
}

/// The sentences in the language of a tag such as `de-AT`.
pub(crate) fn in_language(tag: Option<&str>) -> &'static Words {
    let language = tag.and_then(|tag| tag.split(['-', '_', '.']).next()).unwrap_or_default();
    if language.eq_ignore_ascii_case("de") { &GERMAN } else { &ENGLISH }
}

/// Whom to ask, fit for one line of at most `limit` characters.
pub(crate) fn contact(name: &str, words: &Words, limit: usize) -> String {
    let known = words.notice.helpers.iter().find(|(english, _)| *english == name);
    known.map_or_else(|| theirs(name, limit), |(_, own)| (*own).to_owned())
}

/// A sentence with what is put into it, in this order.
pub(crate) fn filled(sentence: &str, values: &[&str]) -> String {
    let mut parts = sentence.split("{}");
    let mut text = parts.next().unwrap_or_default().to_owned();
    let mut values = values.iter();
    for part in parts {
        text.push_str(values.next().unwrap_or(&""));
        text.push_str(part);
    }
    text
}

/// What others wrote, fit for one line of at most `limit` characters: nothing that controls or turns the text around.
pub(crate) fn theirs(text: &str, limit: usize) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let kept: String = text.chars().filter(|c| !turns(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let kept = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    match kept.char_indices().nth(limit) {
        None => kept,
        Some((end, _)) => {
            let end = kept[..end].char_indices().last().map_or(0, |(last, _)| last);
            format!("{}…", kept[..end].trim_end())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_of_the_system_decides() {
        for (tag, german) in [
            (Some("de"), true),
            (Some("de-AT"), true),
            (Some("de_DE.UTF-8"), true),
            (Some("DE"), true),
            (Some("den"), false),
            (Some("en-GB"), false),
            (Some("C"), false),
            (None, false),
        ] {
            assert_eq!(std::ptr::eq(in_language(tag), &GERMAN), german, "{tag:?}");
        }
    }

    #[test]
    fn sentences_are_filled_in_their_order() {
        assert_eq!(filled("{} of {}", &["one", "two"]), "one of two");
        assert_eq!(filled("none", &["one"]), "none");
        assert_eq!(filled("{} and {}", &["{}"]), "{} and ");
    }

    #[test]
    fn what_others_wrote_is_one_short_line_that_reads_in_one_direction() {
        for (theirs_, line) in [
            ("Ada", "Ada"),
            ("  Ada\n\tLovelace\u{7} ", "Ada Lovelace"),
            ("\u{202e}evil\u{2066}", "evil"),
            ("abcdef", "abcdef"),
            ("abcdefg", "abcde…"),
            ("ääääääää", "äääää…"),
            ("", ""),
        ] {
            assert_eq!(theirs(theirs_, 6.max(line.chars().count().min(13))), line, "{theirs_:?}");
        }
    }

    #[test]
    fn whoever_the_agent_names_is_called_in_the_persons_language() {
        for name in Code::all().map(|code| code.row().ask) {
            assert_eq!(contact(name, &ENGLISH, 72), name);
            assert_ne!(contact(name, &GERMAN, 72), name);
        }
        assert_eq!(contact("#it\n-help", &GERMAN, 72), "#it -help");
    }

    #[test]
    fn both_languages_have_the_same_gaps() {
        let gaps = |words: &Words| {
            let text = format!("{:?}{:?}{:?}{:?}", words.menu, words.state, words.reason, words.notice);
            let fields = text.split(": ").map(|field| field.matches("{}").count());
            fields.collect::<Vec<_>>()
        };
        assert_eq!(gaps(&ENGLISH), gaps(&GERMAN));
    }

    #[test]
    fn every_fault_has_a_few_words_of_its_own_in_both_languages() {
        for words in [&ENGLISH, &GERMAN] {
            let all: std::collections::BTreeSet<&str> = Code::all().map(words.fault).collect();
            assert_eq!(all.len(), Code::all().count());
            assert!(all.iter().all(|few| !few.is_empty() && few.chars().count() < 50));
        }
        assert!(Code::all().all(|code| (ENGLISH.fault)(code) != (GERMAN.fault)(code)));
    }
}
