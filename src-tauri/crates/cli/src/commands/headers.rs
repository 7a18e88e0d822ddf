use std::time::{Duration, Instant};

use wire::client::{Client, ClientError};
use wire::{Code, SessionStatus, Status, TokenReply, TokenRequest};

use crate::call::{Call, server_path};
use crate::failure::Failure;

/// Some clients drop a server after one failure and give a helper ten seconds.
const PATIENCE: Duration = Duration::from_secs(9);

/// A token that lives no longer than this is not handed out while there can be another, seconds.
const FRESH: u64 = 30;

/// `lanyard headers`: waits for a sign-in rather than failing at once. It never opens a browser (LI-31).
pub(crate) fn run(server: Option<String>, no_start: bool, call: &Call) -> Result<u8, Failure> {
    let until = Instant::now() + PATIENCE;
    let named = || std::env::var("CLAUDE_CODE_MCP_SERVER_NAME").ok().filter(|name| !name.is_empty());
    let Some(server) = server.or_else(named) else {
        let more = "Name the server, or set CLAUDE_CODE_MCP_SERVER_NAME.";
        return Err(Code::BadRequest.problem(None).because(more).into());
    };
    let path = server_path("/v1/servers", &server, "/token")?;
    let ask = |client: &Client| {
        let reply = client.post::<TokenReply>(&path, &TokenRequest::default())?;
        if reply.expires_in >= FRESH {
            return Ok(reply);
        }
        // Who runs a helper keeps its token until it is refused, and gives up when the next one is refused too.
        let fresher = TokenRequest { min_ttl: Some(reply.expires_in + 1), ..TokenRequest::default() };
        client.post(&path, &fresher).or(Ok(reply))
    };
    let reply = match call.started(no_start, ask) {
        Err(failure) if waits(&failure) => signed_in(&server, ask, failure, until, call)?,
        reply => reply?,
    };
    call.output.line(&serde_json::json!({ "Authorization": format!("Bearer {}", reply.access_token.expose()) }))?;
    Ok(0)
}

/// Asks again whenever the sign-in, or this server, came into another state that may serve.
fn signed_in(
    server: &str,
    ask: impl Fn(&Client) -> Result<TokenReply, ClientError>,
    mut failure: Failure,
    until: Instant,
    call: &Call,
) -> Result<TokenReply, Failure> {
    let client = call.client()?;
    let changes = call.follow::<Status>("/v1/events")?;
    let mut asked: Option<(SessionStatus, Option<String>)> = None;
    while let Ok(event) = changes.recv_timeout(until.saturating_duration_since(Instant::now())) {
        let status = event?;
        let state = status.servers.iter().find(|known| known.id == server).map(|known| known.state.clone());
        let now = (status.session, state);
        let serves = matches!(now.0.state.as_str(), "active" | "renewing");
        // What the answer depends on must have changed, or the refusal itself would be reason to ask again.
        if serves && asked.as_ref() != Some(&now) {
            match ask(&client).map_err(Failure::from) {
                Err(again) if waits(&again) => failure = again,
                reply => return reply,
            }
            asked = Some(now);
        }
    }
    Err(failure)
}

fn waits(failure: &Failure) -> bool {
    let Failure::Client(ClientError::Problem(problem)) = failure else {
        return false;
    };
    matches!(problem.code, Code::SignInRequired | Code::SignInInProgress | Code::StepUpRequired)
}
