//! What Debian's policy wants of a package and the bundler does not do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::run;

/// Names the files of an administrator, whose changes an upgrade keeps, and packs as Debian does; or `quickly`, because debug
/// builds are large.
pub(crate) fn finish(deb: &Path, quickly: bool) -> Result<(), String> {
    let tree = deb.with_extension("tree");
    let fault = |error: std::io::Error| format!("{}: {error}", tree.display());
    run(Command::new("dpkg-deb").arg("--raw-extract").arg(deb).arg(&tree))?;
    let mut names = Vec::new();
    below(&tree.join("etc"), &mut names).map_err(fault)?;
    let names: String =
        names.iter().filter_map(|name| name.strip_prefix(&tree).ok()).map(|name| format!("/{}\n", name.display())).collect();
    fs::write(tree.join("DEBIAN/conffiles"), names).map_err(fault)?;
    let packing: &[&str] = if quickly { &["-Zgzip", "-z1"] } else { &[] };
    run(Command::new("dpkg-deb").args(packing).args(["--root-owner-group", "--build"]).arg(&tree).arg(deb))?;
    fs::remove_dir_all(&tree).map_err(fault)
}

/// Every file below a folder.
fn below(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { below(&path, files)? } else { files.push(path) }
    }
    Ok(())
}
