use wire::client::ClientError;
use wire::{TokenReply, TokenRequest};

use crate::call::{Call, server_path};
use crate::failure::Failure;

/// `lanyard token`: the access token alone, or the API's reply as it came.
pub(crate) fn run(server: &str, scope: Option<String>, min_ttl: Option<u64>, no_start: bool, call: &Call) -> Result<u8, Failure> {
    let path = server_path("/v1/servers", server, "/token")?;
    let body = serde_json::to_vec(&TokenRequest { scope, min_ttl }).map_err(|_| ClientError::Answer)?;
    let answer = call.started(no_start, |client| client.answer("POST", &path, &body))?;
    match call.output.is_json() {
        true => call.output.bytes(&answer.body)?,
        false => call.output.bytes(answer.json::<TokenReply>()?.access_token.expose().as_bytes())?,
    }
    Ok(0)
}
