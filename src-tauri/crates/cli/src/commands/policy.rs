mod text;

use std::path::Path;

use admin::export::{Export, ExportError, Format};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wire::client::ClientError;

use crate::call::Call;
use crate::failure::Failure;
use crate::output::plain;
use crate::verbs::{PolicyForm, PolicyVerb};

/// `GET /v1/policy`, as `policy::Report` writes it.
#[derive(Debug, Serialize, Deserialize)]
struct Report {
    managed: bool,
    origins: Vec<String>,
    hash: String,
    settings: Vec<Row>,
    faults: Vec<Fault>,
    unknown: Vec<Unknown>,
}

/// One setting as it applies.
#[derive(Debug, Serialize, Deserialize)]
struct Row {
    name: String,
    group: String,
    value: Value,
    origin: String,
    fault: Option<String>,
}

/// One thing that is wrong.
#[derive(Debug, Serialize, Deserialize)]
struct Fault {
    setting: Option<String>,
    origin: String,
    message: String,
}

/// One name that nothing has.
#[derive(Debug, Serialize, Deserialize)]
struct Unknown {
    name: String,
    origin: String,
    nearest: Option<String>,
}

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
        Err(ClientError::NotRunning) => read()?,
        Err(error) => return Err(error.into()),
    };
    call.output.answer(&report, || text::whole(&report))?;
    Ok(0)
}

fn read() -> Result<Report, ClientError> {
    let report = policy::Reader::new(policy::Roots::system(), None).read().report();
    serde_json::to_value(report).and_then(serde_json::from_value).map_err(|_| ClientError::Answer)
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
    let report: Report = client.get("/v1/policy")?;
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
