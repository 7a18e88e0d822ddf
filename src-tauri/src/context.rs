//! What Tauri embeds of this program, in one place: some of it may be in a program only once.

/// The configuration, the pages and the icons.
pub(crate) fn embedded() -> tauri::Context {
    tauri::generate_context!()
}
