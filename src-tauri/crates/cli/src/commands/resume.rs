use serde_json::{Value, json};

use crate::call::Call;
use crate::failure::Failure;

/// `lanyard resume`.
pub(crate) fn run(call: &Call) -> Result<u8, Failure> {
    let _: Value = call.client()?.post("/v1/resume", &json!({}))?;
    call.output.answer(&json!({ "paused": false }), || "Resumed: programs are served again.".to_owned())?;
    Ok(0)
}
