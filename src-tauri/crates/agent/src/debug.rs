//! Hatches that exist in debug builds alone (LI-58).

use policy::Roots;
use session::Session;

/// Machine policy below a folder prefix, so that tests can bring their own.
#[cfg(debug_assertions)]
pub(crate) fn roots() -> Roots {
    match std::env::var_os("LANYARD_DEBUG_ROOT").map(std::path::PathBuf::from) {
        Some(root) => Roots::under(root),
        None => Roots::system(),
    }
}

/// The machine's policy.
#[cfg(not(debug_assertions))]
pub(crate) fn roots() -> Roots {
    Roots::system()
}

/// Takes the identity that a conformance suite hands over, where there is no sign-in.
#[cfg(debug_assertions)]
pub(crate) async fn import(session: &Session) {
    let Some(path) = std::env::var_os("LANYARD_DEBUG_ID_TOKEN").map(std::path::PathBuf::from) else { return };
    if let Ok(token) = std::fs::read_to_string(path) {
        session.import(session::Imported { id_token: secret::Secret::from(token.trim()) }).await;
    }
}

/// Nothing, in a release build.
#[cfg(not(debug_assertions))]
pub(crate) async fn import(_: &Session) {}
