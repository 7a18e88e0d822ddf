//! When a person is told of something that they can act on, and what is said. Deciding is pure; posting is the system's.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(test)]
mod tests;
#[cfg(windows)]
mod windows;

use std::collections::BTreeMap;
use std::time::Duration;

use wire::{Code, Problem, Status};

#[cfg(target_os = "linux")]
pub(crate) use linux::Poster;
#[cfg(target_os = "macos")]
pub(crate) use macos::Poster;
#[cfg(windows)]
pub(crate) use windows::Poster;

use crate::arguments::Page;
use crate::tray::{Rules, account};
use crate::words::{self, Words, contact, filled, theirs};

/// How long something must be so before anybody is told: much passes by itself.
const SETTLED: Duration = Duration::from_secs(2);
/// A keychain often opens by itself a while after the log-on.
const OPENING: Duration = Duration::from_secs(30);
/// How far apart two notices of one kind are at least.
const APART: Duration = Duration::from_secs(5 * 60);
/// As many names as a sentence can hold.
const NAMES: usize = 2;
/// The longest of them, and the longest word on whom to ask.
const NAME: usize = 40;
const CONTACT: usize = 72;

/// What can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Somebody must sign in.
    SignIn,
    /// The organisation ended the session.
    Ended,
    /// The session or servers want a stronger sign-in.
    StepUp,
    /// Servers are refused to this account.
    Refused,
    /// The vault that holds the session is closed, and a person can open it.
    VaultClosed,
    /// Policy ended the session of this account.
    AccountChanged,
    /// A sign-in that a person began has worked.
    SignedIn,
}

/// One notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) kind: Kind,
    /// The servers, or the account, that it is about.
    pub(crate) names: Vec<String>,
    /// Whom to ask.
    pub(crate) contact: Option<String>,
}

/// A notice in words, and the page where it is solved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) page: Page,
}

/// What a notice would be about: its kind, and the id of a server or nothing.
type Key = (Kind, String);

/// One thing that is so.
#[derive(Clone, Debug)]
struct Matter {
    name: String,
    contact: Option<String>,
    /// Since when.
    since: Duration,
    /// Whether it was told.
    told: bool,
}

/// What is so, and what was told of it. Times are since the start of the program, so that no clock that is set matters.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    matters: BTreeMap<Key, Matter>,
    last: BTreeMap<Kind, Duration>,
    /// Whether somebody was signing in when it was last looked.
    signing_in: bool,
    /// Whether nothing may be told now.
    silent: bool,
}

impl Notices {
    /// Takes in what is so, and returns what is to be told of it now.
    pub(crate) fn look(&mut self, status: Option<&Status>, rules: &Rules, now: Duration) -> Vec<Notice> {
        // While no agent answers, nothing is known to have changed.
        let Some(status) = status.filter(|status| status.agent.running) else {
            self.silent = true;
            return Vec::new();
        };
        self.silent = !rules.show_notifications;
        self.take(status, now);
        if self.silent { Vec::new() } else { self.due(now) }
    }

    /// When to look again though nothing happened.
    pub(crate) fn next_look(&self, now: Duration) -> Option<Duration> {
        let untold = self.matters.iter().filter(|(_, matter)| !matter.told && !self.silent);
        untold.map(|((kind, _), matter)| self.at(*kind, matter).saturating_sub(now)).min()
    }

    fn take(&mut self, status: &Status, now: Duration) {
        let mut found = matters(status, now);
        let begun = std::mem::replace(&mut self.signing_in, status.session.state == "signing-in");
        if begun && status.session.state == "active" {
            let name = status.session.account.as_ref().map(account).unwrap_or_default();
            // What a person has just seen in the browser is told at once or not at all.
            let told = self.last.get(&Kind::SignedIn).is_some_and(|last| now < *last + APART);
            found.insert((Kind::SignedIn, String::new()), Matter { name, contact: None, since: now, told });
        }
        let signed_in = begun && status.session.state == "active";
        for (key, known) in std::mem::take(&mut self.matters) {
            match found.get_mut(&key) {
                Some(matter) => (matter.since, matter.told) = (known.since, known.told),
                // What is told once is not told again before it was over in between.
                None if known.told && !(signed_in || is_over(&key, status)) => drop(found.insert(key, known)),
                None => {}
            }
        }
        self.matters = found;
    }

    fn due(&mut self, now: Duration) -> Vec<Notice> {
        let mut notices: BTreeMap<Kind, Notice> = BTreeMap::new();
        let due: Vec<Key> = self
            .matters
            .iter()
            .filter(|((kind, _), matter)| !matter.told && self.at(*kind, matter) <= now)
            .map(|(key, _)| key.clone())
            .collect();
        for key in due {
            let Some(matter) = self.matters.get_mut(&key) else { continue };
            matter.told = true;
            let kind = key.0;
            let notice = notices.entry(kind).or_insert(Notice { kind, names: Vec::new(), contact: None });
            notice.names.extend(Some(matter.name.clone()).filter(|name| !name.is_empty()));
            notice.contact = notice.contact.take().or_else(|| matter.contact.clone());
            self.last.insert(kind, now);
        }
        notices.into_values().collect()
    }

    /// When it may be told.
    fn at(&self, kind: Kind, matter: &Matter) -> Duration {
        let settled = match kind {
            Kind::SignedIn => matter.since,
            Kind::VaultClosed => matter.since + OPENING,
            _ => matter.since + SETTLED,
        };
        self.last.get(&kind).map_or(settled, |last| settled.max(*last + APART))
    }
}

