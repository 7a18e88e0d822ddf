//! The licences of the libraries that the programs and the pages contain, as their authors want them passed on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::process::{cargo, output, root};

/// The packages whose programs are given to people.
const PROGRAMS: [&str; 2] = ["lanyard-cli", "lanyard-tray"];
/// The pages, which are in one of them.
const PAGES: &str = "ui";
/// How files that hold a licence, or a word that must be kept with it, begin.
const BEGINNINGS: [&str; 6] = ["license", "licence", "copying", "copyright", "notice", "unlicense"];
/// No licence is longer; some files of that name are lists for other tools.
const LONGEST: u64 = 256 * 1024;

/// A library as it is contained.
struct Library {
    name: String,
    licence: String,
    folder: PathBuf,
}

/// Writes all of them to `file`, each text once. The pages' libraries must be installed.
pub(crate) fn write(file: &Path) -> Result<(), String> {
    let mut libraries = of_programs(&tree()?)?;
    libraries.extend(of_pages()?);
    let text = told(&libraries);
    fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))
}

/// Every package that the programs could contain on this system, with who needs whom.
fn tree() -> Result<Value, String> {
    let host = output(Command::new("rustc").args(["--print", "host-tuple"]))?;
    let words = ["metadata", "--format-version", "1", "--locked", "--filter-platform", host.trim()];
    serde_json::from_str(&output(&mut cargo(words))?).map_err(|error| error.to_string())
}

/// What the programs are linked with, and what that is linked with; what only builds or tests is not in them.
fn of_programs(tree: &Value) -> Result<Vec<Library>, String> {
    let listed = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages: BTreeMap<String, Value> =
        listed(&tree["packages"]).into_iter().map(|package| (text(&package["id"]), package)).collect();
    let needs: BTreeMap<String, Vec<Value>> =
        listed(&tree["resolve"]["nodes"]).into_iter().map(|node| (text(&node["id"]), listed(&node["deps"]))).collect();
    let ours = |package: &&Value| PROGRAMS.contains(&text(&package["name"]).as_str());
    let mut next: Vec<String> = packages.values().filter(ours).map(|package| text(&package["id"])).collect();
    let mut contained = BTreeSet::new();
    while let Some(id) = next.pop() {
        if !contained.insert(id.clone()) {
            continue;
        }
        let linked = |need: &&Value| listed(&need["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
        next.extend(needs.get(&id).into_iter().flatten().filter(linked).map(|need| text(&need["pkg"])));
    }
    let foreign = contained.iter().filter_map(|id| packages.get(id)).filter(|package| !package["source"].is_null());
    let library = |package: &Value| {
        let folder = PathBuf::from(text(&package["manifest_path"]));
        let folder = folder.parent().ok_or("a package has no folder")?.to_owned();
        let name = format!("{} {}", text(&package["name"]), text(&package["version"]));
        Ok(Library { name, licence: text(&package["license"]), folder })
    };
    foreign.map(library).collect()
}

/// What the pages were built from, as their lock file says.
fn of_pages() -> Result<Vec<Library>, String> {
    let place = root().join(PAGES);
    let read = |path: &Path| -> Result<Value, String> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
    };
    let lock = read(&place.join("package-lock.json"))?;
    let shipped = |(path, entry): &(&String, &Value)| !path.is_empty() && entry["dev"] != true && entry["optional"] != true;
    let packages = lock["packages"].as_object().into_iter().flatten().filter(shipped);
    packages
        .map(|(path, _)| {
            let folder = place.join(path);
            let package = read(&folder.join("package.json"))?;
            let text = |name: &str| package[name].as_str().unwrap_or_default().to_owned();
            Ok(Library { name: format!("{} {}", text("name"), text("version")), licence: text("license"), folder })
        })
        .collect()
}

/// Each text once, after the names of those whose it is.
fn told(libraries: &[Library]) -> String {
    let mut texts: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut list = BTreeSet::new();
    for library in libraries {
        let found = texts_in(&library.folder);
        let note = if found.is_empty() { "; its package brings no text" } else { "" };
        list.insert(format!("{}: {}{note}", library.name, library.licence));
        for text in found {
            texts.entry(text).or_default().insert(&library.name);
        }
    }
    let mut said = String::from("Lanyard contains these libraries, each under the licence of its authors:\n\n");
    list.iter().for_each(|line| said.extend([line, "\n"]));
    for (text, names) in texts {
        let names: Vec<&str> = names.into_iter().collect();
        said.extend(["\n\n==== ", &names.join(", "), "\n\n", text.trim_end(), "\n"]);
    }
    said
}

fn texts_in(folder: &Path) -> Vec<String> {
    let is_one = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let source = path.extension().is_some_and(|end| end == "rs" || end == "js" || end == "json");
        !source && BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
    };
    let entries = |folder: &Path| -> Vec<PathBuf> {
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).filter(is_one).collect()
    };
    let mut files = entries(folder);
    // Some keep one file for each licence in a folder.
    let folders: Vec<PathBuf> = files.iter().filter(|path| path.is_dir()).cloned().collect();
    files.extend(folders.iter().flat_map(fs::read_dir).flatten().flatten().map(|entry| entry.path()));
    files.sort();
    let short = |path: &&PathBuf| path.metadata().is_ok_and(|file| file.is_file() && file.len() <= LONGEST);
    files.iter().filter(short).filter_map(|path| fs::read_to_string(path).ok()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_linked_is_told_and_what_only_builds_is_not() {
        let package = |id: &str, source: &str| json!({"id": id, "name": id, "version": "1.0", "license": "MIT", "manifest_path": format!("/src/{id}/Cargo.toml"), "source": if source.is_empty() { Value::Null } else { source.into() }});
        let need = |id: &str, kind: Value| json!({"pkg": id, "dep_kinds": [{ "kind": kind }]});
        let tree = json!({
            "packages": [package("lanyard-cli", ""), package("inner", ""), package("a", "r"), package("b", "r"), package("c", "r"), package("stranger", "r")],
            "resolve": {"nodes": [
                {"id": "lanyard-cli", "deps": [need("inner", Value::Null), need("b", "build".into()), need("c", "dev".into())]},
                {"id": "inner", "deps": [need("a", Value::Null)]},
                {"id": "stranger", "deps": []},
            ]},
        });
        let names: Vec<String> = of_programs(&tree).unwrap().into_iter().map(|library| library.name).collect();
        assert_eq!(names, ["a 1.0"]);
    }

    #[test]
    fn a_text_that_two_share_stands_once_and_one_without_is_named() {
        let place = std::env::temp_dir().join(format!("lanyard-licences-{}", std::process::id()));
        for name in ["a", "b", "c"] {
            fs::create_dir_all(place.join(name)).unwrap();
        }
        fs::write(place.join("a/LICENSE-MIT"), "Permission is granted\n").unwrap();
        fs::write(place.join("b/license.md"), "Permission is granted\n").unwrap();
        fs::write(place.join("b/license.rs"), "fn main() {}").unwrap();
        let library = |name: &str| Library { name: name.into(), licence: "MIT".into(), folder: place.join(name) };
        let text = told(&[library("a"), library("b"), library("c")]);
        fs::remove_dir_all(&place).unwrap();
        assert!(text.contains("\nc: MIT; its package brings no text\n"), "{text}");
        assert!(text.ends_with("\n==== a, b\n\nPermission is granted\n"), "{text}");
        assert_eq!(text.matches("Permission").count(), 1);
    }
}
