use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::{Answer, Driver};
use crate::sign_in::Strength;
use crate::state::{ATTEMPT_LIMIT, Event, State};
use crate::vault::VaultFault;
use crate::{Fault, FaultKind, SignInError, VaultState, attempt, refresh};

/// A keychain that has not answered by then is asking the person.
const PATIENCE: Duration = Duration::from_secs(3);

impl Driver {
    pub(super) fn open_vault(&mut self) {
        let (Some(desk), answers) = (self.desk(), self.answers.0.clone()) else { return };
        let opening = desk.open(false);
        tokio::spawn(async move {
            tokio::pin!(opening);
            let opened = match tokio::time::timeout(PATIENCE, &mut opening).await {
                Ok(opened) => opened,
                Err(_) => {
                    let _ = answers.send(Answer::VaultOpened(Err(VaultFault::Locked), crate::vault::Kind::Keychain));
                    opening.await
                }
            };
            if let Some((opened, kind, _)) = opened {
                let _ = answers.send(Answer::VaultOpened(opened, kind));
            }
        });
    }

    pub(super) fn begin_attempt(&mut self, id: u64) {
        let Some(line) = self.line.clone() else { return };
        let demand = if let State::NeedsUser(demand, _) = &self.machine.state { Some(demand.clone()) } else { None };
        let strength = Strength::of(demand.as_ref(), &line.config);
        let (ready, prepared) = oneshot::channel();
        let (paste, pasted) = mpsc::channel(4);
        self.paste = Some(paste);
        let (answers, offset) = (self.answers.0.clone(), self.clock_offset);
        let task = tokio::spawn(async move {
            let told = answers.clone();
            let announce = async move {
                if let Ok(url) = prepared.await {
                    let _ = told.send(Answer::AttemptReady { attempt: id, url });
                }
            };
            let attempt = tokio::time::timeout(ATTEMPT_LIMIT, attempt::run(line, strength, ready, pasted, offset));
            let (outcome, ()) = tokio::join!(attempt, announce);
            let outcome = outcome.unwrap_or_else(|_| Err(Fault::new(FaultKind::TimedOut)));
            let _ = answers.send(Answer::AttemptEnded { attempt: id, outcome: Box::new(outcome) });
        });
        self.attempt_task = Some(task.abort_handle());
    }

    pub(super) fn end_attempt(&mut self) {
        if let Some(task) = self.attempt_task.take() {
            task.abort();
        }
        self.paste = None;
        self.attempt_url = None;
        let fault = self.fault.clone().unwrap_or_else(|| Fault::new(FaultKind::TimedOut));
        for waiter in self.url_waiters.drain(..) {
            let _ = waiter.send(Err(SignInError::Fault(fault.clone())));
        }
    }

    pub(super) fn begin_refresh(&mut self, flight: u64) {
        let (Some(line), answers) = (self.line.clone(), self.answers.0.clone()) else { return };
        if !self.has_refresh_token {
            let delayed = refresh::Refreshed::Alive { identity: None, unsealed: None, clock_offset: None };
            let _ = answers.send(Answer::Refreshed { flight, outcome: Box::new(delayed) });
            return;
        }
        let (failures, offset) = (self.failures, self.clock_offset);
        tokio::spawn(async move {
            let outcome = refresh::refresh(&line, failures, offset).await;
            let _ = answers.send(Answer::Refreshed { flight, outcome: Box::new(outcome) });
        });
    }

    /// Nobody is known any more.
    pub(super) fn forget(&mut self) {
        self.account = None;
        self.claims = None;
        self.since = None;
        self.has_refresh_token = false;
    }

    /// Removes what is sealed. What it held was revoked before, where that was asked for.
    pub(super) fn wipe(&mut self) {
        self.forget();
        self.unsealed = false;
        if self.vault.state != VaultState::Damaged {
            self.vault.state = VaultState::Absent;
        }
        let Some(desk) = self.desk() else { return };
        let wiped = desk.wipe();
        tokio::spawn(async move {
            if let Some((_, Err(error))) = wiped.await {
                tracing::error!(%error, "the vault could not be removed");
            }
        });
    }

    pub(super) fn flush(&mut self) {
        let (Some(desk), answers) = (self.desk(), self.answers.0.clone()) else { return };
        self.unsealed = false;
        tokio::spawn(async move {
            let pending = desk.is_pending().await.unwrap_or(true);
            let fault = pending.then(|| Fault::with(FaultKind::VaultStorage, "the rotated token is in memory only"));
            let _ = answers.send(Answer::Flushed(fault));
        });
    }

    /// Revokes a token that no session owns any more.
    pub(super) fn revoke_orphan(&self, token: secret::Secret) {
        let Some(line) = self.line.clone() else { return };
        tokio::spawn(async move { crate::sign_out::revoke(&line, &token).await });
    }

    pub(super) fn fail_attempt(&mut self, attempt: u64, fault: Fault) {
        let account = fault.kind == FaultKind::AccountNotAllowed;
        if self.machine.attempt.is_some_and(|current| current.id == attempt) {
            tracing::warn!(kind = ?fault.kind, detail = fault.detail.as_deref().unwrap_or(""), "the sign-in failed");
            self.fault = Some(fault);
        }
        self.dispatch(Event::SignInFailed { attempt, account });
    }
}
