use std::sync::Arc;

use jiff::Timestamp;
use secret::Secret;

use super::{Answer, Driver, Identity};
use crate::attempt::Arrived;
use crate::desk::Sealed;
use crate::id_token::Claims;
use crate::redirect::Verdict;
use crate::refresh::Refreshed;
use crate::state::{Closed, Event};
use crate::vault::{Kind, Opened, Record, VaultFault};
use crate::{Account, Fault, FaultKind, SignInError, VaultState};

impl Driver {
    pub(super) async fn answer(&mut self, answer: Answer) {
        match answer {
            Answer::VaultOpened(opened, kind) => self.vault_opened(opened, kind),
            Answer::AttemptReady { attempt, url } => self.attempt_ready(attempt, url),
            Answer::AttemptEnded { attempt, outcome } => match *outcome {
                Ok(arrived) => self.arrived(attempt, arrived),
                Err(fault) => self.fail_attempt(attempt, fault),
            },
            Answer::Sealed { attempt, arrived, unsealed, kind } => self.signed_in(attempt, *arrived, unsealed, kind),
            Answer::Refreshed { flight, outcome } => self.refreshed(flight, *outcome),
            Answer::Flushed(fault) => {
                self.unsealed = fault.is_some();
                if self.fault.as_ref().is_some_and(|held| held.kind == FaultKind::VaultStorage) {
                    self.fault = fault;
                }
            }
        }
    }

    fn vault_opened(&mut self, opened: Result<Opened, VaultFault>, kind: Kind) {
        self.vault.kind = kind;
        let (state, event) = match opened {
            Ok(Opened::Session(record)) => {
                if !self.machine.serves() {
                    self.account = Some(record.account);
                    self.since = Some(record.since);
                    self.has_refresh_token = true;
                }
                (VaultState::Open, Event::VaultHeldSession)
            }
            Ok(empty) => {
                if !self.machine.serves() {
                    self.forget();
                }
                let other = matches!(empty, Opened::OtherIdentity);
                (VaultState::Absent, if other { Event::VaultHeldOther } else { Event::VaultHeldNone })
            }
            Err(fault) => {
                tracing::warn!(%fault, "the vault gives nothing");
                match fault {
                    VaultFault::Locked => (VaultState::Locked, Event::VaultRefused(Closed::Locked)),
                    VaultFault::Unavailable(_) | VaultFault::Storage(_) => {
                        (VaultState::Unavailable, Event::VaultRefused(Closed::Unavailable))
                    }
                    VaultFault::Damaged { .. } => (VaultState::Damaged, Event::VaultRefused(Closed::Damaged)),
                }
            }
        };
        self.vault.state = state;
        self.dispatch(event);
    }

    fn attempt_ready(&mut self, attempt: u64, url: Result<String, Fault>) {
        if self.machine.attempt.is_none_or(|current| current.id != attempt) {
            return;
        }
        if let Ok(url) = &url {
            self.attempt_url = Some(url.clone());
        }
        for waiter in self.url_waiters.drain(..) {
            let _ = waiter.send(url.clone().map_err(SignInError::Fault));
        }
    }

    /// A person came back with tokens: another one wipes everything first (MUST 16), then the token is sealed.
    fn arrived(&mut self, attempt: u64, arrived: Arrived) {
        let Some(current) = self.machine.attempt.filter(|current| current.id == attempt) else {
            if let Some(token) = arrived.refresh_token {
                self.revoke_orphan(token);
            }
            return;
        };
        let other = self.account.as_ref().is_some_and(|account| account.subject != arrived.claims.sub);
        if other && current.same_person {
            tell(arrived.verdict, Verdict::Failed);
            if let Some(token) = arrived.refresh_token {
                self.revoke_orphan(token);
            }
            return self.fail_attempt(attempt, Fault::new(FaultKind::OtherPerson));
        }
        if other || !self.machine.serves() {
            self.epoch += 1;
            self.identity = None;
            self.wipe();
            self.publish();
        }
        let (Some(desk), answers) = (self.desk(), self.answers.0.clone()) else { return };
        let sealing = arrived.refresh_token.as_ref().map(|token| {
            let record = Record {
                refresh_token: Secret::from(token.expose()),
                account: Account::of(&arrived.claims),
                since: Timestamp::now(),
            };
            desk.seal(record, None)
        });
        tokio::spawn(async move {
            let (unsealed, kind) = match sealing {
                None => (None, Kind::Memory),
                Some(sealing) => match sealing.await {
                    Some((Sealed::InMemory(fault), kind)) => {
                        (Some(Fault::with(FaultKind::VaultStorage, fault.to_string())), kind)
                    }
                    Some((Sealed::Yes | Sealed::TooLate(_), kind)) => (None, kind),
                    None => (Some(Fault::new(FaultKind::Internal)), Kind::Memory),
                },
            };
            let _ = answers.send(Answer::Sealed { attempt, arrived: Box::new(arrived), unsealed, kind });
        });
    }

