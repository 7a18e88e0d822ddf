//! The refresh grant (RFC 6749 §6, OIDC Core §12) and what its refusals mean.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use net::{Answer, Client, Refusal, TokenRequest};
use secret::Secret;

use crate::debug::crash_point;
use crate::desk::{Desk, Sealed};
use crate::grant::Grant;
use crate::id_token::{Claims, Expected};
use crate::idp::Known;
use crate::renewal::unit;
use crate::state::{Demand, Reason};
use crate::vault::{Opened, Record, VaultFault};
use crate::{Config, Fault, FaultKind};

/// How a refresh ended.
pub(crate) enum Refreshed {
    /// The session lives; a new identity where the IdP sent one. `unsealed` when the rotated token is only in memory.
    Alive { identity: Option<Box<(Secret, Claims)>>, unsealed: Option<Fault>, clock_offset: Option<i64> },
    /// Not now.
    Delayed { fault: Fault, wait: Duration },
    /// The IdP wants the person.
    Demanded { demand: Demand, fault: Fault },
    /// The session is over.
    Ended { reason: Reason, fault: Fault },
    /// The vault did not give the token.
    Vault(VaultFault),
    /// The session ended here while the answer was on its way; this token is to be revoked.
    TooLate(Record),
}

/// What a task needs to reach the IdP.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) client: Client,
    pub(crate) config: Arc<Config>,
    pub(crate) known: Arc<Known>,
    pub(crate) desk: Desk,
}

/// One refresh, from the vault and back into it. `failures` counts those before it, for the waits.
pub(crate) async fn refresh(line: &Line, failures: u32, clock_offset: Option<i64>) -> Refreshed {
    let (record, generation) = match line.desk.open(false).await {
        Some((Ok(Opened::Session(record)), _, generation)) => (record, generation),
        Some((Ok(_), ..)) => return ended(Reason::VaultDamaged, Fault::new(FaultKind::Internal)),
        Some((Err(fault), ..)) => return Refreshed::Vault(fault),
        None => return delayed(failures, Fault::new(FaultKind::Internal)),
    };
    let idp = match line.known.idp(&line.client, &line.config).await {
        Ok(idp) => idp,
        Err(fault) => return delayed(failures, fault),
    };
    let scope = scopes(&line.config);
    let mut answer;
    loop {
        let request = TokenRequest {
            endpoint: &idp.token_endpoint,
            auth: &idp.auth(),
            fields: vec![("grant_type", "refresh_token"), ("refresh_token", record.refresh_token.expose()), ("scope", &scope)],
        };
        answer = match request.send(&line.client, &idp.reach, Some(&idp.pace)).await {
            Ok(answer) => answer,
            Err(error) => return delayed(failures, Fault::from(&error)),
        };
        match &answer {
            Answer::Refused(refusal) if refusal.code == "invalid_client" && idp.try_other_audience() => {}
            _ => break,
        }
    }
    match answer {
        Answer::Granted(reply) => {
            crash_point("refresh-answered");
            let offset = reply.clock_offset();
            match Grant::read(&reply) {
                Ok(grant) => granted(line, record, generation, grant, offset, clock_offset).await,
                Err(fault) => delayed(failures.max(3), fault),
            }
        }
        Answer::Refused(refusal) => refused(&refusal, failures),
        Answer::Throttled { retry_after } => Refreshed::Delayed {
            fault: Fault::new(FaultKind::Throttled),
            wait: net::throttle_delay(failures, retry_after, unit()),
        },
        Answer::Unavailable { status, trace } => delayed(
            failures,
            Fault { trace, ..Fault::with(FaultKind::Unreachable, format!("the identity provider answered {status}")) },
        ),
        Answer::Interference => delayed(failures, Fault::new(FaultKind::Interference)),
    }
}

/// The rotated token is sealed before anything else of the answer is used (MUST 14).
async fn granted(
    line: &Line,
    record: Record,
    generation: u64,
    grant: Grant,
    offset: Option<i64>,
    known: Option<i64>,
) -> Refreshed {
    let subject = record.account.subject.clone();
    let mut unsealed = None;
    if let Some(rotated) = grant.refresh_token {
        let next = Record { refresh_token: rotated, account: record.account, since: record.since };
        match line.desk.seal(next, Some(generation)).await {
            Some((Sealed::Yes, _)) => {}
            Some((Sealed::TooLate(record), _)) => return Refreshed::TooLate(record),
            Some((Sealed::InMemory(fault), _)) => unsealed = Some(Fault::with(FaultKind::VaultStorage, fault.to_string())),
            None => unsealed = Some(Fault::new(FaultKind::Internal)),
        }
        crash_point("refresh-sealed");
    }
    let Some(id_token) = grant.id_token else {
        return Refreshed::Alive { identity: None, unsealed, clock_offset: offset };
    };
    let expected = Expected {
        issuer: &line.config.issuer,
        client_id: &line.config.client_id,
        access_token: grant.access_token.as_ref().map(Secret::expose),
        subject: Some(&subject),
        just_issued: true,
        ..Expected::default()
    };
    let now = clock(offset.or(known));
    match line.known.verify(&line.client, &line.config, id_token.expose(), &expected, now, false).await {
        Ok(claims) => Refreshed::Alive { identity: Some(Box::new((id_token, claims))), unsealed, clock_offset: offset },
        // An attack or a misconfiguration: discarded, and not asked for again soon.
        Err(fault) if !fault.is_passing() => delayed(3, fault),
        Err(fault) => delayed(0, fault),
    }
}

