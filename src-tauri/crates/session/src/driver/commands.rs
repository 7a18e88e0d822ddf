use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use net::Client;
use tokio::sync::oneshot;

use super::{Command, Driver, SubjectReply};
use crate::idp::Known;
use crate::redirect::{Arrival, Verdict};
use crate::renewal::SUBJECT_MARGIN;
use crate::sign_out;
use crate::state::{Closed, Demand, Event, State};
use crate::vault::Opened;
use crate::{Config, Report, SessionError, SignInError, Subject, SubjectKind};

impl Driver {
    pub(super) async fn command(&mut self, command: Command) {
        match command {
            Command::Configure { config, client, ends, done } => {
                self.configure(config, client, ends);
                self.settle();
                let _ = done.send(());
            }
            Command::Subject { kind, fresh, reply } => self.subject(kind, fresh, reply),
            Command::Report { epoch, report } if epoch == self.epoch => match report {
                Report::Confirmed => {
                    let renew_at = self.confirm();
                    self.dispatch(Event::CheckPostponed { renew_at });
                }
                Report::StepUp(demand) => self.dispatch(Event::StepUpDemanded(demand)),
                Report::Gone => self.dispatch(Event::SessionGone),
            },
            Command::Report { .. } => {}
            Command::Check => {
                if self.has_refresh_token {
                    self.dispatch(Event::RenewalRequested);
                }
            }
            Command::SignIn { reply } => self.sign_in(reply),
            Command::Paste { query, reply } => self.paste(query, reply),
            Command::CancelSignIn => self.dispatch(Event::SignInCancelled),
            Command::SignOut { reply } => self.sign_out(reply),
            Command::SurroundingsChanged => {
                let overdue = Timestamp::now().as_second() >= self.usage.check_at.load(Ordering::Relaxed);
                if overdue || !matches!(self.machine.state, State::Active { .. }) {
                    self.dispatch(Event::SurroundingsChanged);
                }
            }
            #[cfg(debug_assertions)]
            Command::Import(imported) => self.import(imported),
        }
    }

    fn configure(&mut self, config: Option<Arc<Config>>, client: Client, ends: bool) {
        let Some(config) = config else {
            self.dispatch(Event::IdentityClosed);
            return;
        };
        let other = self.line.as_ref().is_some_and(|line| ends || !line.config.is_same_identity(&config));
        // Without a configuration there is no session to end: what another identity left sealed is met on opening.
        let changed = other && !matches!(self.machine.state, State::Unconfigured);
        if changed {
            // The old vault is wiped by the old desk before the new one takes its place.
            self.dispatch(Event::IdentityUsable { changed: true });
        }
        match &mut self.line {
            Some(line) if !other => {
                line.desk.set_fallback(config.vault_fallback);
                let endpoints = |config: &Config| (config.authorization_endpoint.clone(), config.token_endpoint.clone());
                if endpoints(&line.config) != endpoints(&config) || line.client.settings() != client.settings() {
                    line.known = Arc::new(Known::new());
                }
                self.rejudge = line.config.allowed_accounts != config.allowed_accounts;
                line.config = config;
                line.client = client;
            }
            _ => match self.line_for(config, client, Arc::new(Known::new())) {
                Ok(line) => self.line = Some(line),
                Err(error) => tracing::error!(%error, "the vault's thread cannot be started"),
            },
        }
        if !changed {
            self.dispatch(Event::IdentityUsable { changed: false });
        }
        self.judge_account();
    }

    /// Judges the account again after policy's rules changed; without what the IdP said of it, at the next renewal.
    pub(super) fn judge_account(&mut self) {
        let (Some(line), Some(claims)) = (&self.line, &self.claims) else { return };
        if std::mem::take(&mut self.rejudge) && self.machine.serves() && !crate::admitted(&line.config.allowed_accounts, claims) {
            self.fault = Some(crate::Fault::new(crate::FaultKind::AccountNotAllowed));
            self.dispatch(Event::AccountRefused);
        }
    }

    fn subject(&mut self, kind: SubjectKind, fresh: bool, reply: SubjectReply) {
        let renewable = match &self.machine.state {
            State::Active { .. } | State::NeedsUser(Demand::StepUp { .. }, _) => true,
            State::Waiting { .. } => self.machine.flight.is_some(),
            State::VaultClosed(Closed::Opening, _) => {
                self.waiters.push((kind, reply));
                return;
            }
            _ => false,
        };
        let has_fresh =
            self.identity.as_ref().is_some_and(|identity| identity.expires > Timestamp::now().as_second() + SUBJECT_MARGIN);
        let ready = !fresh && (has_fresh || kind == SubjectKind::RefreshToken) && self.machine.serves();
        if ready || !renewable || !self.has_refresh_token {
            self.subject_now(kind, reply);
            return;
        }
        self.waiters.push((kind, reply));
        self.dispatch(Event::RenewalRequested);
    }

