#![expect(unsafe_code, reason = "the toolkit's binding for Wayland is its C interface")]

use std::env;
use std::ffi::CString;

use gtk::glib::translate::ToGlibPtr;
use gtk::prelude::DisplayExtManual;
use tauri::AppHandle;

/// Whether the environment names one. Nothing is opened.
pub(crate) fn is_named() -> bool {
    ["WAYLAND_DISPLAY", "DISPLAY"].into_iter().any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Whether it can be opened. The toolkit is asked first, because Tauri ends the process without a sentence where it cannot.
pub(crate) fn opens() -> bool {
    gtk::init().is_ok()
}

/// Lets the window come to the front by the leave that the desktop gave (xdg-activation-v1). X11 asks for none.
pub(crate) fn allow_front(app: &AppHandle, token: String) {
    let allow = move || {
        let wayland = gtk::gdk::Display::default().filter(|display| display.backend().is_wayland());
        let (Some(display), Ok(token)) = (wayland, CString::new(token)) else { return };
        let display: *mut gtk::gdk::ffi::GdkDisplay = display.to_glib_none().0;
        // SAFETY: the display is one of Wayland and alive, and the toolkit copies the text.
        unsafe { gdk_wayland_sys::gdk_wayland_display_set_startup_notification_id(display.cast(), token.as_ptr()) };
    };
    // The toolkit lives on the main thread.
    let _gone = app.run_on_main_thread(allow);
}
