use serde_json::{Value, json};

use crate::call::Call;
use crate::failure::Failure;

/// `lanyard pause`.
pub(crate) fn run(call: &Call) -> Result<u8, Failure> {
    let _: Value = call.client()?.post("/v1/pause", &json!({}))?;
    call.output.answer(&json!({ "paused": true }), || "Paused: no program is served until `lanyard resume`.".to_owned())?;
    Ok(0)
}
