//! The window: one web view in a process of its own. It shows what the agent says, and never holds a token.

mod following;
mod only;

use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Emitter, Manager, Url, WebviewUrl, WebviewWindowBuilder};

use crate::arguments::Opening;
use crate::commands::{self, Asking, Checks, Opened};
use crate::{display, refused};
use only::{Asked, Place};

/// Its label, which `capabilities/window.json` names.
const LABEL: &str = "window";

/// What is said where no window can be shown.
const NO_DISPLAY: &str = "no display can be opened, so no window is shown. `lanyard status` tells how things are in a terminal.";

/// Runs until it is closed; returns the exit code.
pub(crate) fn run(opening: &Opening) -> u8 {
    if !display::opens() {
        return refused(NO_DISPLAY);
    }
    let asked = Asked { opening: *opening, token: std::env::var("XDG_ACTIVATION_TOKEN").ok() };
    let lock = match only::take(&asked) {
        Ok(Place::First(lock)) => Some(lock),
        Ok(Place::Told) => return 0,
        // Two windows are better than none.
        Err(_) => None,
    };
    let ended = build(*opening).and_then(|app| {
        if let Some(lock) = &lock {
            let handle = app.handle().clone();
            // Without a door a later start opens a window of its own, which is better than none.
            if let Err(error) = only::listen(lock, move |asked| come(&handle, &asked)) {
                tracing::warn!(%error, "later starts cannot be heard");
            }
        }
        following::begin(app.handle().clone(), app.state::<Asking>().inner().clone())?;
        app.run(|_, _| {});
        Ok(())
    });
    match ended {
        Ok(()) => 0,
        Err(error) => refused(&format!("the window could not be opened: {error}")),
    }
}

fn build(opening: Opening) -> tauri::Result<tauri::App> {
    tauri::Builder::default()
        .manage(Asking::current())
        .manage(opening)
        .manage(Checks::default())
        .invoke_handler(tauri::generate_handler![
            commands::opening,
            commands::close,
            commands::status,
            commands::retry,
            commands::sign_in,
            commands::sign_out,
            commands::pause,
            commands::resume,
            commands::audit,
            commands::programs,
            commands::clients,
            commands::set_up,
            commands::remove,
            commands::remove_key,
            commands::policy,
            commands::doctor,
            commands::stop_doctor,
            commands::diagnostics,
            commands::save_diagnostics,
            commands::open_support,
            commands::versions,
        ])
        .setup(|app| {
            WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
                .title("Lanyard")
                .inner_size(900.0, 640.0)
                .min_inner_size(480.0, 400.0)
                .zoom_hotkeys_enabled(true)
                // Nothing of the pages is kept on disk. A test's driver needs the one context that it may use.
                .incognito(!is_driven())
                .on_navigation(is_own)
                .on_new_window(|_, _| NewWindowResponse::Deny)
                .build()?;
            Ok(())
        })
        .build(crate::context::embedded())
}

/// Whether WebDriver was asked for; Tauri looks at the same variable.
fn is_driven() -> bool {
    std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some_and(|value| value == "true")
}

/// Whether an address is one of this program's own pages. The window goes nowhere else.
fn is_own(url: &Url) -> bool {
    match (url.scheme(), url.host_str()) {
        ("tauri", Some("localhost")) => true,
        // As WebView2 names the same pages.
        ("http" | "https", Some("tauri.localhost")) => url.port().is_none(),
        _ => false,
    }
}

/// A second start asked for a page.
fn come(app: &AppHandle, asked: &Asked) {
    if let Some(window) = app.get_webview_window(LABEL) {
        if let Some(token) = asked.token.clone() {
            display::allow_front(app, token);
        }
        // A desktop may refuse any of them; the page changes all the same.
        let _refused = [window.unminimize(), window.show(), window.set_focus()];
        let _gone = window.emit("opening", Opened::from(asked.opening));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_to_its_own_pages_alone() {
        let judged = |url: &str| is_own(&url.parse().unwrap());
        for own in ["tauri://localhost/", "tauri://localhost/index.html#x", "http://tauri.localhost/index.html"] {
            assert!(judged(own), "{own}");
        }
        for other in [
            "https://idp.example/",
            "http://localhost/",
            "http://tauri.localhost:8080/",
            "http://tauri.localhost.evil.example/",
            "tauri://elsewhere/",
            "file:///etc/passwd",
            "data:text/html,x",
            "about:blank",
            "javascript:alert(1)",
        ] {
            assert!(!judged(other), "{other}");
        }
    }
}
