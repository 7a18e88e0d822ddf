use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::Inner;
use crate::assertion::Assertion;
use crate::cache::{Slot, lock};
use crate::classify::Leg;
use crate::discovery::Target;
use crate::mint::{Ledger, is_presentable};

/// How long metadata is believed.
const TARGET_LIFE: SignedDuration = SignedDuration::from_hours(1);

/// A mint's view of its slot.
pub(super) struct Page {
    pub(super) inner: Arc<Inner>,
    pub(super) server: String,
    pub(super) generation: u64,
}

impl Page {
    fn with<T>(&self, act: impl FnOnce(&mut Slot) -> T) -> Option<T> {
        lock(&self.inner.slots).get_mut(&self.server).filter(|slot| slot.generation == self.generation).map(act)
    }
}

impl Ledger for Page {
    fn target(&self) -> Option<Arc<Target>> {
        let now = Timestamp::now();
        self.with(|slot| slot.target.as_ref().filter(|(_, until)| now < *until).map(|(target, _)| target.clone()))?
    }

    fn keep_target(&self, target: Option<Arc<Target>>) {
        let until = Timestamp::now() + TARGET_LIFE;
        self.with(|slot| slot.target = target.map(|target| (target, until)));
    }

    fn failed(&self, leg: Leg) -> bool {
        self.with(|slot| slot.budget.failed(leg, Timestamp::now())).unwrap_or(false)
    }

    fn kept_assertion(&self) -> Option<Arc<Assertion>> {
        let now = Timestamp::now();
        lock(&self.inner.assertions).get(&self.server).filter(|assertion| is_presentable(assertion, now)).cloned()
    }

    fn keep_assertion(&self, assertion: Option<Arc<Assertion>>) {
        let mut assertions = lock(&self.inner.assertions);
        match assertion {
            Some(assertion) => assertions.insert(self.server.clone(), assertion),
            None => assertions.remove(&self.server),
        };
    }
}
