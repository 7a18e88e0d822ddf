/// The system has one wherever a person is logged on.
pub(crate) fn is_named() -> bool {
    true
}

/// As [`is_named`].
pub(crate) fn opens() -> bool {
    true
}
