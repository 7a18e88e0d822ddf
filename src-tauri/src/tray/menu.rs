use wire::{ServerStatus, Status};

use super::Rules;
use crate::arguments::Page;
use crate::words::{ServerState, Words, filled, theirs};

/// As many servers as a menu can show and be read.
const SERVERS: usize = 10;
/// The longest title of a server, and name of an organisation.
const TITLE: usize = 40;

/// What a person can choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Open the window.
    Open(Page),
    /// Begin a sign-in in the browser.
    SignIn,
    /// End the session.
    SignOut,
    /// Close the doors, or open them.
    Pause(bool),
    /// Put the diagnostics into the clipboard.
    CopyDiagnostics,
    /// Open the organisation's page.
    Help(String),
    /// End this program, and the agent in it.
    Quit,
}

/// One line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// A line between groups.
    Separator,
    /// Something to read.
    Text(String),
    /// Something to choose.
    Action(String, Choice),
    /// Something to choose that is so or not.
    Check(String, bool, Choice),
}

/// The menu, from its top.
pub(super) fn items(status: Option<&Status>, rules: &Rules, words: &Words, lines: &[String]) -> Vec<Item> {
    let menu = &words.menu;
    let status = status.filter(|status| status.agent.running);
    let mut groups: Vec<Vec<Item>> = Vec::new();
    let mut state: Vec<Item> = lines.iter().cloned().map(Item::Text).collect();
    if let Some(name) = rules.organisation.as_deref().filter(|_| status.is_some_and(|status| status.policy.managed)) {
        state.push(Item::Text(filled(menu.managed, &[&theirs(name, TITLE)])));
    }
    groups.push(state);
    let action = |label: &str, choice| Item::Action(label.to_owned(), choice);
    if let Some(status) = status {
        groups.push(servers(&status.servers, words));
        let state = status.session.state.as_str();
        let mut session = Vec::new();
        let closed = state == "vault-closed" && status.session.reason.as_deref() != Some("opening");
        if matches!(state, "signed-out" | "needs-user") || closed {
            session.push(action(menu.sign_in, Choice::SignIn));
        }
        if rules.allow_sign_out && matches!(state, "active" | "renewing" | "waiting" | "needs-user") {
            session.push(action(menu.sign_out, Choice::SignOut));
        }
        groups.push(session);
    }
    let mut rest = vec![action(menu.open, Choice::Open(Page::Servers))];
    if let Some(status) = status {
        let paused = status.agent.paused;
        rest.push(Item::Check(menu.pause.to_owned(), paused, Choice::Pause(!paused)));
        rest.push(action(menu.copy_diagnostics, Choice::CopyDiagnostics));
    }
    rest.extend(rules.support_url.clone().map(|url| action(menu.help, Choice::Help(url))));
    groups.push(rest);
    groups.push(if rules.allow_quit { vec![action(menu.quit, Choice::Quit)] } else { Vec::new() });
    groups.retain(|group| !group.is_empty());
    groups.join(&Item::Separator)
}

/// Those in trouble come first, so that they are seen; else policy's order stays.
fn servers(servers: &[ServerStatus], words: &Words) -> Vec<Item> {
    let mut sorted: Vec<(ServerState, &ServerStatus)> =
        servers.iter().map(|server| (ServerState::named(&server.state), server)).collect();
    sorted.sort_by_key(|(state, _)| !state.is_trouble());
    let line = |(state, server): &(ServerState, &ServerStatus)| {
        let label = filled(words.menu.server, &[&theirs(&server.title, TITLE), (words.server)(*state)]);
        Item::Action(label, Choice::Open(Page::Servers))
    };
    let mut items: Vec<Item> = sorted.iter().take(SERVERS).map(line).collect();
    if let Some(more) = sorted.len().checked_sub(SERVERS).filter(|more| *more > 0) {
        items.push(Item::Action(filled(words.menu.more, &[&more.to_string()]), Choice::Open(Page::Servers)));
    }
    items
}
