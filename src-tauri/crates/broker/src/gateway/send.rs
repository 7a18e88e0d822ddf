//! One request to a server with its token, and what a refused token leads to.

use std::time::Duration;

use bytes::Bytes;
use exchange::{Refusal, Tried};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, Method};
use jiff::Timestamp;
use net::{Forward, Forwarded, NetError};
use wire::Code;

use super::headers;
use crate::api::{Fault, Visit};
use crate::{Ask, Rules, Served, ServerRule};

/// How long a server may think before the head of its answer: a tool may take minutes.
const THINKING: Duration = Duration::from_secs(900);

/// A request as it goes on.
pub(super) struct Call<'c> {
    pub(super) id: &'c str,
    pub(super) method: Method,
    pub(super) headers: &'c HeaderMap,
    pub(super) body: Bytes,
    /// Whether the answer is looked into.
    pub(super) plain: bool,
}

impl Visit<'_> {
    /// Sends a request. It is sent again only where the server refused the token, which it does before it acts.
    pub(super) async fn send(
        &self,
        rules: &Rules,
        rule: &ServerRule,
        call: Call<'_>,
    ) -> Result<(Forwarded, Option<Served>), Fault> {
        let (mut ask, mut tried) = (Ask::default(), Tried::default());
        loop {
            let served = match rule.authorized {
                true => Some(self.obtain(call.id, &ask).await?),
                false => None,
            };
            let token = served.as_ref().map(|served| &*served.token);
            let forward = Forward {
                method: call.method.clone(),
                url: &rule.url,
                headers: headers::onward(call.headers, token, call.plain),
                body: call.body.clone(),
                limit: THINKING,
            };
            let answer = rules.client.forward(forward, &rule.reach).await.map_err(|error| away(&error))?;
            match (answer.status.as_u16(), &served) {
                (300..=399, _) => {
                    return Err(Fault::Own(
                        Code::ServerMisconfigured,
                        "The server's address leads elsewhere: it answered with a redirect.",
                        None,
                    ));
                }
                (status @ (401 | 403), Some(served)) => {
                    let challenge =
                        answer.headers.get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok()).unwrap_or_default();
                    let refusal = Refusal { status, challenge, scope: &served.scope, tried };
                    ask = self.within(self.api.tokens.answered(call.id, served, refusal)).await?;
                    tried.wider += u32::from(ask.scopes.is_some());
                    tried.fresh |= ask.scopes.is_none();
                }
                (401 | 403, None) => {
                    return Err(Fault::Own(
                        Code::ServerRefused,
                        "The server wants a sign-in, although policy says that it needs none.",
                        None,
                    ));
                }
                _ => return Ok((answer, served)),
            }
        }
    }

    async fn obtain(&self, id: &str, ask: &Ask) -> Result<Served, Fault> {
        let now = Timestamp::now();
        match self.api.tokens.cached(id, ask).filter(|served| served.expires_at > now) {
            Some(served) => Ok(served),
            None => self.within(self.api.tokens.token(id, ask)).await,
        }
    }
}

/// A server that was not reached; whether it got the request is not known, so it is not sent again.
fn away(error: &NetError) -> Fault {
    match error {
        NetError::Untrusted { .. } => Fault::Own(
            Code::ServerMisconfigured,
            "This computer does not trust the server's certificate; a company root may be missing.",
            None,
        ),
        NetError::Address(_) => {
            Fault::Own(Code::ServerMisconfigured, "The server's address is not one that may be called.", None)
        }
        NetError::Settings(_) => Fault::Own(Code::ServerMisconfigured, "The network settings of policy cannot be used.", None),
        NetError::TimedOut { .. } => Fault::Own(Code::ServerUnreachable, "It did not answer in time.", Some(5)),
        _ => Fault::Own(Code::ServerUnreachable, "", Some(5)),
    }
}
