//! Revocation (RFC 7009) and RP-initiated logout.

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode};
use serde_json::json;
use url::Url;

use super::Idp;
use super::authorize::cookie;
use super::token::authenticate;
use crate::audit::Event;
use crate::faults::Leg;
use crate::form::Form;
use crate::keys::{digest, verify};
use crate::page::{page, trouble};
use crate::refusal::{Refusal, answer};

/// `POST /revoke`: kills the family of a refresh token; 200 for whatever is not known.
pub(super) async fn revoke(State(idp): State<Idp>, headers: HeaderMap, body: String) -> Response {
    let inner = idp.inner();
    inner.log.saw("revoke");
    let idp = &idp;
    inner
        .faults
        .around(&[Leg::IdpRevoke], |_| async move { decide(idp, &headers, &body).unwrap_or_else(IntoResponse::into_response) })
        .await
}

fn decide(idp: &Idp, headers: &HeaderMap, body: &str) -> Result<Response, Refusal> {
    let inner = idp.inner();
    let form = Form::parse(body)?;
    let client = authenticate(inner, headers, &form)?;
    let token = form.need("token")?;
    let mut event = Event { client: client.id.clone(), ..Event::new("revoke") };
    let mut memory = inner.memory.lock();
    match memory.family(token) {
        Some((id, family, _)) if family.grant.client == client.id => {
            event.user = family.grant.user;
            if let Some(family) = memory.families.get_mut(&id) {
                family.alive = false;
            }
        }
        _ => event.outcome = "unknown token".into(),
    }
    drop(memory);
    inner.log.push(event);
    Ok(answer(200, &json!({})))
}

/// `GET` or `POST /logout` (OIDC RP-Initiated Logout §2): ends the session that the hint or the cookie names.
pub(super) async fn end_session(State(idp): State<Idp>, RawQuery(query): RawQuery, headers: HeaderMap, body: String) -> Response {
    let inner = idp.inner();
    inner.log.saw("end_session");
    let text = if body.is_empty() { query.unwrap_or_default() } else { body };
    let Ok(form) = Form::parse(&text) else {
        return trouble(StatusCode::BAD_REQUEST, "Bad request", "A parameter occurs twice.");
    };
    let keys = inner.keys.lock().published();
    let hint = form.value("id_token_hint").and_then(|token| verify(token, &keys)).map(|(_, claims)| claims);
    let text = |name: &str| hint.as_ref().and_then(|claims| claims[name].as_str()).map(str::to_owned);
    let mut memory = inner.memory.lock();
    let by_cookie = cookie(&headers).and_then(|value| memory.cookies.get(&digest(&value)).cloned());
    let sid = text("sid").or(by_cookie);
    let user = sid.as_ref().and_then(|sid| memory.sessions.get(sid)).map(|session| session.user.clone());
    if let Some(sid) = &sid {
        memory.end(sid);
    }
    drop(memory);
    inner.log.push(Event { user: user.unwrap_or_default(), ..Event::new("end_session") });

    let id = form.value("client_id").map(str::to_owned).or_else(|| text("aud"));
    let client = inner.clients.iter().find(|client| Some(&client.id) == id.as_ref());
    let loopback = |uri: &&str| {
        client.is_some()
            && Url::parse(uri)
                .is_ok_and(|url| url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")))
    };
    match form.value("post_logout_redirect_uri").filter(loopback).map(Url::parse) {
        Some(Ok(mut url)) => {
            if let Some(state) = form.value("state") {
                url.query_pairs_mut().append_pair("state", state);
            }
            Redirect::to(url.as_str()).into_response()
        }
        _ => page("Signed out", "<p>You are signed out of Acme. You may close this window.</p>"),
    }
}
