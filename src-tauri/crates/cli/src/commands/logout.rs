use wire::SignOut;

use crate::call::Call;
use crate::failure::Failure;
use crate::output::plain;

/// `lanyard logout`: revoked and wiped here; the browser ends the identity provider's own session.
pub(crate) fn run(call: &Call) -> Result<u8, Failure> {
    let ended: Option<SignOut> = call.client()?.post("/v1/session/sign-out", &serde_json::json!({}))?;
    let ended = ended.unwrap_or_default();
    if let Some(address) = &ended.end_session_url
        && agent::browser::open(address).is_err()
    {
        call.output.note(&format!("To end the identity provider's own session too, open:\n{}", plain(address)));
    }
    call.output.answer(&ended, || "Signed out.".to_owned())?;
    Ok(0)
}
