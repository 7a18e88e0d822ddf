//! The ordinary code flow, for servers that policy marks `route: interactive`.

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use url::Url;

use super::{Grant, Resource, cimd};
use crate::client::Client;
use crate::form::Form;
use crate::idp::PASSWORD;
use crate::keys::{digest, random};
use crate::page::{page, sign_in_form, trouble};
use crate::refusal::Refusal;

/// A request that waits for the person.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    client: String,
    redirect_uri: String,
    state: Option<String>,
    challenge: String,
    resource: String,
    scopes: Vec<String>,
}

/// What the person allowed.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    asked: Asked,
    user: String,
    until: i64,
}

/// `GET /authorize` (RFC 6749 §4.1.1 with PKCE and RFC 8707).
pub(super) async fn start(State(resource): State<Resource>, RawQuery(query): RawQuery) -> Response {
    resource.inner().log.saw("authorize");
    let refused = |text: &str| trouble(StatusCode::BAD_REQUEST, "Bad request", text);
    let Ok(form) = Form::parse(&query.unwrap_or_default()) else { return refused("A parameter occurs twice.") };
    let Ok(client) = cimd::client(&resource, form.value("client_id").unwrap_or_default()).await else {
        return refused("The client is not registered here.");
    };
    let redirect = form.value("redirect_uri").unwrap_or_default();
    if !client.admits(redirect, &[]) {
        return refused("The redirect_uri is not registered.");
    }
    let asked = Asked {
        client: client.id,
        redirect_uri: redirect.into(),
        state: form.value("state").map(str::to_owned),
        challenge: form.value("code_challenge").unwrap_or_default().into(),
        resource: form.value("resource").unwrap_or_default().into(),
        scopes: form.words("scope"),
    };
    let issuer = resource.issuer();
    if form.value("response_type") != Some("code") {
        return back(&issuer, &asked, "error", "unsupported_response_type");
    }
    if form.value("code_challenge_method") != Some("S256") || asked.challenge.len() != 43 {
        return back(&issuer, &asked, "error", "invalid_request");
    }
    if !resource.inner().setup.servers.iter().any(|server| server.resource == asked.resource) {
        return back(&issuer, &asked, "error", "invalid_target");
    }
    let id = random(18);
    resource.inner().memory.lock().asked.insert(id.clone(), asked);
    sign_in(&resource, &id, None)
}

fn sign_in(resource: &Resource, id: &str, problem: Option<&str>) -> Response {
    let action = format!("{}/allow", resource.issuer().trim_end_matches('/'));
    page(&format!("Sign in to {}", resource.name()), &sign_in_form(&action, id, "", problem))
}

/// `POST /allow`: user name and password, which allow the client at the same time.
pub(super) async fn allow(State(resource): State<Resource>, body: String) -> Response {
    let form = Form::parse(&body).unwrap_or_default();
    let id = form.value("request").unwrap_or_default().to_owned();
    let mut memory = resource.inner().memory.lock();
    let Some(asked) = memory.asked.get(&id).cloned() else {
        return trouble(StatusCode::BAD_REQUEST, "This page is too old", "Start again from the application.");
    };
    let issuer = resource.issuer();
    if form.value("choice") == Some("cancel") {
        memory.asked.remove(&id);
        return back(&issuer, &asked, "error", "access_denied");
    }
    let Some(user) = form.value("username").filter(|_| form.value("password") == Some(PASSWORD)) else {
        drop(memory);
        return sign_in(&resource, &id, Some("The user name or the password is wrong."));
    };
    memory.asked.remove(&id);
    let code = random(24);
    let until = resource.inner().clock.now() + 60;
    memory.codes.insert(digest(&code), Code { asked: asked.clone(), user: user.into(), until });
    back(&issuer, &asked, "code", &code)
}

fn back(issuer: &str, asked: &Asked, name: &str, value: &str) -> Response {
    let Ok(mut url) = Url::parse(&asked.redirect_uri) else {
        return Refusal::request("The redirect_uri is not a URL.").into_response();
    };
    {
        let mut query = url.query_pairs_mut();
        query.append_pair(name, value).append_pair("iss", issuer);
        if let Some(state) = &asked.state {
            query.append_pair("state", state);
        }
    }
    Redirect::to(url.as_str()).into_response()
}

/// `grant_type=authorization_code`.
pub(super) fn redeem(resource: &Resource, client: &Client, form: &Form) -> Result<Grant, Refusal> {
    let inner = resource.inner();
    let bad = || Refusal::grant("The authorization code is invalid or has expired.");
    let code = inner.memory.lock().codes.remove(&digest(form.need("code")?)).ok_or_else(bad)?;
    let asked = code.asked;
    let same = asked.client == client.id && form.need("redirect_uri")? == asked.redirect_uri;
    if !same || code.until < inner.clock.now() || digest(form.need("code_verifier")?) != asked.challenge {
        return Err(bad());
    }
    if form.need("resource")? != asked.resource {
        return Err(Refusal::new("invalid_target", "The 'resource' does not match the authorization request."));
    }
    let scopes = if asked.scopes.is_empty() { vec!["read".into(), "write".into()] } else { asked.scopes };
    Ok(Grant {
        subject: digest(&code.user),
        user: code.user,
        client: client.id.clone(),
        resource: asked.resource,
        scopes,
        groups: Vec::new(),
        acr: "pwd".into(),
        jti: random(9),
        until: 0,
    })
}
