//! The window: one web view in a process of its own.

use tauri::{WebviewUrl, WebviewWindowBuilder};

use crate::arguments::Opening;

/// Runs until it is closed; returns the exit code.
pub(crate) fn run(opening: &Opening) -> u8 {
    let page = opening.page.word();
    let built = tauri::Builder::default()
        .setup(move |app| {
            let url = WebviewUrl::App(format!("index.html#{page}").into());
            WebviewWindowBuilder::new(app, "window", url).title("Lanyard").build()?;
            Ok(())
        })
        .run(tauri::generate_context!());
    match built {
        Ok(()) => 0,
        Err(error) => {
            tracing::error!(%error, "the window could not be opened");
            1
        }
    }
}
