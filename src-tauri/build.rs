//! Embeds the window's pages, and on Windows the icon and the manifest.

use std::path::Path;
use std::{env, fs, io};

/// Where `ui/` is built to.
const PAGES: &str = "../ui/dist";

/// What the window shows where nobody built `ui/`.
const PLACEHOLDER: &str = "<!doctype html><meta charset=\"utf-8\"><title>Lanyard</title>\
    <p>This build of Lanyard has no window: `ui/` was not built before it.";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed={PAGES}");
    println!("cargo:rerun-if-env-changed=TAURI_CONFIG");
    if !Path::new(PAGES).join("index.html").is_file() {
        let pages = placeholder()?;
        // Tauri merges it into its configuration, here and where the pages are embedded.
        println!("cargo:rustc-env=TAURI_CONFIG={{\"build\":{{\"frontendDist\":{:?}}}}}", pages.display().to_string());
    }
    tauri_build::try_build(tauri_build::Attributes::new()).map_err(Into::into)
}

/// Pages that take nothing but this crate to build.
fn placeholder() -> io::Result<std::path::PathBuf> {
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo names no OUT_DIR"))?;
    let pages = Path::new(&out).join("pages");
    fs::create_dir_all(&pages)?;
    fs::write(pages.join("index.html"), PLACEHOLDER)?;
    Ok(pages)
}
