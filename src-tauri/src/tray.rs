//! What the tray shows, made of Status alone. Pure.

mod icon;
mod menu;
pub(crate) mod render;
mod rules;
mod summary;
#[cfg(test)]
pub(crate) mod tests;

use wire::{Code, Problem, Status};

pub(crate) use icon::Icon;
pub(crate) use menu::{Choice, Item};
pub(crate) use rules::{Report, Rules};
pub(crate) use summary::account;

use crate::words::Words;

/// Everything that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Model {
    /// The picture.
    pub(crate) icon: Icon,
    /// How things are, in a sentence.
    pub(crate) tooltip: String,
    /// The menu, from its top.
    pub(crate) items: Vec<Item>,
}

impl Model {
    /// What to show for this Status; for none where no agent answers, with why where that is known.
    pub(crate) fn of(status: Option<&Status>, refused: Option<&Problem>, rules: &Rules, words: &Words) -> Self {
        let lines = summary::lines(status, refused, words);
        Self { icon: Icon::of(status), tooltip: lines.join("\n"), items: menu::items(status, rules, words, &lines) }
    }
}

/// Whether nobody has written a policy yet, rather than a faulty one.
fn is_not_set_up(status: &Status) -> bool {
    status.policy.faults.is_empty() && status.session.fault.as_ref().is_none_or(|fault| fault.code == Code::NotConfigured)
}
