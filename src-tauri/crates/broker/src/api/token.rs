use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use hyper::body::Incoming;
use jiff::Timestamp;
use serde::Serialize;
use wire::{AuditEvent, Code, TokenRequest};
use zeroize::Zeroizing;

use super::reply::{self, Body};
use super::{Answer, Fault, Visit, body};
use crate::audit::Key;
use crate::peer::System;
use crate::{Ask, Served, admission};

/// No token is served for longer, so nobody can ask for more.
const LIFE_LIMIT: u64 = 86_400;
const SCOPE_LIMIT: usize = 64;

impl Visit<'_> {
    /// `POST /v1/servers/{id}/token`.
    pub(super) async fn token(&self, id: &str, parts: &Parts, body: Incoming) -> Answer {
        let mut scopes = Vec::new();
        match self.decide(id, parts, body, &mut scopes).await {
            Ok((served, now)) => Ok(self.serve(id, &served, now)),
            Err(fault) => {
                let fault_code = fault.code();
                self.api.audit.record(AuditEvent {
                    server: Some(id.to_owned()),
                    scopes,
                    outcome: "refused".to_owned(),
                    fault: Some(fault_code),
                    ..self.event("token-refused")
                });
                Err(fault)
            }
        }
    }

    async fn decide(
        &self,
        id: &str,
        parts: &Parts,
        body: Incoming,
        scopes: &mut Vec<String>,
    ) -> Result<(Served, Timestamp), Fault> {
        self.admit(&self.rules, id)?;
        let ask = ask(body::read(parts, body, self.api.limits.body).await?)?;
        if let Some(asked) = &ask.scopes {
            scopes.clone_from(asked);
        }
        let cached = self.api.tokens.cached(id, &ask).filter(|served| lives(served, &ask, Timestamp::now()));
        let served = match cached {
            Some(served) => served,
            None => {
                let served = self.within(self.api.tokens.token(id, &ask)).await?;
                // Policy may have changed while we waited; the decision is made for what is so now (LI-27).
                self.admit(&self.api.agent.rules(), id)?;
                served
            }
        };
        let now = Timestamp::now();
        if !lives(&served, &ask, now) {
            // LI-23: a life that was asked for, or a fault.
            let code = if ask.min_ttl.is_some() { Code::BadRequest } else { Code::Internal };
            return Err(Fault::Own(code, "No token lives that long.", None));
        }
        // LI-13
        if !self.caller.peer.is_there(&System) {
            return Err(Fault::Own(Code::ClientNotAllowed, "The program that connected is gone.", None));
        }
        Ok((served, now))
    }

    fn admit(&self, rules: &crate::Rules, id: &str) -> Result<(), Fault> {
        let rule = admission::server(rules, id, self.program())?;
        if !admission::gives_token(rules, rule) {
            return Err(Fault::Own(Code::DoorClosed, "The token of this server is not given out.", None));
        }
        Ok(())
    }

    fn serve(&self, id: &str, served: &Served, now: Timestamp) -> Response<Body> {
        let left = left(served, now);
        let event = || AuditEvent {
            server: Some(id.to_owned()),
            scopes: served.scope.split_ascii_whitespace().map(str::to_owned).collect(),
            assertion: served.minted.as_ref().and_then(|minted| minted.assertion.clone()),
            trace: served.minted.as_ref().and_then(|minted| minted.trace.clone()),
            token_life: Some(left),
            ..self.event("token-served")
        };
        if served.minted.is_some() {
            self.api.audit.record(event());
        } else {
            let door = self.caller.door.name();
            let key = Key { event: "token-served", door, client: self.name.clone(), server: Some(id.to_owned()) };
            self.api.audit.repeated(key, event);
        }
        if let Some(name) = &self.name {
            self.api.used.note(name, id, now);
        }
        reply::written(text(served, left))
    }
}

/// The reply: the access token for that server, its end, and nothing that could hold another secret (LI-22).
#[derive(Serialize)]
struct Reply<'s> {
    access_token: &'s str,
    token_type: &'static str,
    expires_in: u64,
    expires_at: i64,
    scope: &'s str,
    resource: &'s str,
}

