/// Acts; nothing else needs the main thread.
pub(crate) fn play<T: Send>(act: impl FnOnce() -> T + Send) -> T {
    act()
}
