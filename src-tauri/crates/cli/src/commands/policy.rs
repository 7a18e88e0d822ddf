mod text;

use std::path::Path;

use admin::export::{Export, ExportError, Format};
use serde_json::{Value, json};
use wire::PolicyReport;
use wire::client::ClientError;

use crate::call::Call;
use crate::failure::Failure;
use crate::output::plain;
use crate::verbs::{PolicyForm, PolicyVerb};

/// `lanyard policy`.
pub(crate) fn run(verb: Option<PolicyVerb>, call: &Call) -> Result<u8, Failure> {
    match verb {
        None | Some(PolicyVerb::Show) => show(call),
        Some(PolicyVerb::Check { file }) => check(&file, call),
        Some(PolicyVerb::Reload) => reload(call),
        Some(PolicyVerb::Import { file }) => import(&file, call),
        Some(PolicyVerb::Export { format, file }) => export(format, &file, call),
    }
}

/// Works without an agent too: then the machine's policy is read here.
fn show(call: &Call) -> Result<u8, Failure> {
    let report = match call.client().and_then(|client| client.get("/v1/policy")) {
        Ok(report) => report,
        Err(ClientError::NotRunning) => policy::Reader::new(policy::Roots::system(), None).read().report(),
        Err(error) => return Err(error.into()),
    };
    call.output.answer(&report, || text::whole(&report))?;
    Ok(0)
}

/// Judges content only, never owner, mode or place.
fn check(file: &Path, call: &Call) -> Result<u8, Failure> {
    let problems = policy::check_file(file).problems();
    let document = json!({ "file": file, "good": problems.is_empty(), "faults": problems });
    call.output.answer(&document, || text::checked(file, &problems))?;
    Ok(if problems.is_empty() { 0 } else { 3 })
}

fn reload(call: &Call) -> Result<u8, Failure> {
    let client = call.client()?;
    let _: Value = client.post("/v1/policy/reload", &json!({}))?;
    let report: PolicyReport = client.get("/v1/policy")?;
    call.output.answer(&report, || text::reloaded(&report))?;
    Ok(0)
}

fn bytes(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|error| Failure::Read(file.to_owned(), error))
}

/// Shows what came over; what did not is said beside it.
fn import(file: &Path, call: &Call) -> Result<u8, Failure> {
    let imported = match admin::import::import(&bytes(file)?) {
        Ok(imported) => imported,
        Err(error) => return refused(file, &error, call),
    };
    for (name, why) in &imported.left_out {
        call.output.note(&format!("{} was left out: {why}.", plain(name)));
    }
    call.output.document(&imported.policy)?;
    Ok(0)
}

/// Shows a policy in the form of a tool.
fn export(form: PolicyForm, file: &Path, call: &Call) -> Result<u8, Failure> {
    let format = match form {
        PolicyForm::Reg => Format::Reg,
        PolicyForm::Mobileconfig => Format::Mobileconfig,
        PolicyForm::Json => Format::Json,
        PolicyForm::Intune => Format::Intune,
    };
    let export = match Export::of(&file.display().to_string(), &bytes(file)?) {
        Ok(export) => export,
        Err(ExportError::Faulty(_)) => return check(file, call),
        Err(error) => return refused(file, &error, call),
    };
    for name in &export.secrets {
        call.output.note(&format!("{} is a secret and was left out; set it where the policy is deployed.", plain(name)));
    }
    let text = export.text(format);
    let document = json!({ "text": text, "secrets": export.secrets });
    call.output.answer(&document, || text.trim_end().to_owned())?;
    Ok(0)
}

fn refused(file: &Path, error: &dyn std::error::Error, call: &Call) -> Result<u8, Failure> {
    let document = json!({ "file": file, "good": false, "message": error.to_string() });
    call.output.answer(&document, || format!("{}: {error}.", file.display()))?;
    Ok(3)
}
