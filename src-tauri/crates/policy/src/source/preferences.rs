//! The preferences that management forces on macOS: real property lists in folders that belong to root.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::json::LIMIT;
use super::memory::{Held, Pass};
use super::unix::Roots;
use super::{Content, plist};
use crate::fault::sentence;
use crate::layer::{Layer, Rank, Scope};

const FOLDER: &str = "Library/Managed Preferences";
const FILE: &str = "dev.lanyard.agent.plist";
const VSCODE: &str = "com.microsoft.VSCode.plist";

/// The device's preferences over those of `user`, and whether the device has any, good or bad.
pub(super) fn machine(roots: &Roots, user: Option<&str>, pass: &mut Pass<'_>) -> (Vec<Layer>, bool) {
    let layer = |folder: &Path, rank, values| Layer::machine(roots.path(folder).join(FILE).display().to_string(), rank, values);
    let (device, held) = (Path::new(FOLDER), file(roots, Path::new(FOLDER), FILE, pass));
    let any = matches!(held, Held::Values(_) | Held::Bad);
    let mut layers = Vec::new();
    if let Some(folder) = user.and_then(folder)
        && let Held::Values(values) = file(roots, &folder, FILE, pass)
    {
        layers.push(Layer { scope: Scope::User, ..layer(&folder, Rank::Borrowed, values) });
    }
    if let Held::Values(values) = held {
        layers.push(layer(device, Rank::Base, values));
    }
    (layers, any)
}

/// The policy of VS Code, and where it is.
pub(super) fn vscode(roots: &Roots, pass: &mut Pass<'_>) -> (PathBuf, Held) {
    (roots.path(FOLDER).join(VSCODE), file(roots, Path::new(FOLDER), VSCODE, pass))
}

/// What has to be watched to notice a change: VS Code's policy lies in the same folder.
pub(super) fn places(roots: &Roots, user: Option<&str>) -> Vec<PathBuf> {
    [Some(FOLDER.into()), user.and_then(folder)].into_iter().flatten().map(|folder: PathBuf| roots.path(folder)).collect()
}

/// The folder of one user; a name that is not one step of a path has none.
fn folder(user: &str) -> Option<PathBuf> {
    let plain = !user.is_empty() && !user.contains(['/', '\0']) && user != "." && user != "..";
    plain.then(|| Path::new(FOLDER).join(user))
}

