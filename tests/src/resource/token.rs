//! The token endpoint of a resource AS: an assertion or a code becomes an access token for one server.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde_json::{Value, json};

use super::assertion::judge;
use super::{Grant, Resource, authorize, cimd};
use crate::audit::Event;
use crate::client::{Client, Proof, Shown};
use crate::faults::{Fault, Leg};
use crate::form::{Form, words};
use crate::keys::{digest, random};
use crate::profile::{Profile, ScopeRule, Wording};
use crate::refusal::{Refusal, answer};

pub(super) const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// `POST /token`.
pub(super) async fn serve(State(resource): State<Resource>, headers: HeaderMap, body: String) -> Response {
    let form = match Form::parse(&body) {
        Ok(form) => form,
        Err(refusal) => return refusal.into_response(),
    };
    let kind = match form.value("grant_type") {
        Some("authorization_code") => "authorization_code",
        Some(JWT_BEARER) => "jwt_bearer",
        _ => return Refusal::new("unsupported_grant_type", "This grant type is not supported.").into_response(),
    };
    let inner = resource.inner();
    inner.log.saw(kind);
    let resource = &resource;
    inner
        .setup
        .faults
        .around(&[Leg::AsToken(inner.setup.name)], |twist| async move {
            let inner = resource.inner();
            let profile = inner.manner.now();
            let mut event = Event::new(kind);
            match decide(resource, &profile, &headers, &form, twist, &mut event).await {
                Ok(body) => {
                    inner.log.push(event);
                    answer(200, &body)
                }
                Err(refusal) => {
                    event.outcome.clone_from(&refusal.code);
                    event.detail.clone_from(&refusal.description);
                    inner.log.push(event);
                    worded(&profile, refusal)
                }
            }
        })
        .await
}

async fn decide(
    resource: &Resource,
    profile: &Profile,
    headers: &HeaderMap,
    form: &Form,
    twist: Option<Fault>,
    event: &mut Event,
) -> Result<Value, Refusal> {
    let client = authenticate(resource, headers, form).await?;
    event.client.clone_from(&client.id);
    let grant = if event.kind == "jwt_bearer" {
        redeem(resource, profile, &client, form, twist.as_ref(), event).await?
    } else {
        authorize::redeem(resource, &client, form)?
    };
    event.user.clone_from(&grant.user);
    event.scopes = grant.scopes.join(" ");
    event.server = server_of(resource, &grant.resource);
    Ok(issue(resource, profile, grant, twist.as_ref()))
}

async fn authenticate(resource: &Resource, headers: &HeaderMap, form: &Form) -> Result<Client, Refusal> {
    let inner = resource.inner();
    let shown = Shown::read(headers, form)?;
    let client = cimd::client(resource, &shown.id).await?;
    let endpoint = format!("{}/token", inner.setup.issuer.trim_end_matches('/'));
    let mut audiences = vec![inner.setup.issuer.clone(), endpoint];
    audiences.extend(inner.setup.aliases.clone());
    shown.prove(&client, &audiences, inner.clock.now(), &inner.used)?;
    Ok(client)
}

/// RFC 7523 §2.1 with an ID-JAG.
async fn redeem(
    resource: &Resource,
    profile: &Profile,
    client: &Client,
    form: &Form,
    twist: Option<&Fault>,
    event: &mut Event,
) -> Result<Grant, Refusal> {
    let inner = resource.inner();
    if !profile.public_redeem && matches!(client.proof, Proof::None) {
        return Err(Refusal::new("unauthorized_client", "Public clients may not use this grant."));
    }
    if profile.scope_rule == ScopeRule::Refuse && form.value("scope").is_some() {
        return Err(Refusal::request("The 'scope' parameter is not allowed with this grant type."));
    }
    let assertion = form.need("assertion")?;
    let vouched = judge(resource, client, assertion, twist).await?;
    event.server = vouched.server.id.into();
    event.jti.clone_from(&vouched.jti);
    if form.value("resource").is_some_and(|wanted| wanted != vouched.server.resource) {
        return Err(Refusal::new("invalid_target", "The 'resource' does not match the assertion."));
    }
    let wanted = form.value("scope").filter(|_| profile.scope_rule == ScopeRule::Narrow).map(words);
    let ceilings = inner.memory.lock().ceilings.clone();
    let open = |scope: &String| {
        vouched.groups.is_empty()
            || vouched.groups.iter().any(|group| ceilings.get(group).is_none_or(|scopes| scopes.contains(scope)))
    };
    let mut scopes = vouched.scopes.clone();
    scopes.retain(|scope| open(scope) && wanted.as_ref().is_none_or(|wanted| wanted.contains(scope)));
    if scopes.is_empty() {
        return Err(Refusal::new("invalid_scope", "None of the scopes can be granted."));
    }
    Ok(Grant {
        user: vouched.user,
        subject: vouched.subject,
        client: client.id.clone(),
        resource: vouched.server.resource,
        scopes,
        groups: vouched.groups,
        acr: vouched.acr,
        jti: random(9),
        until: 0,
    })
}