/// What is so, as far as a person can do something about it.
fn matters(status: &Status, now: Duration) -> BTreeMap<Key, Matter> {
    let mut found = BTreeMap::new();
    let mut is_so = |kind, id: &str, name: &str, contact: Option<&str>| {
        let matter = Matter { name: theirs(name, NAME), contact: contact.map(str::to_owned), since: now, told: false };
        found.insert((kind, id.to_owned()), matter);
    };
    let session = &status.session;
    match (session.state.as_str(), session.reason.as_deref()) {
        // Who signed out knows it.
        ("signed-out", Some("user")) => {}
        ("signed-out", Some("policy" | "account")) => is_so(Kind::AccountChanged, "", "", None),
        ("signed-out", Some("revoked")) => {
            let contact = session.fault.as_ref().map_or(Code::SignInRequired.row().ask, |fault| &fault.contact);
            is_so(Kind::Ended, "", "", Some(contact));
        }
        ("signed-out", _) => is_so(Kind::SignIn, "", "", None),
        ("vault-closed", Some("opening")) => {}
        ("vault-closed", _) => is_so(Kind::VaultClosed, "", "", None),
        ("needs-user", _) => {
            let wanting: Vec<_> = status.servers.iter().filter(|server| server.state == "needs-user").collect();
            wanting.iter().for_each(|server| is_so(Kind::StepUp, &server.id, &server.title, None));
            if wanting.is_empty() {
                is_so(Kind::StepUp, "", "", None);
            }
        }
        ("active" | "renewing", _) => {
            for server in &status.servers {
                let contact = server.fault.as_ref().map(|fault| fault.contact.as_str());
                match server.state.as_str() {
                    "denied" => is_so(Kind::Refused, &server.id, &server.title, contact),
                    "needs-user" => is_so(Kind::StepUp, &server.id, &server.title, None),
                    _ => {}
                }
            }
        }
        _ => {}
    }
    found
}

/// Whether what was told of is certainly over: a state that only passes says nothing of it.
fn is_over((kind, id): &Key, status: &Status) -> bool {
    let state = status.session.state.as_str();
    let has_session = matches!(state, "active" | "renewing" | "waiting" | "needs-user");
    match kind {
        Kind::SignedIn => true,
        Kind::SignIn | Kind::Ended | Kind::AccountChanged => has_session || state == "signed-out",
        Kind::VaultClosed => has_session || state == "signed-out",
        Kind::StepUp if id.is_empty() => matches!(state, "active" | "renewing" | "signed-out"),
        Kind::StepUp | Kind::Refused => match status.servers.iter().find(|server| server.id == *id) {
            Some(server) => state == "signed-out" || server.state == "ready",
            None => state != "unconfigured",
        },
    }
}

impl Notice {
    /// In words.
    pub(crate) fn said(&self, words: &Words) -> Said {
        let names = listed(&self.names, words);
        let contact = self.contact.as_deref().map(|name| contact(name, words, CONTACT)).unwrap_or_default();
        let many = self.names.len() > 1;
        let notice = &words.notice;
        let ((title, text), page, values) = match self.kind {
            Kind::SignIn => (notice.sign_in, Page::Account, [names, contact]),
            Kind::Ended => (notice.ended, Page::Account, [names, contact]),
            Kind::StepUp if self.names.is_empty() => (notice.step_up_session, Page::Account, [names, contact]),
            Kind::StepUp if many => (notice.step_up_many, Page::Servers, [names, contact]),
            Kind::StepUp => (notice.step_up, Page::Servers, [names, contact]),
            Kind::Refused if many => (notice.refused_many, Page::Servers, [names, contact]),
            Kind::Refused => (notice.refused, Page::Servers, [names, contact]),
            Kind::VaultClosed => (notice.vault_closed, Page::Account, [names, contact]),
            Kind::AccountChanged => (notice.account_changed, Page::Account, [names, contact]),
            Kind::SignedIn => (notice.signed_in, Page::Account, [names, contact]),
        };
        let text = match self.kind {
            Kind::SignedIn => filled(text, &[&values[0]]),
            _ => filled(text, &[&values[1]]),
        };
        Said { title: filled(title, &[&values[0]]), text, page }
    }
}

/// A verb that a person chose and that came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failed {
    /// Where the window has the same verb.
    pub(crate) page: Page,
    /// Why.
    pub(crate) why: Why,
}

/// Why a verb came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Nothing opens an address here.
    Browser,
    /// The clipboard takes nothing.
    Clipboard,
    /// The agent refused, or did not answer.
    Problem(Box<Problem>),
}

/// What a verb that a person chose came to, where it came to nothing.
pub(crate) fn failed(failed: &Failed, words: &Words) -> Said {
    let (title, more) = words.notice.failed;
    let text = match &failed.why {
        Why::Browser => words.notice.no_browser.to_owned(),
        Why::Clipboard => words.notice.no_clipboard.to_owned(),
        Why::Problem(problem) => format!("{}. {more}", (words.fault)(problem.code)),
    };
    Said { title: title.to_owned(), text, page: failed.page }
}

/// That the diagnostics are in the clipboard, and for whom.
pub(crate) fn copied(contact: Option<&str>, words: &Words) -> Said {
    let (title, text) = words.notice.diagnostics_copied;
    let whom = words::contact(contact.unwrap_or(Code::Internal.row().ask), words, CONTACT);
    Said { title: title.to_owned(), text: filled(text, &[&whom]), page: Page::Help }
}

fn listed(names: &[String], words: &Words) -> String {
    let first = names.iter().take(NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(NAMES) {
        None | Some(0) => first,
        Some(more) => filled(words.notice.and_more, &[&first, &more.to_string()]),
    }
}
