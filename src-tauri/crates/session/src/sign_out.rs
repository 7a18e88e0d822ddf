//! Ending the session at the IdP: RFC 7009 revocation, and the address of RP-initiated logout.

use std::time::Duration;

use net::{Answer, TokenRequest};
use secret::Secret;

use crate::refresh::Line;
use crate::sign_in::pinned;

/// All of it takes at most this long; what is local was deleted before.
pub(crate) const LIMIT: Duration = Duration::from_secs(5);

/// Revokes one refresh token, best effort. Returns whether the IdP confirmed.
pub(crate) async fn revoke(line: &Line, refresh_token: &Secret) -> bool {
    let revocation = async {
        let metadata = line.known.metadata(&line.client, &line.config).await.ok()?;
        let idp = line.known.idp(&line.client, &line.config).await.ok()?;
        let request = TokenRequest {
            endpoint: metadata.revocation_endpoint.as_deref()?,
            auth: &idp.auth(),
            fields: vec![("token", refresh_token.expose()), ("token_type_hint", "refresh_token")],
        };
        Some(matches!(request.send(&line.client, &idp.reach, None).await, Ok(Answer::Granted(_))))
    };
    matches!(tokio::time::timeout(LIMIT, revocation).await, Ok(Some(true)))
}

/// Where the person's browser ends the IdP's own session. Without `id_token_hint`: an opener would show
/// the token in the process list.
pub(crate) async fn end_session_url(line: &Line) -> Option<String> {
    let metadata = tokio::time::timeout(LIMIT, line.known.metadata(&line.client, &line.config)).await.ok()?.ok()?;
    let mut url = pinned(metadata.end_session_endpoint.as_deref()?, &line.config).ok()?;
    url.query_pairs_mut().append_pair("client_id", &line.config.client_id);
    Some(url.into())
}
