//! Values that must not leak: masked, wiped, with one deliberate way to expose them.
//!
//! A [`Secret`] has no `Display`, its `Debug` is masked, it cannot be cloned or serialised, and its
//! memory is wiped when it is dropped. Share one through an [`std::sync::Arc`].
//!
//! ```compile_fail
//! let token = secret::Secret::from("abc");
//! println!("{token}"); // LI-50: no Display
//! ```
//! ```compile_fail
//! let token = secret::Secret::from("abc");
//! let copy = token.clone(); // LI-50: no second copy to forget
//! ```
//! ```compile_fail
//! fn needs<T: serde::Serialize>(_: T) {}
//! needs(secret::Secret::from("abc")); // LI-22: no way into a reply by accident
//! ```

mod fingerprint;
pub mod private;
mod random;

pub use fingerprint::Fingerprint;
pub use random::{RandomnessUnavailable, random_bytes, random_text};

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A text that must not leak: a token, an assertion, a client secret, a code.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes ownership of `text`; the caller keeps no copy.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself. Every call is a place to review: what it returns must not be printed or kept.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A mark that lets two log lines be recognised as the same secret, within this process only.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.0.as_bytes())
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text.to_owned())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Compared in constant time (LI-34).
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl<'de> serde::Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_text() {
        let shown = format!("{:?}", Secret::from("hunter2"));
        assert_eq!(shown, "[secret]");
    }

    #[test]
    fn equality_is_by_value() {
        assert_eq!(Secret::from("a"), Secret::from("a"));
        assert_ne!(Secret::from("a"), Secret::from("b"));
        assert_ne!(Secret::from("a"), Secret::from("aa"));
    }

    #[test]
    fn fingerprints_tell_secrets_apart_and_are_short() {
        let (a, b) = (Secret::from("a"), Secret::from("b"));
        assert_eq!(a.fingerprint(), a.fingerprint());
        assert_ne!(a.fingerprint(), b.fingerprint());
        assert_eq!(a.fingerprint().to_string().len(), 8);
    }
}
