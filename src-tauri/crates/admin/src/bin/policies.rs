//! `lanyard-policies FOLDER`: writes every file that describes policy.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use lanyard_admin::export::{Export, Format};
use lanyard_admin::words::Language;
use lanyard_admin::{admx, examples, manifest, reference, schema};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: lanyard-policies FOLDER")?);
    let write = |place: &str, text: String| -> std::io::Result<()> {
        let path = folder.join(place);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        fs::write(path, text)
    };
    // Windows' own tools write these with a mark and their own line ends, and read them without.
    write("policies/windows/Lanyard.admx", admx::admx())?;
    for language in Language::ALL {
        write(&format!("policies/windows/{}/Lanyard.adml", language.tag()), admx::adml(language))?;
    }
    write("policies/macos/dev.lanyard.agent.plist", manifest::manifest())?;
    write("policies/macos/jamf-schema.json", schema::jamf())?;
    write("policies/linux/policy.schema.json", schema::file())?;
    write("policies/linux/annotated.json", examples::annotated())?;
    write("policies/intune/README.md", reference::intune())?;
    for example in examples::examples() {
        let name = example.name;
        let export = Export::of(name, example.policy.to_string().as_bytes())?;
        write(&format!("policies/windows/examples/{name}.reg"), export.text(Format::Reg))?;
        write(&format!("policies/macos/examples/{name}.mobileconfig"), export.text(Format::Mobileconfig))?;
        write(&format!("policies/linux/examples/{name}.json"), export.text(Format::Json))?;
        write(&format!("policies/intune/examples/{name}.json"), export.text(Format::Intune))?;
    }
    write("docs/policy-reference.md", reference::reference())?;
    Ok(())
}