    fn signed_in(&mut self, attempt: u64, arrived: Arrived, unsealed: Option<Fault>, kind: Kind) {
        if self.machine.attempt.is_none_or(|current| current.id != attempt) {
            tell(arrived.verdict, Verdict::Failed);
            if let Some(token) = arrived.refresh_token {
                self.wipe();
                self.revoke_orphan(token);
            }
            return;
        }
        self.account = Some(Account::of(&arrived.claims));
        self.since = Some(Timestamp::now());
        self.has_refresh_token = arrived.refresh_token.is_some();
        self.unsealed = unsealed.is_some();
        self.fault = unsealed;
        self.clock_offset = arrived.clock_offset;
        self.vault = crate::VaultStatus { kind, state: VaultState::Open };
        self.sign_ins += 1;
        self.hold(arrived.id_token, &arrived.claims);
        let renew_at = self.confirm();
        // The page is told first: ending the attempt drops its listener.
        tell(arrived.verdict, Verdict::Done);
        self.dispatch(Event::SignedIn { attempt, renew_at });
    }

    fn refreshed(&mut self, flight: u64, outcome: Refreshed) {
        let ours = self.machine.flight == Some(flight);
        match outcome {
            Refreshed::Alive { identity, unsealed, clock_offset } if ours => {
                if let Some(identity) = identity {
                    let (token, claims) = *identity;
                    self.hold(token, &claims);
                }
                self.unsealed = unsealed.is_some();
                self.fault = unsealed;
                self.clock_offset = clock_offset.or(self.clock_offset);
                let renew_at = self.confirm();
                self.dispatch(Event::Renewed { flight, renew_at });
                self.judge_account();
            }
            Refreshed::Delayed { fault, wait } if ours => {
                tracing::info!(kind = ?fault.kind, "the renewal is delayed");
                self.failures = self.failures.saturating_add(1);
                self.fault = Some(fault);
                self.dispatch(Event::RenewalDelayed { flight, wait });
            }
            Refreshed::Demanded { demand, fault } if ours => {
                self.fault = Some(fault);
                self.dispatch(Event::RenewalDemanded { flight, demand });
            }
            Refreshed::Ended { reason, fault } if ours => {
                tracing::warn!(?reason, "the identity provider ended the session");
                self.fault = Some(fault);
                self.dispatch(Event::RenewalEnded { flight, reason });
            }
            Refreshed::Vault(fault) if ours => {
                self.fault = Some(Fault::with(FaultKind::VaultStorage, fault.to_string()));
                self.dispatch(Event::RenewalDelayed { flight, wait: std::time::Duration::from_secs(30) });
            }
            // It was signed out while the answer was on its way: nothing may come back to life.
            Refreshed::TooLate(record) => {
                self.revoke_orphan(record.refresh_token);
                self.dispatch(Event::RenewalDelayed { flight, wait: std::time::Duration::ZERO });
            }
            _ => {}
        }
    }

    fn hold(&mut self, token: Secret, claims: &Claims) {
        self.identity = Some(Identity { token: Arc::new(token), expires: claims.exp });
        self.claims = Some(claims.clone());
    }
}

fn tell(verdict: Option<tokio::sync::oneshot::Sender<Verdict>>, what: Verdict) {
    if let Some(verdict) = verdict {
        let _ = verdict.send(what);
    }
}
