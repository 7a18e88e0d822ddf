//! Writing XML by hand: a few lines of structure are easier to read than a tree that is built.

/// A text as an attribute or as character data.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
