//! The token endpoint: codes, refresh with rotation, and the tokens themselves.

use std::time::{Duration, Instant};

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde_json::{Value, json};

use super::accounts::{Family, Grant};
use super::{Idp, Inner, exchange};
use crate::audit::Event;
use crate::client::{Client, Shown};
use crate::faults::{Fault, Leg, serve::throttled};
use crate::form::{Form, words};
use crate::keys::{digest, half_hash, random};
use crate::profile::{AssertionAudience, Profile};
use crate::refusal::{Refusal, answer};

/// One request at the token endpoint, with what its answer depends on.
pub(super) struct Asking<'a> {
    pub(super) inner: &'a Inner,
    pub(super) profile: Profile,
    pub(super) form: &'a Form,
    pub(super) client: Client,
    pub(super) twist: Option<Fault>,
    pub(super) now: i64,
}

/// `POST /token`.
pub(super) async fn serve(State(idp): State<Idp>, headers: HeaderMap, body: String) -> Response {
    let form = match Form::parse(&body) {
        Ok(form) => form,
        Err(refusal) => return refusal.into_response(),
    };
    let (kind, leg) = match form.value("grant_type") {
        Some("authorization_code") => ("token", Leg::IdpCode),
        Some("refresh_token") => ("refresh", Leg::IdpRefresh),
        Some(exchange::GRANT) => ("token_exchange", Leg::IdpExchange),
        _ => return Refusal::new("unsupported_grant_type", "This grant type is not supported.").into_response(),
    };
    let inner = idp.inner();
    inner.log.saw(kind);
    if crowded(inner) {
        inner.log.push(Event { outcome: "429".into(), ..Event::new(kind) });
        return throttled(None);
    }
    let idp = &idp;
    inner
        .faults
        .around(&[leg, Leg::IdpToken], |twist| async move {
            let inner = idp.inner();
            let (mut event, result) = decide(inner, &headers, &form, kind, twist);
            let response = match result {
                Ok(body) => {
                    inner.hand_out(&body);
                    answer(200, &body)
                }
                Err(refusal) => {
                    event.outcome.clone_from(&refusal.code);
                    event.detail.clone_from(&refusal.description);
                    refusal.into_response()
                }
            };
            inner.log.push(event);
            response
        })
        .await
}

fn decide(inner: &Inner, headers: &HeaderMap, form: &Form, kind: &str, twist: Option<Fault>) -> (Event, Result<Value, Refusal>) {
    let mut event = Event::new(kind);
    let now = inner.clock.now() + Fault::shift(twist.as_ref());
    let client = match authenticate(inner, headers, form) {
        Ok(client) => client,
        Err(refusal) => return (event, Err(refusal)),
    };
    event.client.clone_from(&client.id);
    let asking = Asking { inner, profile: inner.manner.now(), form, client, twist, now };
    let result = match kind {
        "token" => redeem(&asking, &mut event),
        "refresh" => refresh(&asking, &mut event),
        _ => exchange::exchange(&asking, &mut event),
    };
    (event, result)
}

pub(super) fn authenticate(inner: &Inner, headers: &HeaderMap, form: &Form) -> Result<Client, Refusal> {
    let shown = Shown::read(headers, form)?;
    let client = inner.clients.iter().find(|client| client.id == shown.id);
    let client = client.ok_or_else(|| Refusal::new("invalid_client", "No application has this client_id."))?;
    let endpoint = format!("{}/token", inner.base);
    let audiences = match inner.manner.now().assertion_audience {
        AssertionAudience::Either => vec![inner.issuer.clone(), endpoint],
        AssertionAudience::Issuer => vec![inner.issuer.clone()],
        AssertionAudience::TokenEndpoint => vec![endpoint],
    };
    shown.prove(client, &audiences, inner.clock.now(), &inner.used)?;
    Ok(client.clone())
}

/// Whether this request is one too many in its second.
fn crowded(inner: &Inner) -> bool {
    let Some(burst) = inner.manner.now().burst else { return false };
    let mut memory = inner.memory.lock();
    let now = Instant::now();
    memory.recent.retain(|time| now.duration_since(*time) < Duration::from_secs(1));
    if memory.recent.len() >= burst {
        return true;
    }
    memory.recent.push_back(now);
    false
}