    /// Answers with what there is; a renewal, if one was worth it, has landed.
    pub(super) fn subject_now(&mut self, kind: SubjectKind, reply: SubjectReply) {
        let now = Timestamp::now().as_second();
        let refusal = match &self.machine.state {
            State::Unconfigured => Some(SessionError::NotConfigured),
            State::SignedOut(reason) => Some(SessionError::SignedOut(*reason)),
            State::SigningIn(_) => Some(SessionError::SigningIn),
            State::VaultClosed(closed, _) => Some(SessionError::VaultClosed(*closed)),
            State::NeedsUser(Demand::Interaction, _) => Some(SessionError::NeedsUser(Demand::Interaction)),
            State::Active { .. } | State::Waiting { .. } | State::NeedsUser(..) => None,
        };
        if let Some(refusal) = refusal {
            let _ = reply.send(Err(refusal));
            return;
        }
        let identity = self.identity.as_ref().filter(|identity| identity.expires > now).map(|identity| identity.token.clone());
        let waiting = SessionError::Waiting {
            fault: self.fault.clone(),
            retry_at: if let State::Waiting { retry_at, .. } = self.machine.state { Some(retry_at) } else { None },
        };
        let (Some(line), Some(account)) = (self.line.clone(), self.account.clone()) else {
            let _ = reply.send(Err(waiting));
            return;
        };
        let id_token = identity.filter(|_| kind != SubjectKind::RefreshToken);
        let is_waiting = matches!(self.machine.state, State::Waiting { .. });
        if id_token.is_none() && (is_waiting || kind == SubjectKind::IdToken || !self.has_refresh_token) {
            let error = if is_waiting { waiting } else { SessionError::NoSuchToken };
            let _ = reply.send(Err(error));
            return;
        }
        let epoch = self.epoch;
        tokio::spawn(async move {
            let subject = async {
                let idp = line.known.idp(&line.client, &line.config).await;
                let idp = idp.map_err(|fault| SessionError::Waiting { fault: Some(fault), retry_at: None })?;
                let is_refresh_token = id_token.is_none();
                let token = match id_token {
                    Some(token) => token,
                    None => match line.desk.open(false).await {
                        Some((Ok(Opened::Session(record)), ..)) => Arc::new(record.refresh_token),
                        _ => return Err(SessionError::VaultClosed(Closed::Unavailable)),
                    },
                };
                Ok(Subject { token, is_refresh_token, idp, account: account.subject, epoch })
            };
            let _ = reply.send(subject.await);
        });
    }

    fn sign_in(&mut self, reply: oneshot::Sender<Result<String, SignInError>>) {
        if matches!(self.machine.state, State::Unconfigured) {
            let _ = reply.send(Err(SignInError::NotConfigured));
            return;
        }
        if let (Some(_), Some(url)) = (self.machine.attempt, &self.attempt_url) {
            let _ = reply.send(Ok(url.clone()));
            return;
        }
        self.url_waiters.push(reply);
        self.dispatch(Event::SignInRequested);
    }

    fn paste(&mut self, query: String, reply: oneshot::Sender<bool>) {
        let Some(paste) = self.paste.clone() else {
            let _ = reply.send(false);
            return;
        };
        tokio::spawn(async move {
            let (verdict, answer) = oneshot::channel();
            let sent = paste.send(Arrival { query, verdict }).await.is_ok();
            let _ = reply.send(sent && matches!(answer.await, Ok(Verdict::Done)));
        });
    }

    fn sign_out(&mut self, reply: oneshot::Sender<Option<String>>) {
        let (lives, line) = (self.machine.serves(), self.line.clone());
        self.fault = None;
        // The token is taken out before the wipe that the machine asks for; tokens stop before both.
        let taken = match (&line, lives) {
            (Some(line), true) => Some(line.desk.wipe()),
            _ => None,
        };
        self.dispatch(Event::SignOutRequested);
        tokio::spawn(async move {
            let (Some(line), Some(taken)) = (line, taken) else {
                let _ = reply.send(None);
                return;
            };
            let record = taken.await.and_then(|(record, _)| record);
            let ended = async {
                if !line.config.sign_out_revokes {
                    return None;
                }
                if let Some(record) = &record {
                    sign_out::revoke(&line, &record.refresh_token).await;
                }
                sign_out::end_session_url(&line).await
            };
            let url = tokio::time::timeout(sign_out::LIMIT, ended).await.ok().flatten();
            let _ = reply.send(url);
        });
    }

    #[cfg(debug_assertions)]
    fn import(&mut self, imported: crate::Imported) {
        let Ok(claims) = jsonwebtoken::dangerous::insecure_decode_claims::<crate::id_token::Claims>(imported.id_token.expose())
        else {
            return;
        };
        let (machine, _) = crate::state::step(self.machine.clone(), Event::SignInRequested, Timestamp::now());
        self.machine = machine;
        let Some(attempt) = self.machine.attempt else { return };
        self.account = Some(crate::Account::of(&claims));
        self.identity = Some(super::Identity { token: Arc::new(imported.id_token), expires: claims.exp });
        self.since = Some(Timestamp::now());
        let renew_at = self.confirm();
        self.sign_ins += 1;
        self.dispatch(Event::SignedIn { attempt: attempt.id, renew_at });
    }
}
