//! `route: interactive`: ordinary MCP authorization in the person's browser, only for servers that policy marks
//! so, and only by a person's act. A refused ID-JAG never leads here (MUST 40).

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use net::{Answer, Client, Reach, TokenRequest};
use secret::Secret;
use session::authorization::{Callback, Proofs, judge};
use session::redirect::{Arrival, Redirect, Verdict};
use tokio::sync::mpsc;
use url::Url;

use crate::cache::Entry;
use crate::classify::Who;
use crate::client_auth::client_auth;
use crate::config::Server;
use crate::discovery::Target;
use crate::error::{ExchangeError, Kind, Side};
use crate::mint::wanted;
use crate::redeem;

/// How long a person has.
pub(crate) const LIMIT: Duration = Duration::from_secs(300);

/// A prepared authorization: its address is for the browser, its end is awaited.
pub(crate) struct Authorization {
    pub(crate) address: String,
    server: Arc<Server>,
    target: Arc<Target>,
    scopes: Option<Vec<String>>,
    proofs: Proofs,
    redirect_uri: String,
    redirect: Redirect,
}

impl Authorization {
    /// Binds the listener and makes the address.
    pub(crate) async fn prepare(server: Arc<Server>, target: Arc<Target>) -> Result<Self, ExchangeError> {
        let misconfigured = |hint: &str| ExchangeError::new(Kind::Misconfigured, hint).by(Who::Policy);
        let client_id = server
            .client_id
            .clone()
            .ok_or_else(|| misconfigured("Policy names no clientId for this server, and Lanyard never registers by itself."))?;
        if client_id.starts_with("https://") && !target.takes_client_metadata {
            return Err(misconfigured(
                "The authorization server takes no client ID metadata documents; register a client there.",
            ));
        }
        let scopes = wanted(&server, &target, &[])?;
        let proofs = Proofs::new().map_err(|error| ExchangeError::new(Kind::Busy, error.to_string()))?;
        let redirect = Redirect::bind(&[], false)
            .await
            .map_err(|_| ExchangeError::new(Kind::Busy, "No port for the redirect is free.").after(10))?;
        let redirect_uri = redirect.uri();
        let address = address(&target, &client_id, &redirect_uri, scopes.as_deref(), &proofs)?;
        Ok(Self { address, server, target, scopes, proofs, redirect_uri, redirect })
    }

    /// Waits for the person and redeems the code.
    pub(crate) async fn finish(self, client: Client, max_life: jiff::SignedDuration, epoch: u64) -> Result<Entry, ExchangeError> {
        let (sender, mut arrivals) = mpsc::channel::<Arrival>(8);
        let Self { server, target, scopes, proofs, redirect_uri, redirect, .. } = self;
        let mut listener = tokio::task::JoinSet::new();
        listener.spawn(redirect.serve(sender));
        while let Some(arrival) = arrivals.recv().await {
            match judge(&arrival.query, &proofs.state, &target.issuer, target.sends_iss) {
                Callback::Stray => {
                    let _ = arrival.verdict.send(Verdict::Stray);
                }
                Callback::Refused { code, description } => {
                    let _ = arrival.verdict.send(Verdict::Failed);
                    let refused =
                        ExchangeError::new(Kind::ServerRefused, "The server's authorization server refused.").by(Who::App);
                    return Err(ExchangeError { theirs: Some(format!("{code} {description}").trim().to_owned()), ..refused });
                }
                Callback::Code(code) => {
                    let token = redeem_code(&client, &server, &target, &redirect_uri, &proofs.verifier, &code, max_life).await;
                    let _ = arrival.verdict.send(if token.is_ok() { Verdict::Done } else { Verdict::Failed });
                    return token.map(|token| entry(&target, scopes, token, epoch));
                }
            }
        }
        Err(ExchangeError::new(Kind::Interactive, ""))
    }
}

/// The browser is sent to the host of the authorization server alone (LI-41).
fn address(
    target: &Target,
    client_id: &str,
    redirect_uri: &str,
    scopes: Option<&[String]>,
    proofs: &Proofs,
) -> Result<String, ExchangeError> {
    let endpoint = target.authorization_endpoint.as_deref().unwrap_or_default();
    let same_host = net::host_of(endpoint).is_some_and(|host| Some(host) == net::host_of(&target.issuer));
    let same_scheme = endpoint.split(':').next() == target.issuer.split(':').next();
    let mut url = Url::parse(endpoint).ok().filter(|_| same_host && same_scheme).ok_or_else(|| {
        ExchangeError::new(Kind::Misconfigured, "The authorization server names no sign-in address on its own host.").by(Who::App)
    })?;
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", client_id)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("state", proofs.state.expose())
        .append_pair("code_challenge", &proofs.challenge())
        .append_pair("code_challenge_method", "S256")
        .append_pair("resource", &target.resource);
    if let Some(scopes) = scopes {
        url.query_pairs_mut().append_pair("scope", &scopes.join(" "));
    }
    Ok(url.into())
}

async fn redeem_code(
    client: &Client,
    server: &Server,
    target: &Target,
    redirect_uri: &str,
    verifier: &Secret,
    code: &Secret,
    max_life: jiff::SignedDuration,
) -> Result<redeem::Token, ExchangeError> {
    let auth = client_auth(server, target, None, false).ok_or_else(|| {
        ExchangeError::new(Kind::Misconfigured, "Policy gives a client authentication without its means.").by(Who::Policy)
    })?;
    let fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code.expose()),
        ("redirect_uri", redirect_uri),
        ("code_verifier", verifier.expose()),
        ("resource", target.resource.as_str()),
    ];
    let reach = Reach::of([server.url.as_str(), &target.issuer]);
    let request = TokenRequest { endpoint: &target.token_endpoint, auth: &auth, fields };
    match request.send(client, &reach, None).await.map_err(|error| ExchangeError::from_net(&error, Side::Server))? {
        Answer::Granted(reply) => redeem::read(&reply.body, &target.resource, max_life, Timestamp::now())
            .map_err(|error| ExchangeError::new(Kind::Misconfigured, format!("The token is not used: {error}.")).by(Who::App)),
        Answer::Refused(refusal) => {
            let refused =
                ExchangeError::new(Kind::ServerRefused, "The server's authorization server refused the code.").by(Who::App);
            Err(ExchangeError { theirs: Some(refusal.code), trace: refusal.trace, ..refused })
        }
        Answer::Throttled { retry_after } => Err(ExchangeError::new(Kind::Busy, "").after(retry_after.unwrap_or(60))),
        Answer::Unavailable { .. } => Err(ExchangeError::away(Side::Server)),
        Answer::Interference => Err(ExchangeError::interference(Side::Server)),
    }
}

fn entry(target: &Target, scopes: Option<Vec<String>>, token: redeem::Token, epoch: u64) -> Entry {
    let scope = token.scope.or_else(|| scopes.map(|scopes| scopes.join(" "))).unwrap_or_default();
    Entry {
        token: Arc::new(token.token),
        scope: scope.as_str().into(),
        resource: target.resource.as_str().into(),
        minted: Timestamp::now(),
        expires: token.expires,
        epoch,
        assertion: None,
        trace: None,
    }
}
