use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::json;
use wire::client::ClientError;
use wire::{Diagnostics, Saved};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::call::Call;
use crate::failure::Failure;

/// `lanyard diagnostics [FILE]`: lists what the bundle holds, and then writes it. Without an agent: what can be known
/// without one.
pub(crate) fn run(file: Option<PathBuf>, call: &Call) -> Result<u8, Failure> {
    let bundle: Diagnostics = match call.client().and_then(|client| client.post("/v1/diagnostics", &json!({}))) {
        Ok(bundle) => bundle,
        Err(ClientError::NotRunning) => agent::diagnostics::without_agent(),
        Err(error) => return Err(error.into()),
    };
    let folder = format!("lanyard-diagnostics-{}", Timestamp::now().strftime("%Y%m%d-%H%M%S"));
    let file = file.unwrap_or_else(|| format!("{folder}.zip").into());
    if !call.output.is_json() {
        call.output.text(&list(&folder, &bundle))?;
    }
    write(&file, &folder, &bundle).map_err(|error| Failure::Write(file.clone(), error))?;
    let file = fs::canonicalize(&file).unwrap_or(file);
    let saved = Saved { file, files: bundle.listed() };
    call.output.answer(&saved, || format!("Written to {}.", saved.file.display()))?;
    Ok(0)
}

fn list(folder: &str, bundle: &Diagnostics) -> String {
    let line = |name: &str, bytes: usize, about: &str| format!("{folder}/{name:<12} {bytes:>8}  {about}\n");
    bundle.files.iter().map(|file| line(&file.name, file.text.len(), &file.about)).collect()
}

/// One folder in one file, for this user alone; never over a file that is there.
fn write(file: &Path, folder: &str, bundle: &Diagnostics) -> io::Result<()> {
    let mut zip = ZipWriter::new(secret::private::create(file)?);
    let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for entry in &bundle.files {
        zip.start_file(format!("{folder}/{}", entry.name), plain)?;
        zip.write_all(entry.text.as_bytes())?;
    }
    zip.finish()?.sync_all()
}
