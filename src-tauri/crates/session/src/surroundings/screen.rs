//! Whether the screen is locked, from everything that says so.

use std::collections::BTreeSet;

use super::Change;

/// Who says it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// A session of this user, by its path.
    Session(String),
    /// A screen saver of the desktop, by its name.
    Saver(&'static str),
}

/// What somebody says of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// It is locked, as long as this source does not say otherwise.
    Locked(Source),
    /// It is not, as far as this source knows.
    Unlocked(Source),
    /// It is to be locked: what locks it may never say that it did, nor that it ended.
    Ordered(Source),
    /// It is to be unlocked.
    Released(Source),
    /// These are the sessions there are, and whether each is locked.
    Sessions(Vec<(Source, bool)>),
}

/// Locked while anybody says so. An order holds until it is taken back, or the same session or a screen saver is unlocked.
#[derive(Debug, Default)]
pub(super) struct Screen {
    locked: BTreeSet<Source>,
    ordered: BTreeSet<Source>,
    told: bool,
}

impl Screen {
    /// Takes it in; the change that comes of it.
    pub(super) fn hear(&mut self, word: Word) -> Option<Change> {
        match word {
            Word::Locked(source) => drop(self.locked.insert(source)),
            Word::Unlocked(source) => {
                let was = self.locked.remove(&source);
                match source {
                    // Which session it belongs to it does not say; one that was not locked knows nothing of an order.
                    Source::Saver(_) if was => self.ordered.clear(),
                    Source::Saver(_) => {}
                    Source::Session(_) => drop(self.ordered.remove(&source)),
                }
            }
            Word::Ordered(source) => drop(self.ordered.insert(source)),
            Word::Released(source) => drop(self.ordered.remove(&source)),
            Word::Sessions(sessions) => {
                self.locked.retain(|source| matches!(source, Source::Saver(_)));
                self.ordered.retain(|source| sessions.iter().any(|(session, _)| session == source));
                self.locked.extend(sessions.into_iter().filter(|(_, locked)| *locked).map(|(session, _)| session));
            }
        }
        let locked = !(self.ordered.is_empty() && self.locked.is_empty());
        if locked == self.told {
            return None;
        }
        self.told = locked;
        Some(if locked { Change::ScreenLocked } else { Change::ScreenUnlocked })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_screen_is_locked_while_anybody_says_so() {
        use Change::{ScreenLocked as L, ScreenUnlocked as U};
        use Word::{Locked, Ordered, Released, Unlocked};
        let (a, b, saver) = (Source::Session("/a".into()), Source::Session("/b".into()), Source::Saver("saver"));
        let on = |source: &Source| Locked(source.clone());
        let off = |source: &Source| Unlocked(source.clone());
        let (order, release) = (|| Ordered(a.clone()), || Released(a.clone()));
        type Story = Vec<(Word, Option<Change>)>;
        let all = |a_locked: bool| Word::Sessions(vec![(a.clone(), a_locked)]);
        let stories: [Story; 13] = [
            vec![(on(&a), Some(L)), (on(&a), None), (off(&a), Some(U)), (off(&a), None)],
            vec![(on(&a), Some(L)), (on(&saver), None), (off(&saver), None), (off(&a), Some(U))],
            vec![(on(&a), Some(L)), (on(&b), None), (off(&a), None), (off(&b), Some(U))],
            // A locker that obeys an order and says when it is over.
            vec![(order(), Some(L)), (on(&a), None), (off(&a), Some(U))],
            vec![(order(), Some(L)), (on(&saver), None), (off(&saver), Some(U))],
            // One that never says anything.
            vec![(order(), Some(L)), (release(), Some(U))],
            // An order is not over because another session is unlocked, or a saver that never was locked.
            vec![(order(), Some(L)), (off(&saver), None), (on(&b), None), (off(&b), None), (release(), Some(U))],
            // To be unlocked is not yet unlocked, where the locker says how things are.
            vec![(order(), Some(L)), (on(&a), None), (release(), None), (off(&a), Some(U))],
            // The session ended while it was locked.
            vec![(order(), Some(L)), (off(&a), Some(U))],
            vec![(off(&a), None), (release(), None)],
            vec![(all(false), None), (all(true), Some(L)), (on(&a), None), (all(false), Some(U))],
            // What is missing from the list is gone; an order to a session that is there holds.
            vec![(on(&b), Some(L)), (order(), None), (all(false), None), (Word::Sessions(Vec::new()), Some(U))],
            vec![(on(&saver), Some(L)), (all(false), None), (off(&saver), Some(U))],
        ];
        for story in stories {
            let mut screen = Screen::default();
            for (word, change) in story {
                assert_eq!(screen.hear(word.clone()), change, "{word:?}");
            }
        }
    }
}
