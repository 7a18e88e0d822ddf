//! A value that many requests share.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A mutex that outlives a panicking test: what a failed assertion left behind is still worth reading.
#[derive(Debug, Default)]
pub(crate) struct Held<T>(Mutex<T>);

impl<T> Held<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
