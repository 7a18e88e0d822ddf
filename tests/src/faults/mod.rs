//! Faults on demand: at which leg, which one, how often.

pub(crate) mod serve;
pub(crate) mod spell;

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::held::Held;

/// A place where a fault can stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Leg {
    /// The IdP's discovery document.
    IdpMetadata,
    /// The IdP's key set.
    IdpJwks,
    /// The IdP's authorization endpoint.
    IdpAuthorize,
    /// The IdP's token endpoint, whatever the grant.
    IdpToken,
    /// Redemption of a code at the IdP.
    IdpCode,
    /// The refresh grant at the IdP.
    IdpRefresh,
    /// Token exchange at the IdP.
    IdpExchange,
    /// Revocation at the IdP.
    IdpRevoke,
    /// Metadata of a resource AS, by its name.
    AsMetadata(&'static str),
    /// The token endpoint of a resource AS.
    AsToken(&'static str),
    /// Protected resource metadata of a server, by its id.
    Prm(&'static str),
    /// The MCP endpoint of a server.
    Mcp(&'static str),
}

/// What goes wrong. The first group spoils any HTTP answer; the others mean something at certain legs only and
/// are ignored elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Waits, then does the work.
    Slow(Duration),
    /// Does the work, then waits before it answers.
    Late(Duration),
    /// Does the work and closes the connection in the middle of the answer.
    Cut,
    /// Answers with this status and an empty body.
    Status(u16),
    /// Answers 200 with a captive portal's page.
    Html,
    /// Redirects to an address, with 307 so that a careless client repeats its POST there.
    Redirect(String),
    /// Answers 200 with 64 MiB of JSON.
    HugeBody,
    /// Answers 200 with something that is not quite JSON.
    BadJson,
    /// Answers 429 with `invalid_grant`, as Okta does, and `Retry-After` where given (seconds).
    Throttled {
        /// Seconds.
        retry_after: Option<u64>,
    },
    /// Answers with an OAuth error.
    Error {
        /// HTTP status.
        status: u16,
        /// OAuth error code.
        code: String,
        /// `error_description`.
        description: String,
    },
    /// Answers 200 with `{"ok":false,"error":...}`.
    OkFalse(String),
    /// The party's clock is off by so many minutes: `Date`, `iat` and `exp` follow it.
    ClockOff(i64),

    /// A foreign issuer: in metadata, in the ID token, in the assertion; in resource metadata another server's AS.
    WrongIssuer,
    /// What is issued has expired already; a resource AS says so of the assertion.
    Expired,
    /// The same assertion as the last time; a resource AS says that it was used.
    Replayed,
    /// Two audiences in the assertion; in the ID token a second audience and no `azp`.
    TwoAudiences,
    /// Addressed to somebody else.
    WrongAudience,
    /// An ID token with another nonce.
    WrongNonce,
    /// An ID token about somebody else.
    WrongSubject,
    /// An answer without ID token.
    NoIdToken,
    /// `alg: none`.
    AlgNone,
    /// HMAC with the public key.
    Hs256,
    /// A key id that is not published.
    UnknownKid,
    /// Signed with a key that nobody knows.
    BadSignature,
    /// Five parts, as an encrypted token has.
    Jwe,
    /// The header's `typ` is plain `JWT`.
    WrongType,
    /// The assertion names another client.
    WrongClient,
    /// The assertion, or the resource metadata, names another resource of the same origin.
    WrongResource,
    /// The resource metadata names a resource of another origin.
    CrossOrigin,
    /// The assertion lives for a day.
    LongLife,
    /// `issued_token_type` is an access token; at a resource AS `token_type` is `mac`.
    WrongTokenType,
    /// No `expires_in`.
    NoExpiry,
    /// A refresh token comes along where none should.
    Bonus,
    /// The server refuses every token with 401.
    Unauthorized,
    /// The server's 401 points at resource metadata of another origin.
    ForeignMetadata,
    /// The server wants a stronger sign-in (RFC 9470): this `acr`.
    StepUp(String),
    /// The server wants these scopes besides: 403 `insufficient_scope`.
    MoreScope(String),
}

impl Fault {
    pub(crate) fn shift(fault: Option<&Self>) -> i64 {
        match fault {
            Some(Self::ClockOff(minutes)) => minutes * 60,
            _ => 0,
        }
    }
}

/// How often a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Times {
    /// The next request only.
    #[default]
    Once,
    /// Until cleared.
    Always,
    /// The next so many requests.
    N(usize),
}

#[derive(Debug)]
struct Armed {
    leg: Leg,
    fault: Fault,
    left: Option<usize>,
}

/// The faults of a whole world; the one armed first at a leg strikes first.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Held<Vec<Armed>>>);

/// A fault that waits, as pages and the API show it.
#[derive(Clone, Debug, Serialize)]
pub struct Waiting {
    /// The leg, in the spelling that [`Leg`] parses.
    pub leg: String,
    /// The fault, likewise.
    pub fault: String,
    /// How often still; `None` is for ever.
    pub left: Option<usize>,
}

impl Faults {
    /// Arms a fault.
    pub fn set(&self, leg: Leg, fault: Fault, times: Times) {
        let left = match times {
            Times::Once => Some(1),
            Times::N(count) => Some(count),
            Times::Always => None,
        };
        self.0.lock().push(Armed { leg, fault, left });
    }

    /// Disarms everything.
    pub fn clear(&self) {
        self.0.lock().clear();
    }

    /// What waits.
    pub fn waiting(&self) -> Vec<Waiting> {
        let armed = self.0.lock();
        armed.iter().map(|one| Waiting { leg: one.leg.to_string(), fault: one.fault.to_string(), left: one.left }).collect()
    }

    fn take(&self, leg: Leg) -> Option<Fault> {
        let mut armed = self.0.lock();
        let index = armed.iter().position(|one| one.leg == leg && one.left != Some(0))?;
        let fault = armed[index].fault.clone();
        if let Some(left) = &mut armed[index].left {
            *left -= 1;
            if *left == 0 {
                armed.remove(index);
            }
        }
        Some(fault)
    }
}
