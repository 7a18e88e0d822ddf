//! The authorization endpoint and the pages that a person sees.

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use url::Url;

use super::accounts::{Asked, Code, Grant, PASSWORD, STRONG, Session};
use super::{Idp, Inner};
use crate::audit::Event;
use crate::faults::Leg;
use crate::form::Form;
use crate::keys::{digest, random};
use crate::page::{escape, page, sign_in_form, trouble};

const COOKIE_NAME: &str = "sandbox_session";

/// `GET /authorize` (OIDC Core §3.1.2.1).
pub(super) async fn start(State(idp): State<Idp>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let inner = idp.inner();
    inner.log.saw("authorize");
    let cookie = cookie(&headers);
    inner.faults.around(&[Leg::IdpAuthorize], |_| async move { begin(inner, &query.unwrap_or_default(), cookie) }).await
}

fn begin(inner: &Inner, query: &str, cookie: Option<String>) -> Response {
    let form = match Form::parse(query) {
        Ok(form) => form,
        Err(refusal) => return trouble(StatusCode::BAD_REQUEST, "Bad request", &refusal.description),
    };
    let client = inner.clients.iter().find(|client| Some(client.id.as_str()) == form.value("client_id"));
    let redirect = form.value("redirect_uri").unwrap_or_default();
    let Some(client) = client else {
        return trouble(StatusCode::BAD_REQUEST, "Unknown application", "No application has this client_id.");
    };
    if !client.admits(redirect, &inner.manner.now().redirect_ports) {
        let text = "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings.";
        return trouble(StatusCode::BAD_REQUEST, "Bad request", text);
    }
    let browser = cookie.clone().unwrap_or_else(|| random(24));
    let asked = Asked {
        client: client.id.clone(),
        redirect_uri: redirect.into(),
        state: form.value("state").map(str::to_owned),
        nonce: form.value("nonce").map(str::to_owned),
        challenge: form.value("code_challenge").unwrap_or_default().to_owned(),
        scopes: form.words("scope"),
        acr_values: form.words("acr_values"),
        browser: digest(&browser),
        sid: None,
    };
    if form.value("response_type") != Some("code") {
        return back(inner, &asked, &[("error", "unsupported_response_type")]);
    }
    if form.value("code_challenge_method") != Some("S256") || asked.challenge.len() != 43 {
        return back(inner, &asked, &[("error", "invalid_request"), ("error_description", "PKCE with S256 is required.")]);
    }
    if !asked.scopes.iter().any(|scope| scope == "openid") {
        return back(inner, &asked, &[("error", "invalid_scope")]);
    }
    let response = match silent(inner, &form, &asked) {
        Some(session) => grant(inner, &asked, &session),
        None if form.value("prompt") == Some("none") => back(inner, &asked, &[("error", "login_required")]),
        None => {
            let id = random(18);
            let hint = form.value("login_hint").unwrap_or_default().split('@').next().unwrap_or_default().to_owned();
            inner.memory.lock().asked.insert(id.clone(), asked);
            page("Sign in to Acme", &sign_in_form("/sign-in", &id, &hint, None))
        }
    };
    with_cookie(response, &browser, cookie.is_none())
}

/// The session that answers without a page: alive, fresh and strong enough.
fn silent(inner: &Inner, form: &Form, asked: &Asked) -> Option<Session> {
    let memory = inner.memory.lock();
    let session = memory.sessions.get(memory.cookies.get(&asked.browser)?)?;
    let age = inner.clock.now() - session.auth_time;
    let fresh = form.value("max_age").is_none_or(|limit| limit.parse().is_ok_and(|limit: i64| age < limit));
    let strong = !asked.acr_values.iter().any(|acr| acr == STRONG) || session.acr == STRONG;
    let usable = session.alive && memory.active(&session.user) && fresh && strong;
    (usable && form.value("prompt") != Some("login")).then(|| session.clone())
}