fn file(roots: &Roots, folder: &Path, name: &str, pass: &mut Pass<'_>) -> Held {
    let path = roots.path(folder).join(name);
    let content = match roots.folder(folder) {
        Ok(None) => return Held::Absent,
        Ok(Some(open)) => roots.content(&open, OsStr::new(name), &path, LIMIT),
        Err(error) => Err(error),
    };
    let values = match content {
        Ok(Content::Absent | Content::Masked) => return Held::Absent,
        Ok(Content::Bytes(bytes)) => plist::values(&bytes).map_err(|error| sentence(&error)),
        Err(error) => Err(sentence(&error)),
    };
    pass.values(&path, values)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::source::json::Json;
    use crate::source::memory::Memory;

    const IDENTITY: &str = "<key>Issuer</key><string>https://a.example</string>";

    /// A disk with the folder of management and its folder of `ada`.
    fn disk() -> (tempfile::TempDir, Roots) {
        let disk = tempfile::tempdir().unwrap();
        fs::set_permissions(disk.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir_all(disk.path().join(FOLDER).join("ada")).unwrap();
        let roots = Roots::under(disk.path().to_owned());
        (disk, roots)
    }

    fn write(roots: &Roots, folder: &str, name: &str, inside: &str) {
        let text = format!("<?xml version=\"1.0\"?><plist version=\"1.0\"><dict>{inside}</dict></plist>");
        put(roots, folder, name, text.as_bytes());
    }

    fn put(roots: &Roots, folder: &str, name: &str, bytes: &[u8]) {
        let path = roots.path(FOLDER).join(folder).join(name);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    }

    /// The names that each layer sets, whether the machine is managed, and how many faults there are.
    type Read = (Vec<Said>, bool, usize);
    type Said = (Scope, Rank, Vec<String>);

    fn read(roots: &Roots, user: Option<&str>) -> Read {
        let mut memory = Memory::default();
        let mut pass = memory.pass();
        let (layers, any) = machine(roots, user, &mut pass);
        let names = |layer: &Layer| layer.values.keys().cloned().collect();
        let layers = layers.iter().map(|layer| (layer.scope, layer.rank, names(layer))).collect();
        (layers, any, pass.finish().faults.len())
    }

    #[test]
    fn the_device_stands_over_the_user_and_alone_makes_the_machine_managed() {
        let (_disk, roots) = disk();
        assert_eq!(read(&roots, Some("ada")), (vec![], false, 0));
        write(&roots, "ada", FILE, "<key>LogLevel</key><string>debug</string>");
        let user = (Scope::User, Rank::Borrowed, vec!["LogLevel".to_owned()]);
        assert_eq!(read(&roots, Some("ada")), (vec![user.clone()], false, 0));
        write(&roots, "", FILE, IDENTITY);
        let device = (Scope::Machine, Rank::Base, vec!["Issuer".to_owned()]);
        assert_eq!(read(&roots, Some("ada")), (vec![user, device.clone()], true, 0));
        for other in [None, Some("eve"), Some(""), Some(".."), Some("../Managed Preferences/ada"), Some("./ada")] {
            assert_eq!(read(&roots, other), (vec![device.clone()], true, 0), "{other:?}");
        }
    }

    #[test]
    fn binary_and_xml_say_the_same() {
        let (_disk, roots) = disk();
        let mut dictionary = ::plist::Dictionary::new();
        dictionary.insert("Issuer".into(), "https://a.example".into());
        let mut binary = Vec::new();
        ::plist::Value::Dictionary(dictionary).to_writer_binary(&mut binary).unwrap();
        put(&roots, "", FILE, &binary);
        let by_binary = read(&roots, None);
        write(&roots, "", FILE, IDENTITY);
        assert_eq!((by_binary.0.len(), by_binary), (1, read(&roots, None)));
    }

    #[test]
    fn what_others_could_have_written_is_a_fault_and_closes() {
        let bad = (vec![], true, 1);
        type Spoil<'s> = &'s dyn Fn(&Path, &Path);
        let spoil: [Spoil; 6] = [
            &|_, file| fs::set_permissions(file, fs::Permissions::from_mode(0o666)).unwrap(),
            &|folder, _| fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap(),
            &|folder, file| {
                fs::rename(file, folder.join("elsewhere")).unwrap();
                symlink(folder.join("elsewhere"), file).unwrap();
            },
            &|folder, _| {
                fs::rename(folder, folder.with_file_name("Elsewhere")).unwrap();
                symlink(folder.with_file_name("Elsewhere"), folder).unwrap();
            },
            &|_, file| {
                fs::remove_file(file).unwrap();
                fs::create_dir(file).unwrap();
            },
            &|_, file| fs::write(file, vec![b' '; LIMIT + 1]).unwrap(),
        ];
        for (at, spoil) in spoil.iter().enumerate() {
            let (_disk, roots) = disk();
            write(&roots, "", FILE, IDENTITY);
            assert_eq!(read(&roots, None).2, 0);
            spoil(&roots.path(FOLDER), &roots.path(FOLDER).join(FILE));
            assert_eq!(read(&roots, None), bad, "{at}");
        }
        let (_disk, roots) = disk();
        write(&roots, "", FILE, IDENTITY);
        assert_eq!(read(&roots.owned_by(u32::MAX - 1), None), bad, "another owner");
    }

    #[test]
    fn the_policy_of_vs_code_is_read_from_the_same_folder() {
        let (_disk, roots) = disk();
        let idp = "<key>McpEnterpriseManagedAuthIdp</key><string>{}</string>";
        write(&roots, "", VSCODE, idp);
        let mut memory = Memory::default();
        let (place, held) = vscode(&roots, &mut memory.pass());
        assert_eq!(place, roots.path("Library/Managed Preferences/com.microsoft.VSCode.plist"));
        let Held::Values(values) = held else { panic!("it was not read") };
        assert_eq!(values["McpEnterpriseManagedAuthIdp"], Ok(Json::text("{}")));
    }

    #[test]
    fn the_folders_of_device_and_user_are_watched() {
        let roots = Roots::system();
        let device = PathBuf::from("/Library/Managed Preferences");
        assert_eq!(places(&roots, Some("ada")), [device.clone(), device.join("ada")]);
        assert_eq!(places(&roots, Some("..")), [device]);
    }
}
