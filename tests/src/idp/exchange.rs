//! Token exchange: a sign-in becomes an assertion for one server (RFC 8693, ID-JAG).

use serde_json::{Value, json};

use super::accounts::{Account, Grant, STRONG, Target};
use super::token::Asking;
use crate::audit::Event;
use crate::client::Proof;
use crate::faults::Fault;
use crate::form::words;
use crate::keys::{only, peek, random, verify};
use crate::profile::{Denial, Subjects};
use crate::refusal::Refusal;

pub(super) const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub(super) const ID_JAG: &str = "urn:ietf:params:oauth:token-type:id-jag";
const OLD_ID_JAG: &str = "urn:ietf:params:oauth:token-type:id_jag";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const REFRESH_TOKEN: &str = "urn:ietf:params:oauth:token-type:refresh_token";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

pub(super) fn exchange(asking: &Asking<'_>, event: &mut Event) -> Result<Value, Refusal> {
    let (inner, form) = (asking.inner, asking.form);
    let kind = if asking.profile.old_token_type { OLD_ID_JAG } else { ID_JAG };
    if form.need("requested_token_type")? != kind {
        return Err(Refusal::request("The 'requested_token_type' is not supported."));
    }
    if asking.profile.confidential_only && matches!(asking.client.proof, Proof::None) {
        return Err(Refusal::new("unauthorized_client", "Public clients may not exchange tokens."));
    }
    let grant = subject(asking)?;
    event.user.clone_from(&grant.user);
    let target = target(asking)?;
    event.server.clone_from(&target.server);

    let memory = inner.memory.lock();
    let account = memory.accounts.get(&grant.user).filter(|account| account.active).cloned();
    let alive = memory.alive(&grant.sid);
    let allowed = memory.allowed(&grant.user, &target.server);
    drop(memory);
    let Some(account) = account else {
        let code = if asking.profile.gone_is_invalid_grant { "invalid_grant" } else { "invalid_request" };
        return Err(Refusal::new(code, "The user account is not active."));
    };
    if !alive {
        return Err(Refusal::grant("The subject token is invalid: its session was terminated."));
    }
    let Some(allowed) = allowed else { return Err(denied(asking, &target)) };
    strong_enough(asking, &grant, &target)?;
    let scopes = scopes(asking, &allowed)?;
    event.scopes = scopes.join(" ");

    let (assertion, jti) = assertion(asking, &grant, &account, &target, &scopes);
    event.jti = jti;
    let mut body = json!({
        "issued_token_type": kind,
        "access_token": assertion,
        "token_type": "N_A",
        "scope": scopes.join(" "),
        "expires_in": asking.profile.assertion_seconds,
    });
    match &asking.twist {
        Some(Fault::WrongTokenType) => body["issued_token_type"] = json!(ACCESS_TOKEN),
        Some(Fault::NoExpiry) => body["expires_in"] = Value::Null,
        Some(Fault::Bonus) => body["refresh_token"] = json!(format!("rt_{}", random(24))),
        _ => {}
    }
    if body["expires_in"].is_null() {
        body.as_object_mut().map(|body| body.remove("expires_in"));
    }
    Ok(body)
}

/// The sign-in behind the subject token, which must have been issued to the client that asks.
fn subject(asking: &Asking<'_>) -> Result<Grant, Refusal> {
    let (inner, form) = (asking.inner, asking.form);
    let token = form.need("subject_token")?;
    let kind = form.need("subject_token_type")?;
    let taken = match asking.profile.subjects {
        Subjects::Both => [ID_TOKEN, REFRESH_TOKEN].contains(&kind),
        Subjects::IdToken => kind == ID_TOKEN,
        Subjects::RefreshToken => kind == REFRESH_TOKEN,
    };
    if !taken {
        return Err(Refusal::request("The 'subject_token_type' is not supported."));
    }
    let foreign = || Refusal::grant("The subject token must be issued to the client that exchanges it.");
    if kind == REFRESH_TOKEN {
        let found = inner.memory.lock().family(token);
        let dead = || Refusal::grant("The refresh token is invalid or expired.");
        let (_, family, spent) = found.ok_or_else(dead)?;
        if family.grant.client != asking.client.id {
            return Err(foreign());
        }
        if !inner.memory.lock().active(&family.grant.user) {
            return Ok(family.grant);
        }
        return if spent || !family.alive { Err(dead()) } else { Ok(family.grant) };
    }
    let keys = inner.keys.lock().published();
    let (_, claims) = verify(token, &keys).ok_or_else(|| Refusal::request("The 'subject_token' is invalid."))?;
    if claims["iss"] != inner.issuer.as_str() {
        return Err(Refusal::request("The 'subject_token' has another issuer."));
    }
    if !only(&claims["aud"], &asking.client.id) {
        return Err(foreign());
    }
    if claims["exp"].as_i64().unwrap_or(0) <= asking.now {
        return Err(Refusal::grant("The subject token has expired."));
    }
    let text = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
    let account = inner.memory.lock().accounts.values().find(|account| account.subject == text("sub")).cloned();
    let account = account.ok_or_else(|| Refusal::request("The 'subject_token' is about nobody here."))?;
    let mut scopes = vec!["openid".to_owned()];
    scopes.extend(claims["email"].is_string().then(|| "email".to_owned()));
    Ok(Grant {
        user: account.name,
        client: asking.client.id.clone(),
        sid: text("sid"),
        scopes,
        auth_time: claims["auth_time"].as_i64().unwrap_or(0),
        acr: text("acr"),
    })
}