/// `grant_type=authorization_code` with PKCE (RFC 7636 §4.6).
fn redeem(asking: &Asking<'_>, event: &mut Event) -> Result<Value, Refusal> {
    let (inner, form) = (asking.inner, asking.form);
    let bad = || Refusal::grant("The authorization code is invalid or has expired.");
    let mut memory = inner.memory.lock();
    let code = memory.codes.remove(&digest(form.need("code")?)).ok_or_else(bad)?;
    event.user.clone_from(&code.grant.user);
    if code.until < asking.now.min(inner.clock.now()) || code.grant.client != asking.client.id {
        return Err(bad());
    }
    if form.need("redirect_uri")? != code.asked.redirect_uri {
        return Err(Refusal::grant("The redirect URI does not match the one of the authorization request."));
    }
    if digest(form.need("code_verifier")?) != code.asked.challenge {
        return Err(Refusal::grant("PKCE verification failed."));
    }
    if !memory.active(&code.grant.user) {
        return Err(Refusal::grant("The user account is not active."));
    }
    let refresh = code.grant.has("offline_access").then(|| {
        let family = random(12);
        memory.families.insert(family.clone(), Family { grant: code.grant.clone(), alive: true });
        memory.ticket(&family)
    });
    drop(memory);
    event.scopes = code.grant.scopes.join(" ");
    Ok(tokens(asking, &code.grant, code.asked.nonce.as_deref(), refresh, true))
}

/// `grant_type=refresh_token`: a replaced token shown again kills its family (RFC 9700 §4.14.2).
fn refresh(asking: &Asking<'_>, event: &mut Event) -> Result<Value, Refusal> {
    let inner = asking.inner;
    let bad = || Refusal::grant("The refresh token is invalid or expired.");
    let token = asking.form.need("refresh_token")?;
    let mut memory = inner.memory.lock();
    let (id, family, spent) = memory.family(token).ok_or_else(bad)?;
    event.user.clone_from(&family.grant.user);
    if family.grant.client != asking.client.id {
        return Err(bad());
    }
    if spent {
        if let Some(family) = memory.families.get_mut(&id) {
            family.alive = false;
        }
        "refresh_reuse".clone_into(&mut event.kind);
        inner.log.saw("refresh_reuse");
        return Err(bad());
    }
    if !family.alive || !memory.alive(&family.grant.sid) || !memory.active(&family.grant.user) {
        return Err(bad());
    }
    let mut grant = family.grant;
    let wanted = asking.form.value("scope").map(words).unwrap_or_else(|| grant.scopes.clone());
    if wanted.iter().any(|scope| !grant.has(scope)) {
        return Err(Refusal::new("invalid_scope", "The scope exceeds what was granted."));
    }
    grant.scopes = wanted;
    let next = asking.profile.rotate_refresh.then(|| {
        if let Some(ticket) = memory.tickets.get_mut(&digest(token)) {
            ticket.spent = true;
        }
        memory.ticket(&id)
    });
    drop(memory);
    event.scopes = grant.scopes.join(" ");
    Ok(tokens(asking, &grant, None, next, asking.profile.refresh_id_token))
}

fn tokens(asking: &Asking<'_>, grant: &Grant, nonce: Option<&str>, refresh: Option<String>, with_id: bool) -> Value {
    let access = format!("idp_at_{}", random(24));
    let mut body = json!({
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": grant.scopes.join(" "),
    });
    if let Some(refresh) = refresh {
        body["refresh_token"] = json!(refresh);
    }
    if with_id && grant.has("openid") && asking.twist != Some(Fault::NoIdToken) {
        body["id_token"] = json!(id_token(asking, grant, nonce, &access));
    }
    body
}

/// OIDC Core §2.
fn id_token(asking: &Asking<'_>, grant: &Grant, nonce: Option<&str>, access: &str) -> String {
    let (inner, now) = (asking.inner, asking.now);
    let account = inner.memory.lock().accounts.get(&grant.user).cloned();
    let mut claims = json!({
        "iss": inner.issuer,
        "sub": account.as_ref().map(|account| account.subject.clone()),
        "aud": grant.client,
        "azp": grant.client,
        "iat": now,
        "exp": now + asking.profile.id_token_seconds,
        "auth_time": grant.auth_time,
        "acr": grant.acr,
        "amr": grant.amr(),
        "sid": grant.sid,
        "jti": random(12),
        "at_hash": half_hash(access),
        "tid": "acme",
        "hd": "acme.example",
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = json!(nonce);
    }
    if let Some(account) = account {
        claims["groups"] = json!(account.groups);
        if grant.has("email") {
            claims["email"] = json!(account.email);
            claims["email_verified"] = json!(account.email_verified);
        }
        if grant.has("profile") {
            claims["name"] = json!(account.display);
            claims["preferred_username"] = json!(account.name);
        }
    }
    match &asking.twist {
        Some(Fault::WrongIssuer) => claims["iss"] = json!("https://evil.example"),
        Some(Fault::WrongAudience) => claims["aud"] = json!("somebody-else"),
        Some(Fault::WrongNonce) => claims["nonce"] = json!(random(16)),
        Some(Fault::WrongSubject) => claims["sub"] = json!("00uSomebodyElse"),
        Some(Fault::Expired) => {
            claims["iat"] = json!(now - 7200);
            claims["exp"] = json!(now - 3600);
        }
        Some(Fault::TwoAudiences) => {
            claims["aud"] = json!([grant.client, "somebody-else"]);
            claims.as_object_mut().map(|claims| claims.remove("azp"));
        }
        _ => {}
    }
    inner.keys.lock().current().sign("JWT", &claims, asking.twist.as_ref())
}
