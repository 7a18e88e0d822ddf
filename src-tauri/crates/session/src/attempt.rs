//! One browser attempt: listener, redirect, redemption. It ends in tokens or in a fault, never in between.

use std::sync::Arc;

use net::{Answer, TokenRequest};
use secret::Secret;
use tokio::sync::{mpsc, oneshot};

use crate::authorization::{Callback, Proofs, judge};
use crate::discovery::Metadata;
use crate::grant::Grant;
use crate::id_token::{Claims, Expected};
use crate::redirect::{Arrival, Redirect, Verdict};
use crate::refresh::{Line, clock};
use crate::sign_in::{Strength, authorization_url};
use crate::{Fault, FaultKind, admitted};

/// What a sign-in brought.
pub(crate) struct Arrived {
    pub(crate) id_token: Secret,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) claims: Claims,
    pub(crate) clock_offset: Option<i64>,
    /// Where the browser waits for the verdict, if it came by the listener.
    pub(crate) verdict: Option<oneshot::Sender<Verdict>>,
}

/// Prepares the attempt, tells its address through `ready`, and waits for the redirect. The caller limits its time.
pub(crate) async fn run(
    line: Line,
    strength: Strength,
    ready: oneshot::Sender<Result<String, Fault>>,
    mut pasted: mpsc::Receiver<Arrival>,
    clock_offset: Option<i64>,
) -> Result<Arrived, Fault> {
    let prepared = prepare(&line, &strength).await;
    let mut attempt = match prepared {
        Ok((attempt, url)) => {
            let _ = ready.send(Ok(url));
            attempt
        }
        Err(fault) => {
            let _ = ready.send(Err(fault.clone()));
            return Err(fault);
        }
    };
    loop {
        let arrival = tokio::select! {
            Some(arrival) = attempt.arrivals.recv() => arrival,
            Some(arrival) = pasted.recv() => arrival,
            else => return Err(Fault::new(FaultKind::Internal)),
        };
        match judge(
            &arrival.query,
            &attempt.proofs.state,
            &attempt.metadata.issuer,
            attempt.metadata.authorization_response_iss_parameter_supported,
        ) {
            Callback::Stray => {
                tracing::warn!("a redirect did not belong to the sign-in and was ignored");
                let _ = arrival.verdict.send(Verdict::Stray);
            }
            Callback::Refused { code, .. } if attempt.may_ask_without_offline(&code) => {
                attempt.offline = false;
                let again = attempt.address(&line, &strength)?;
                let _ = arrival.verdict.send(Verdict::Again(again));
            }
            Callback::Refused { code, description } => {
                let _ = arrival.verdict.send(Verdict::Failed);
                return Err(Fault::with(FaultKind::Refused, format!("{code} {description}").trim().to_owned()));
            }
            Callback::Code(code) => {
                return match redeem(&line, &attempt, &strength, code, clock_offset).await {
                    Ok(arrived) => Ok(Arrived { verdict: Some(arrival.verdict), ..arrived }),
                    Err(fault) => {
                        let _ = arrival.verdict.send(Verdict::Failed);
                        Err(fault)
                    }
                };
            }
        }
    }
}

struct Prepared {
    metadata: Arc<Metadata>,
    proofs: Proofs,
    redirect_uri: String,
    arrivals: mpsc::Receiver<Arrival>,
    offline: bool,
    // Dropping the attempt closes its listener.
    _listener: tokio::task::JoinSet<()>,
}

impl Prepared {
    fn may_ask_without_offline(&self, code: &str) -> bool {
        self.offline && matches!(code, "invalid_scope" | "unauthorized_client")
    }

    fn address(&self, line: &Line, strength: &Strength) -> Result<String, Fault> {
        authorization_url(&line.config, &self.metadata, &self.redirect_uri, &self.proofs, strength, self.offline)
            .map(String::from)
    }
}

async fn prepare(line: &Line, strength: &Strength) -> Result<(Prepared, String), Fault> {
    let metadata = line.known.metadata(&line.client, &line.config).await?;
    let proofs = Proofs::new().map_err(|error| Fault::with(FaultKind::Internal, error.to_string()))?;
    let redirect = Redirect::bind(&line.config.redirect_ports, line.config.redirect_localhost)
        .await
        .map_err(|_| Fault::new(FaultKind::NoPort))?;
    let redirect_uri = redirect.uri();
    let (sender, arrivals) = mpsc::channel(8);
    let mut listener = tokio::task::JoinSet::new();
    listener.spawn(redirect.serve(sender));
    let prepared = Prepared { metadata, proofs, redirect_uri, arrivals, offline: true, _listener: listener };
    let url = prepared.address(line, strength)?;
    Ok((prepared, url))
}

async fn redeem(
    line: &Line,
    attempt: &Prepared,
    strength: &Strength,
    code: Secret,
    known: Option<i64>,
) -> Result<Arrived, Fault> {
    let idp = line.known.idp(&line.client, &line.config).await?;
    let reply = loop {
        let request = TokenRequest {
            endpoint: &idp.token_endpoint,
            auth: &idp.auth(),
            fields: vec![
                ("grant_type", "authorization_code"),
                ("code", code.expose()),
                ("redirect_uri", &attempt.redirect_uri),
                ("code_verifier", attempt.proofs.verifier.expose()),
            ],
        };
        match request.send(&line.client, &idp.reach, Some(&idp.pace)).await.map_err(|error| Fault::from(&error))? {
            Answer::Granted(reply) => break reply,
            Answer::Refused(refusal) if refusal.code == "invalid_client" && idp.try_other_audience() => {}
            Answer::Refused(refusal) => return Err(Fault::refused(&refusal)),
            Answer::Throttled { .. } => return Err(Fault::new(FaultKind::Throttled)),
            Answer::Unavailable { status, .. } => {
                return Err(Fault::with(FaultKind::Unreachable, format!("the identity provider answered {status}")));
            }
            Answer::Interference => return Err(Fault::new(FaultKind::Interference)),
        }
    };
    let clock_offset = reply.clock_offset();
    let grant = Grant::read(&reply)?;
    let id_token = grant.id_token.ok_or_else(|| Fault::with(FaultKind::Unbelievable, "the token answer holds no ID token"))?;
    let expected = Expected {
        issuer: &line.config.issuer,
        client_id: &line.config.client_id,
        nonce: Some(attempt.proofs.nonce.expose()),
        access_token: grant.access_token.as_ref().map(Secret::expose),
        max_age: strength.max_age.and_then(|age| i64::try_from(age).ok()),
        acr_values: strength.acr_values.as_deref().filter(|_| strength != &Strength::of(None, &line.config)),
        algorithms: &attempt.metadata.id_token_signing_alg_values_supported,
        just_issued: true,
        ..Expected::default()
    };
    let now = clock(clock_offset.or(known));
    let claims = line.known.verify(&line.client, &line.config, id_token.expose(), &expected, now, true).await?;
    if !admitted(&line.config.allowed_accounts, &claims) {
        if let Some(token) = &grant.refresh_token {
            crate::sign_out::revoke(line, token).await;
        }
        return Err(Fault::new(FaultKind::AccountNotAllowed));
    }
    Ok(Arrived { id_token, refresh_token: grant.refresh_token, claims, clock_offset, verdict: None })
}
