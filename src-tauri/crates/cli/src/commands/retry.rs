use serde_json::{Value, json};

use crate::call::{Call, server_path};
use crate::failure::Failure;

/// `lanyard retry`.
pub(crate) fn run(server: &str, call: &Call) -> Result<u8, Failure> {
    let path = server_path("/v1/servers", server, "/retry")?;
    let _: Value = call.client()?.post(&path, &json!({}))?;
    call.output
        .answer(&json!({ "retried": server }), || format!("What refused {server} is forgotten; the next use tries again."))?;
    Ok(0)
}
