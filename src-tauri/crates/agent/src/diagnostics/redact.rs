//! Takes out of a text what tells who and where somebody is, and whatever looks like a credential. What is taken out is
//! numbered, so that a reader still sees which lines are about the same.

use std::net::{IpAddr, SocketAddr};

/// Words shorter than this stand in too many others.
const SHORTEST: usize = 3;

/// What is known of this person and machine, and the names given to what was met so far.
#[derive(Default)]
pub(crate) struct Redactor {
    /// Text, and what stands for it; longest first.
    known: Vec<(String, &'static str)>,
    met: Vec<(&'static str, String)>,
}

impl Redactor {
    /// With texts that are this person's: home folder, names, subject, host name.
    pub(crate) fn new(known: impl IntoIterator<Item = (Option<String>, &'static str)>) -> Self {
        let mut known: Vec<_> = known
            .into_iter()
            .filter_map(|(text, name)| Some((text?, name)))
            .filter(|(text, _)| text.chars().count() >= SHORTEST)
            .collect();
        known.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        Self { known, met: Vec::new() }
    }

    /// The text without it.
    pub(crate) fn text(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(part) {
            let (word, after) = rest.split_at(at);
            let separator = after.chars().next().map_or(0, char::len_utf8);
            self.word(word, &mut out);
            out.push_str(&after[..separator]);
            rest = &after[separator..];
        }
        self.word(rest, &mut out);
        self.known.iter().fold(out, |out, (text, name)| whole_words(&out, text, name))
    }

    fn word(&mut self, word: &str, out: &mut String) {
        // A sentence ends with a full stop that belongs to no address.
        let bare = word.trim_end_matches(['.', ':']);
        match kind(bare) {
            Some(kind) => {
                out.push_str(&self.named(kind, bare));
                out.push_str(&word[bare.len()..]);
            }
            None => out.push_str(word),
        }
    }

    fn named(&mut self, kind: &'static str, text: &str) -> String {
        if kind == "secret" {
            return "<secret>".to_owned();
        }
        let entry = (kind, text.to_ascii_lowercase());
        let place = self.met.iter().position(|met| *met == entry).unwrap_or_else(|| {
            self.met.push(entry);
            self.met.len() - 1
        });
        let number = self.met[..=place].iter().filter(|(of, _)| *of == kind).count();
        format!("<{kind}-{number}>")
    }
}

fn part(c: char) -> bool {
    c.is_whitespace() || "\"'`,;()[]{}<>=|\\/?&".contains(c)
}

/// What a word is, if it is anything to be taken out.
fn kind(word: &str) -> Option<&'static str> {
    let token = |c: char| c.is_ascii_alphanumeric() || "-_.~+".contains(c);
    let credential = (word.starts_with("eyJ") && word.len() > 20) || word.starts_with("lyk_") || word.starts_with("lyk-");
    // Longer than any identifier, with letters and digits mixed as only chance does.
    let random = word.len() >= 40
        && word.chars().all(token)
        && word.bytes().any(|b| b.is_ascii_digit())
        && word.bytes().any(|b| b.is_ascii_uppercase())
        && word.bytes().any(|b| b.is_ascii_lowercase());
    if credential || random {
        return Some("secret");
    }
    if let Some((local, domain)) = word.split_once('@') {
        return (!local.is_empty() && domain.contains('.')).then_some("address");
    }
    let ip = word.parse::<IpAddr>().ok().or_else(|| word.parse::<SocketAddr>().ok().map(|address| address.ip()));
    if let Some(ip) = ip {
        return (!ip.is_loopback() && !ip.is_unspecified()).then_some("ip");
    }
    let hex = |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_hexdigit());
    let parts: Vec<&str> = word.split('-').collect();
    let uuid = parts.len() == 5 && parts.iter().zip([8, 4, 4, 4, 12]).all(|(part, length)| hex(part, length));
    let device = hex(word, 32) || word.starts_with("S-1-5-21-");
    (uuid || device).then_some("id")
}

/// Replaces `text` wherever it is no part of a longer word.
fn whole_words(within: &str, text: &str, name: &str) -> String {
    let mut out = String::with_capacity(within.len());
    let mut rest = within;
    while let Some(at) = rest.find(text) {
        let (before, after) = (&rest[..at], &rest[at + text.len()..]);
        let joined = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let inside = joined(before.chars().next_back().or_else(|| out.chars().next_back()).filter(|_| at > 0 || !out.is_empty()))
            || joined(after.chars().next());
        out.push_str(before);
        out.push_str(if inside { text } else { name });
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor() -> Redactor {
        let some = |text: &str| Some(text.to_owned());
        Redactor::new([
            (some("/home/ada"), "~"),
            (some("ada"), "<user>"),
            (some("Ada Lovelace"), "<name>"),
            (some("00u1abcd"), "<subject>"),
            (some("ada-laptop"), "<host>"),
            (some("x"), "<never>"),
            (None, "<never>"),
        ])
    }

    #[test]
    fn each_kind_of_personal_text_goes_and_the_rest_stays() {
        let table = [
            ("opened /home/ada/.local/state/lanyard/log", "opened ~/.local/state/lanyard/log"),
            ("user ada on ada-laptop; adapter canada", "user <user> on <host>; adapter canada"),
            ("\"name\":\"Ada Lovelace\",\"subject\":\"00u1abcd\"", "\"name\":\"<name>\",\"subject\":\"<subject>\""),
            ("mail Ada@acme.example. twice ada@acme.example, b@c.example", "mail <address-1>. twice <address-1>, <address-2>"),
            ("from 192.0.2.7:443 and [2001:db8::1] at 127.0.0.1:62000, ::1", "from <ip-1> and [<ip-2>] at 127.0.0.1:62000, ::1"),
            ("id 6fa459ea-ee8a-3ca4-894e-db77e160355e", "id <id-1>"),
            ("machine 0123456789abcdef0123456789abcdef", "machine <id-1>"),
            ("pipe Lanyard.S-1-5-21-1-2-3-1001", "pipe Lanyard.S-1-5-21-1-2-3-1001"),
            ("user S-1-5-21-1-2-3-1001", "user <id-1>"),
            ("Bearer eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl", "Bearer <secret>"),
            ("key=lyk_abcdefgh", "key=<secret>"),
            ("refresh_token=Abcdefghij0123456789Abcdefghij0123456789x", "refresh_token=<secret>"),
            ("https://mcp.linear.app/mcp?x=1", "https://mcp.linear.app/mcp?x=1"),
            (
                "lanyard_session::state the_long_name_of_a_function_in_a_module_0",
                "lanyard_session::state the_long_name_of_a_function_in_a_module_0",
            ),
            (
                "2026-11-25T22:16:36.236Z version 0.1.0 hash d4a5141e012474fb",
                "2026-11-25T22:16:36.236Z version 0.1.0 hash d4a5141e012474fb",
            ),
        ];
        for (text, expected) in table {
            assert_eq!(redactor().text(text), expected);
        }
    }

    #[test]
    fn what_is_the_same_keeps_its_number_over_several_texts() {
        let mut redactor = redactor();
        redactor.text("a@b.example c@d.example");
        assert_eq!(redactor.text("again c@d.example"), "again <address-2>");
    }

    proptest::proptest! {
        #[test]
        fn what_was_taken_out_stays_out(text in "\\PC{0,200}") {
            let once = redactor().text(&text);
            proptest::prop_assert_eq!(redactor().text(&once), once);
        }
    }
}