/// `audience` names exactly one resource AS, `resource` one of its servers.
fn target(asking: &Asking<'_>) -> Result<Target, Refusal> {
    let (audience, resource) = (asking.form.need("audience")?, asking.form.need("resource")?);
    let memory = asking.inner.memory.lock();
    let known = |target: &&Target| target.audiences.iter().any(|name| name == audience);
    if !memory.targets.iter().any(|target| known(&target)) {
        let text = "The 'audience' is not the issuer of a registered resource application.";
        return Err(Refusal::new("invalid_target", text));
    }
    let found = memory.targets.iter().filter(known).find(|target| target.resource == resource);
    found.cloned().ok_or_else(|| Refusal::new("invalid_target", "The 'resource' is not supported by this connection."))
}

fn denied(asking: &Asking<'_>, target: &Target) -> Refusal {
    match asking.profile.denial {
        Denial::AccessDenied => Refusal::new("access_denied", format!("The user is not assigned to {}.", target.server)),
        Denial::InvalidTarget => {
            let text = "The requested resource is not completely configured or user is not assigned to the resource app.";
            Refusal::new("invalid_target", text)
        }
    }
}

/// RFC 9470 §3, in the form that the draft gives it at this endpoint.
fn strong_enough(asking: &Asking<'_>, grant: &Grant, target: &Target) -> Result<(), Refusal> {
    let weak = target.acr.as_deref() == Some(STRONG) && grant.acr != STRONG;
    let old = target.max_age.is_some_and(|limit| asking.now - grant.auth_time > limit);
    if !weak && !old {
        return Ok(());
    }
    let mut refusal = Refusal::new("insufficient_user_authentication", "A stronger or more recent sign-in is needed.");
    if let Some(acr) = &target.acr {
        refusal = refusal.with("acr_values", json!(acr));
    }
    if let Some(limit) = target.max_age {
        refusal = refusal.with("max_age", json!(limit));
    }
    Err(refusal)
}

/// What is granted of the scopes asked for.
fn scopes(asking: &Asking<'_>, allowed: &[String]) -> Result<Vec<String>, Refusal> {
    let wanted = asking.form.value("scope").map(words);
    if asking.profile.strict_scopes {
        let wanted = wanted.ok_or_else(|| Refusal::new("invalid_scope", "At least one custom scope is required."))?;
        return match wanted.iter().find(|scope| !allowed.contains(scope)) {
            Some(scope) => Err(Refusal::new("invalid_scope", format!("The scope '{scope}' is not allowed for this connection."))),
            None => Ok(wanted),
        };
    }
    let granted = match wanted {
        None => allowed.to_vec(),
        Some(wanted) => wanted.into_iter().filter(|scope| allowed.contains(scope)).collect(),
    };
    if granted.is_empty() {
        return Err(Refusal::new("access_denied", "All requested scopes were rejected by policy."));
    }
    Ok(granted)
}

/// ID-JAG §3: typ `oauth-id-jag+jwt`, one audience, five minutes.
fn assertion(asking: &Asking<'_>, grant: &Grant, account: &Account, target: &Target, scopes: &[String]) -> (String, String) {
    let (inner, now) = (asking.inner, asking.now);
    let jti = format!("IDAAG.{}", random(15));
    let mut claims = json!({
        "iss": inner.issuer,
        "sub": account.subject,
        "aud": asking.form.value("audience"),
        "client_id": target.client,
        "resource": target.resource,
        "scope": scopes.join(" "),
        "jti": jti,
        "iat": now,
        "exp": now + asking.profile.assertion_seconds,
        "auth_time": grant.auth_time,
        "acr": grant.acr,
        "amr": grant.amr(),
        "tenant": "acme",
        "groups": account.groups,
    });
    if grant.has("email") {
        claims["email"] = json!(account.email);
    }
    if asking.profile.actor {
        claims["sub_profile"] = json!("user");
        claims["act"] = json!({"sub": format!("wlp{}", asking.client.id), "sub_profile": "ai_agent"});
    }
    match &asking.twist {
        Some(Fault::WrongIssuer) => claims["iss"] = json!("https://evil.example"),
        Some(Fault::WrongAudience) => claims["aud"] = json!("https://evil.example"),
        Some(Fault::TwoAudiences) => claims["aud"] = json!([claims["aud"], "https://evil.example"]),
        Some(Fault::WrongClient) => claims["client_id"] = json!("somebody-else"),
        Some(Fault::WrongResource) => claims["resource"] = json!(format!("{}/other", target.resource)),
        Some(Fault::WrongSubject) => claims["sub"] = json!("00uSomebodyElse"),
        Some(Fault::LongLife) => claims["exp"] = json!(now + 86400),
        Some(Fault::Expired) => {
            claims["iat"] = json!(now - 600);
            claims["exp"] = json!(now - 300);
        }
        _ => {}
    }
    let mut memory = inner.memory.lock();
    if asking.twist == Some(Fault::Replayed)
        && let Some(last) = memory.last.get(&target.resource)
    {
        let jti = peek(last).and_then(|claims| claims["jti"].as_str().map(str::to_owned));
        return (last.clone(), jti.unwrap_or_default());
    }
    let signed = inner.keys.lock().current().sign("oauth-id-jag+jwt", &claims, asking.twist.as_ref());
    memory.last.insert(target.resource.clone(), signed.clone());
    (signed, jti)
}