fn issue(resource: &Resource, profile: &Profile, mut grant: Grant, twist: Option<&Fault>) -> Value {
    let inner = resource.inner();
    let now = inner.clock.now();
    let life = *inner.token_seconds.lock();
    grant.until = if twist == Some(&Fault::Expired) { now } else { now + life };
    let audience = if twist == Some(&Fault::WrongAudience) { "https://evil.example" } else { &grant.resource };
    let token = if inner.setup.jwt {
        let claims = json!({
            "iss": inner.setup.issuer, "aud": audience, "sub": grant.subject, "client_id": grant.client,
            "scope": grant.scopes.join(" "), "jti": grant.jti, "iat": now, "exp": now + life,
        });
        inner.keys.lock().current().sign("at+jwt", &claims, None)
    } else {
        format!("{}_at_{}", inner.setup.name, random(24))
    };
    let mut body = json!({
        "access_token": token,
        "token_type": if profile.lower_case_type { "bearer" } else { "Bearer" },
        "expires_in": life,
        "scope": grant.scopes.join(" "),
    });
    if profile.as_refresh_token || twist == Some(&Fault::Bonus) {
        body["refresh_token"] = json!(format!("{}_rt_{}", inner.setup.name, random(24)));
    }
    if twist == Some(&Fault::WrongTokenType) {
        body["token_type"] = json!("mac");
    }
    if twist == Some(&Fault::NoExpiry) {
        body.as_object_mut().map(|body| body.remove("expires_in"));
    }
    inner.memory.lock().tokens.insert(digest(&token), grant);
    body
}

/// An error in the words of the product.
fn worded(profile: &Profile, mut refusal: Refusal) -> Response {
    match profile.wording {
        Wording::OkFalse => return answer(200, &json!({"ok": false, "error": refusal.code})),
        Wording::Opaque if matches!(refusal.code.as_str(), "invalid_grant" | "invalid_target" | "invalid_scope") => {
            refusal = Refusal::grant("Invalid assertion");
        }
        _ => {}
    }
    if profile.grant_401 && refusal.code == "invalid_grant" {
        refusal.status = 401;
    }
    refusal.into_response()
}

fn server_of(resource: &Resource, url: &str) -> String {
    let servers = &resource.inner().setup.servers;
    servers.iter().find(|server| server.resource == url).map_or_else(String::new, |server| server.id.into())
}

/// `POST /revoke` (RFC 7009).
pub(super) async fn revoke(State(resource): State<Resource>, headers: HeaderMap, body: String) -> Response {
    let inner = resource.inner();
    inner.log.saw("revoke");
    let form = match Form::parse(&body) {
        Ok(form) => form,
        Err(refusal) => return refusal.into_response(),
    };
    match authenticate(&resource, &headers, &form).await {
        Ok(client) => {
            let mut memory = inner.memory.lock();
            let name = digest(form.value("token").unwrap_or_default());
            let own = memory.tokens.get(&name).is_some_and(|grant| grant.client == client.id);
            if own {
                memory.tokens.remove(&name);
            }
            answer(200, &json!({}))
        }
        Err(refusal) => refusal.into_response(),
    }
}
