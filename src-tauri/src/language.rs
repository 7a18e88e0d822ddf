//! The language that the system speaks.

/// Its tag, such as `de-AT`, where the system tells.
pub(crate) fn of_system() -> Option<String> {
    sys_locale::get_locale()
}