fn refused(refusal: &Refusal, failures: u32) -> Refreshed {
    let fault = Fault::refused(refusal);
    let text = refusal.description.to_ascii_lowercase();
    let wants_person = ["aadsts50076", "aadsts50079", "aadsts50158", "aadsts50074"].iter().any(|code| text.contains(code));
    match refusal.code.as_str() {
        "invalid_grant" if wants_person => Refreshed::Demanded { demand: Demand::Interaction, fault },
        // “invalid or expired” is what a reused token is told too.
        "invalid_grant" if text.contains("expired") && !text.contains("invalid") => ended(Reason::Expired, fault),
        "invalid_grant" => ended(Reason::Revoked, fault),
        "invalid_request" if text.contains("user account is not active") => ended(Reason::Revoked, fault),
        "insufficient_user_authentication" => Refreshed::Demanded {
            demand: Demand::StepUp { acr_values: refusal.acr_values.clone(), max_age: refusal.max_age },
            fault,
        },
        "interaction_required" | "login_required" | "consent_required" => {
            Refreshed::Demanded { demand: Demand::Interaction, fault }
        }
        // Nothing here says that the session is gone: a wrong key or setting is mended by an administrator.
        _ => delayed(failures.max(3), fault),
    }
}

fn delayed(failures: u32, fault: Fault) -> Refreshed {
    Refreshed::Delayed { wait: net::retry_delay(failures, unit()), fault }
}

fn ended(reason: Reason, fault: Fault) -> Refreshed {
    Refreshed::Ended { reason, fault }
}

fn scopes(config: &Config) -> String {
    let others = config.scopes.iter().map(String::as_str).filter(|scope| *scope != "openid");
    std::iter::once("openid").chain(others).collect::<Vec<_>>().join(" ")
}

/// Now, as the IdP sees it when its clock differs from ours by 30 s to 5 min; more than that is never believed.
pub(crate) fn clock(offset: Option<i64>) -> i64 {
    let believable = offset.filter(|offset| (31..=300).contains(&offset.abs())).unwrap_or(0);
    Timestamp::now().as_second() + believable
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(status: u16, code: &str, description: &str) -> String {
        let refusal = Refusal { status, code: code.into(), description: description.into(), ..Refusal::default() };
        match refused(&refusal, 0) {
            Refreshed::Ended { reason, .. } => format!("ended {reason:?}"),
            Refreshed::Demanded { demand, .. } => format!("demanded {demand:?}"),
            Refreshed::Delayed { wait, .. } => format!("delayed {}", if wait.as_secs() > 100 { "long" } else { "short" }),
            _ => "other".into(),
        }
    }

    #[test]
    fn refusals_of_the_refresh_grant_mean_what_the_field_says() {
        let table = [
            (400, "invalid_grant", "The refresh token is invalid or expired.", "ended Revoked"),
            (400, "invalid_grant", "The refresh token has expired", "ended Expired"),
            (400, "invalid_grant", "revoked", "ended Revoked"),
            (401, "invalid_grant", "", "ended Revoked"),
            (400, "invalid_grant", "AADSTS50076: multi-factor authentication", "demanded Interaction"),
            (400, "invalid_request", "The user account is not active", "ended Revoked"),
            (400, "interaction_required", "", "demanded Interaction"),
            (400, "insufficient_user_authentication", "", "demanded StepUp { acr_values: None, max_age: None }"),
            (401, "invalid_client", "", "delayed long"),
            (400, "unauthorized_client", "", "delayed long"),
            (400, "invalid_request", "", "delayed long"),
            (400, "invalid_scope", "", "delayed long"),
            (404, "", "", "delayed long"),
        ];
        for (status, code, description, expected) in table {
            assert_eq!(meaning(status, code, description), expected, "{code} {description}");
        }
    }

    #[test]
    fn only_believable_clock_offsets_move_the_clock() {
        let now = Timestamp::now().as_second();
        for (offset, moved) in [(None, 0), (Some(30), 0), (Some(31), 31), (Some(-300), -300), (Some(301), 0), (Some(600), 0)] {
            assert!((clock(offset) - now - moved).abs() <= 1, "{offset:?}");
        }
    }
}
