use std::env;

/// Whether the environment names one. Nothing is opened.
pub(crate) fn is_named() -> bool {
    ["WAYLAND_DISPLAY", "DISPLAY"].into_iter().any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Whether it can be opened. The toolkit is asked first, because Tauri ends the process without a sentence where it cannot.
pub(crate) fn opens() -> bool {
    gtk::init().is_ok()
}