/// The reply's text, in a buffer that never grows (which would leave copies behind) and is wiped when it was sent.
fn text(served: &Served, expires_in: u64) -> Bytes {
    let reply = Reply {
        access_token: served.token.expose(),
        token_type: "Bearer",
        expires_in,
        expires_at: served.expires_at.as_second(),
        scope: &served.scope,
        resource: &served.resource,
    };
    let room = 2 * (reply.access_token.len() + reply.scope.len() + reply.resource.len()) + 192;
    let mut text = Zeroizing::new(Vec::with_capacity(room));
    // Writing texts and numbers to memory does not fail.
    let _written = serde_json::to_writer(&mut *text, &reply);
    Bytes::from_owner(text)
}

fn left(served: &Served, now: Timestamp) -> u64 {
    u64::try_from(served.expires_at.duration_since(now).as_secs()).unwrap_or(0)
}

/// Whether a token still has the life that was asked for (LI-23); any token must have some.
fn lives(served: &Served, ask: &Ask, now: Timestamp) -> bool {
    let wanted = ask.min_ttl.map_or(0, |ttl| ttl.as_secs()).max(1);
    left(served, now) >= wanted
}

/// What a request asks for; scopes are as RFC 6749 §3.3 writes them.
fn ask(request: TokenRequest) -> Result<Ask, Fault> {
    let wrong = |words| Err(Fault::Own(Code::BadRequest, words, None));
    let scopes: Option<Vec<String>> =
        request.scope.map(|scope| scope.split(' ').filter(|s| !s.is_empty()).map(str::to_owned).collect());
    let scopes = scopes.filter(|scopes| !scopes.is_empty());
    if let Some(scopes) = &scopes {
        let plain = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if scopes.len() > SCOPE_LIMIT || !scopes.iter().all(|scope| scope.len() <= 256 && scope.bytes().all(plain)) {
            return wrong("The scopes are not ones that a server can have.");
        }
    }
    if request.min_ttl.is_some_and(|ttl| ttl > LIFE_LIMIT) {
        return wrong("No token lives that long.");
    }
    Ok(Ask { scopes, min_ttl: request.min_ttl.map(Duration::from_secs) })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use secret::Secret;

    use super::*;

    fn served(seconds: i64) -> Served {
        Served {
            token: Arc::new(Secret::from("a\"b\\c")),
            expires_at: Timestamp::from_second(seconds).unwrap(),
            scope: "read write".into(),
            resource: "https://wiki.example/mcp".into(),
            epoch: 1,
            minted: None,
        }
    }

    #[test]
    fn the_reply_is_the_contracts() {
        let text = text(&served(1_000), 300);
        assert_eq!(
            std::str::from_utf8(&text).unwrap(),
            r#"{"access_token":"a\"b\\c","token_type":"Bearer","expires_in":300,"expires_at":1000,"scope":"read write","resource":"https://wiki.example/mcp"}"#
        );
    }

    #[test]
    fn scopes_are_read_as_oauth_writes_them() {
        let asked = |scope: &str| ask(TokenRequest { scope: Some(scope.into()), min_ttl: None }).map(|ask| ask.scopes).ok();
        assert_eq!(asked("a b:c"), Some(Some(vec!["a".into(), "b:c".into()])));
        assert_eq!((asked(""), asked("  ")), (Some(None), Some(None)));
        for scope in ["a\"b", "a\\b", "é", "a\tb", &"x ".repeat(65), &"x".repeat(257)] {
            assert_eq!(asked(scope), None, "{scope}");
        }
        assert!(ask(TokenRequest { scope: None, min_ttl: Some(86_401) }).is_err());
    }

    proptest! {
        /// LI-23, LI-27
        #[test]
        fn what_is_served_lives_as_long_as_asked(end in -100_i64..1_000, now in 0_i64..1_000, ttl in proptest::option::of(0_u64..1_000)) {
            let ask = Ask { scopes: None, min_ttl: ttl.map(Duration::from_secs) };
            let (served, now) = (served(end), Timestamp::from_second(now).unwrap());
            if lives(&served, &ask, now) {
                prop_assert!(end - now.as_second() >= i64::try_from(ttl.unwrap_or(0).max(1)).unwrap());
            }
        }
    }
}
