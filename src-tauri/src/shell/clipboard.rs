use std::io;
use std::sync::{Mutex, PoisonError};

use wire::Diagnostics;

/// The clipboard, from its first use: on Linux what was copied is gone with whoever offers it.
static CLIPBOARD: Mutex<Option<arboard::Clipboard>> = Mutex::new(None);

/// Puts a text into it.
pub(super) fn put(text: &str) -> io::Result<()> {
    let mut held = CLIPBOARD.lock().unwrap_or_else(PoisonError::into_inner);
    let fresh = match held.take() {
        Some(known) => Ok(known),
        None => arboard::Clipboard::new(),
    };
    let mut clipboard = fresh.map_err(io::Error::other)?;
    let done = clipboard.set_text(text).map_err(io::Error::other);
    // One that failed is of a display that has gone.
    *held = done.is_ok().then_some(clipboard);
    done
}

/// All files of a bundle, one after the other.
pub(super) fn text(bundle: &Diagnostics) -> String {
    bundle.files.iter().map(|file| format!("== {} ({})\n{}\n", file.name, file.about, file.text.trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use wire::DiagnosticsFile;

    use super::*;

    #[test]
    fn every_file_of_a_bundle_is_copied_with_its_name() {
        let file = |name: &str, text: &str| DiagnosticsFile { name: name.into(), about: "what it is".into(), text: text.into() };
        let bundle = Diagnostics { files: vec![file("status.json", "{}\n"), file("log.txt", "one\ntwo")] };
        assert_eq!(text(&bundle), "== status.json (what it is)\n{}\n== log.txt (what it is)\none\ntwo\n");
    }
}