/// `POST /sign-in`: user name and password.
pub(super) async fn sign_in(State(idp): State<Idp>, headers: HeaderMap, body: String) -> Response {
    let inner = idp.inner();
    inner.log.saw("sign_in");
    let form = Form::parse(&body).unwrap_or_default();
    let Some((id, asked)) = waiting(inner, &form, &headers) else { return stale() };
    if form.value("choice") == Some("cancel") {
        return back(inner, &asked, &[("error", "access_denied"), ("error_description", "The person cancelled.")]);
    }
    let user = form.value("username").unwrap_or_default().to_owned();
    let account = inner.memory.lock().accounts.get(&user).cloned();
    let problem = match &account {
        Some(account) if form.value("password") == Some(PASSWORD) => {
            (!account.active).then_some("This account is disabled. Ask your administrator.")
        }
        _ => Some("The user name or the password is wrong."),
    };
    if let Some(problem) = problem {
        inner.log.push(Event { user: user.clone(), outcome: "refused".into(), detail: problem.into(), ..Event::new("sign_in") });
        return page("Sign in to Acme", &sign_in_form("/sign-in", &id, &user, Some(problem)));
    }
    let session = Session { sid: random(12), user, auth_time: inner.clock.now(), acr: "pwd".into(), alive: true };
    let mut memory = inner.memory.lock();
    memory.sessions.insert(session.sid.clone(), session.clone());
    memory.cookies.insert(asked.browser.clone(), session.sid.clone());
    if asked.acr_values.iter().any(|acr| acr == STRONG) {
        memory.asked.insert(id.clone(), Asked { sid: Some(session.sid), ..asked });
        return confirmation(&id, &session.user);
    }
    memory.asked.remove(&id);
    drop(memory);
    grant(inner, &asked, &session)
}

fn confirmation(id: &str, user: &str) -> Response {
    let body = format!(
        "<p>Signed in as <strong>{}</strong>. Touch your security key to go on.</p>\
         <form method=\"post\" action=\"/confirm\"><input type=\"hidden\" name=\"request\" value=\"{}\">\
         <button name=\"choice\" value=\"continue\" autofocus>Confirm it is you</button></form>",
        escape(user),
        escape(id)
    );
    page("Confirm it is you", &body)
}

/// `POST /confirm`: the second page, which makes the session a strong one.
pub(super) async fn confirm(State(idp): State<Idp>, headers: HeaderMap, body: String) -> Response {
    let inner = idp.inner();
    let form = Form::parse(&body).unwrap_or_default();
    let Some((id, asked)) = waiting(inner, &form, &headers) else { return stale() };
    let session = {
        let mut memory = inner.memory.lock();
        memory.asked.remove(&id);
        let Some(session) = asked.sid.as_ref().and_then(|sid| memory.sessions.get_mut(sid)) else { return stale() };
        STRONG.clone_into(&mut session.acr);
        session.clone()
    };
    grant(inner, &asked, &session)
}

fn waiting(inner: &Inner, form: &Form, headers: &HeaderMap) -> Option<(String, Asked)> {
    let id = form.value("request")?;
    let asked = inner.memory.lock().asked.get(id).cloned()?;
    let same = digest(&cookie(headers)?) == asked.browser;
    same.then(|| (id.to_owned(), asked))
}

fn grant(inner: &Inner, asked: &Asked, session: &Session) -> Response {
    let code = random(24);
    let grant = Grant {
        user: session.user.clone(),
        client: asked.client.clone(),
        sid: session.sid.clone(),
        scopes: asked.scopes.clone(),
        auth_time: session.auth_time,
        acr: session.acr.clone(),
    };
    inner.log.push(Event {
        user: session.user.clone(),
        client: asked.client.clone(),
        scopes: asked.scopes.join(" "),
        detail: format!("acr {}", session.acr),
        ..Event::new("sign_in")
    });
    let until = inner.clock.now() + 60;
    inner.memory.lock().codes.insert(digest(&code), Code { asked: asked.clone(), grant, until });
    back(inner, asked, &[("code", &code)])
}

/// Returns to the client with `state` and `iss` (RFC 9207).
fn back(inner: &Inner, asked: &Asked, fields: &[(&str, &str)]) -> Response {
    let Ok(mut url) = Url::parse(&asked.redirect_uri) else { return stale() };
    {
        let mut query = url.query_pairs_mut();
        query.extend_pairs(fields);
        if let Some(state) = &asked.state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", &inner.issuer);
    }
    Redirect::to(url.as_str()).into_response()
}

fn stale() -> Response {
    trouble(StatusCode::BAD_REQUEST, "This page is too old", "Start the sign-in again from the application.")
}

pub(super) fn cookie(headers: &HeaderMap) -> Option<String> {
    let all = headers.get(COOKIE)?.to_str().ok()?;
    let pairs = all.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, _)| *name == COOKIE_NAME).map(|(_, value)| value.to_owned()).next()
}

fn with_cookie(mut response: Response, value: &str, fresh: bool) -> Response {
    let text = format!("{COOKIE_NAME}={value}; HttpOnly; SameSite=Lax; Path=/");
    if let Some(value) = HeaderValue::from_str(&text).ok().filter(|_| fresh) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}
