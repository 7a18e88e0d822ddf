use serde_json::json;
use wire::{SCHEMA, ServerStatus, Status};

use crate::call::Call;
use crate::commands::status::{follow, text};
use crate::failure::Failure;

/// `lanyard servers`: policy's servers and how each fares.
pub(crate) fn run(watch: bool, call: &Call) -> Result<u8, Failure> {
    let shown = |servers: &[ServerStatus], now| match servers.is_empty() {
        true => "Your organisation has listed no server.".to_owned(),
        false => text::servers(servers, now),
    };
    let document = |status: &Status| json!({ "schema": SCHEMA, "servers": status.servers });
    if watch {
        return follow(call, |status, now| shown(&status.servers, now), |status| call.output.line(&document(status)));
    }
    let status: Status = call.client()?.get("/v1/status")?;
    call.output.answer(&document(&status), || shown(&status.servers, jiff::Timestamp::now()))?;
    Ok(0)
}
