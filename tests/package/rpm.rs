use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use sandbox::desk::skipped;

use super::run;

/// Where only one of them has a file.
const DEBIANS: [&str; 2] = ["/usr/share/zsh/vendor-completions/_lanyard", "/usr/share/doc/lanyard/copyright"];
const FEDORAS: [&str; 1] = ["/usr/share/zsh/site-functions/_lanyard"];

/// Mode, owner, group and content.
type File = (u32, u32, u32, Vec<u8>);

/// Every file below `root`, by its place in the package.
fn files(root: &Path) -> BTreeMap<String, File> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let found = path.symlink_metadata().unwrap();
            if found.is_dir() {
                folders.push(path);
            } else {
                let place = format!("/{}", path.strip_prefix(root).unwrap().display());
                files.insert(place, (found.mode(), found.uid(), found.gid(), std::fs::read(&path).unwrap()));
            }
        }
    }
    files
}

fn good(program: &str, words: &[&str]) -> String {
    let told = run(program, words);
    assert_eq!(told.code, 0, "{program} {words:?}: {told:?}");
    told.stdout
}

#[test]
fn the_package_for_fedora_brings_the_same_and_asks_for_what_fedora_has() {
    let packages = ["LANYARD_DEB", "LANYARD_RPM"].map(|name| std::env::var_os(name).map(PathBuf::from));
    let [Some(deb), Some(rpm)] = packages else {
        return skipped("LANYARD_DEB and LANYARD_RPM name no packages");
    };
    if Command::new("rpm").arg("--version").output().is_err() || run("id", &["-u"]).stdout != "0\n" {
        return skipped("only root may install packages, and only where there is an rpm");
    }
    let place = tempfile::tempdir().unwrap();
    let [debian, fedora] = ["debian", "fedora"].map(|name| place.path().join(name));
    let (deb, rpm) = (deb.display().to_string(), rpm.display().to_string());
    let root = fedora.display().to_string();
    good("dpkg-deb", &["--extract", &deb, &debian.display().to_string()]);
    std::fs::create_dir(&fedora).unwrap();
    // Its database too is below the root; what it requires is asked below, because nothing of Fedora is here.
    let database = ["--root", &root, "--dbpath", "/rpmdb"];
    good("rpm", &[&database[..], &["--install", "--nodeps", &rpm]].concat());
    assert_eq!(good("rpm", &[&database[..], &["--verify", "--nodeps", "lanyard"]].concat()), "", "what was unpacked differs");
    std::fs::remove_dir_all(fedora.join("rpmdb")).unwrap();

    let (mut ours, mut theirs) = (files(&debian), files(&fedora));
    let completion = DEBIANS.map(|file| ours.remove(file).unwrap());
    assert_eq!(FEDORAS.map(|file| theirs.remove(file).unwrap())[0], completion[0]);
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    for (file, ours) in &ours {
        let theirs = &theirs[file];
        assert!((ours.0, ours.1, ours.2, ours.3.len()) == (theirs.0, theirs.1, theirs.2, theirs.3.len()), "{file} is another");
        let different = ours.3.iter().zip(&theirs.3).filter(|(ours, theirs)| ours != theirs).count();
        // The bundler writes the kind of its package into the program that it knows.
        let named = if file == "/usr/bin/lanyard-tray" { "deb".len() } else { 0 };
        assert!(different <= named, "{file} differs in {different} bytes");
        let mode = if file.starts_with("/usr/bin/") { 0o100_755 } else { 0o100_644 };
        assert_eq!((ours.0, ours.1, ours.2), (mode, 0, 0), "{file}");
    }

    let required = good("rpm", &["--query", "--package", "--requires", &rpm]);
    for library in ["libgtk-3.so.0()(64bit)", "libwebkit2gtk-4.1.so.0()(64bit)", "libc.so.6(GLIBC_2."] {
        assert!(required.lines().any(|line| line.starts_with(library)), "{library}: {required}");
    }
    let known = |line: &str| line.starts_with("rpmlib(") || line.contains(".so.") && line.ends_with("(64bit)");
    assert!(required.lines().all(known), "what no package of Fedora provides: {required}");
    assert_eq!(good("rpm", &["--query", "--package", "--scripts", &rpm]), "", "nothing runs when it is installed or removed");
}
