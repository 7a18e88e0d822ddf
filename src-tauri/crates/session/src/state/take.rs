use jiff::Timestamp;

use super::{ATTEMPT_LIMIT, Attempt, Closed, Demand, Effect, Event, Machine, Reason, State, VAULT_RETRY};

impl Machine {
    /// The written answer of every state to every event.
    pub(super) fn take(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        match event {
            Event::IdentityUsable { changed } => self.identity_usable(changed, now),
            Event::IdentityClosed => self.identity_closed(),
            Event::VaultHeldSession => match self.state {
                State::VaultClosed(..) => {
                    // Believed good until the IdP says otherwise; nothing has been served yet.
                    self.state = State::Waiting { attempt: 0, retry_at: now };
                    self.refresh()
                }
                _ => Vec::new(),
            },
            Event::VaultHeldNone => self.vault_empty(Reason::Never),
            Event::VaultHeldOther => self.vault_empty(Reason::Policy),
            Event::VaultRefused(closed) => self.vault_refused(closed, now),
            Event::SignInRequested => self.sign_in_requested(now),
            Event::SignedIn { attempt, renew_at } => self.signed_in(attempt, renew_at),
            Event::SignInFailed { attempt, account } => match self.attempt {
                Some(current) if current.id == attempt => self.attempt_over(account.then_some(Reason::Account)),
                _ => Vec::new(),
            },
            Event::SignInCancelled => match self.attempt {
                Some(_) => self.attempt_over(None),
                None => Vec::new(),
            },
            Event::TimeCame => self.time_came(now),
            Event::CheckPostponed { renew_at: later } => {
                if let State::Active { renew_at } | State::NeedsUser(_, renew_at) = &mut self.state {
                    *renew_at = later;
                }
                Vec::new()
            }
            Event::RenewalRequested => match self.state {
                State::Active { .. } | State::Waiting { .. } | State::NeedsUser(Demand::StepUp { .. }, _) => self.refresh(),
                _ => Vec::new(),
            },
            Event::Renewed { flight, renew_at } => self.renewed(flight, renew_at),
            Event::RenewalDelayed { flight, wait } => self.renewal_delayed(flight, now + wait, now),
            Event::RenewalDemanded { flight, demand } => {
                if self.landed(flight) && self.lives() {
                    self.state = State::NeedsUser(demand, now + ATTEMPT_LIMIT);
                }
                Vec::new()
            }
            Event::RenewalEnded { flight, reason } => match self.landed(flight) && self.lives() {
                true => self.over(reason, &[Effect::WipeVault]),
                false => Vec::new(),
            },
            Event::StepUpDemanded(demand) => {
                if self.lives() {
                    self.state = State::NeedsUser(demand, self.next_check(now));
                }
                Vec::new()
            }
            Event::SessionGone if self.lives() => self.over(Reason::Revoked, &[Effect::WipeVault]),
            Event::IdentityExpired if self.lives() => self.over(Reason::Expired, &[Effect::WipeVault]),
            Event::AccountRefused if self.lives() => self.over(Reason::Account, &[Effect::WipeVault]),
            Event::SessionGone | Event::IdentityExpired | Event::AccountRefused => Vec::new(),
            Event::SignOutRequested => self.sign_out(),
            Event::SurroundingsChanged => self.surroundings_changed(),
        }
    }

    fn identity_usable(&mut self, changed: bool, now: Timestamp) -> Vec<Effect> {
        match (&self.state, changed) {
            (State::Unconfigured, _) => {
                self.state = State::VaultClosed(Closed::Opening, now);
                vec![Effect::OpenVault]
            }
            (_, false) => Vec::new(),
            (_, true) => self.over(Reason::Policy, &[Effect::WipeVault]),
        }
    }

    /// The vault stays sealed: a policy that recovers finds the session where it was.
    fn identity_closed(&mut self) -> Vec<Effect> {
        let was = std::mem::replace(&mut self.state, State::Unconfigured);
        self.flight = None;
        let mut effects = self.close_attempt();
        if was != State::Unconfigured {
            effects.push(Effect::DropTokens);
        }
        effects
    }

    fn vault_empty(&mut self, reason: Reason) -> Vec<Effect> {
        if let State::VaultClosed(..) = self.state {
            self.state = State::SignedOut(reason);
        }
        Vec::new()
    }

    fn vault_refused(&mut self, closed: Closed, now: Timestamp) -> Vec<Effect> {
        if let State::VaultClosed(..) = self.state {
            self.state = match closed {
                Closed::Damaged => State::SignedOut(Reason::VaultDamaged),
                closed => State::VaultClosed(closed, now + VAULT_RETRY),
            };
        }
        Vec::new()
    }

    fn sign_in_requested(&mut self, now: Timestamp) -> Vec<Effect> {
        if self.attempt.is_some() {
            return Vec::new();
        }
        let same_person = matches!(self.state, State::NeedsUser(Demand::StepUp { .. }, _));
        match &self.state {
            State::Unconfigured => return Vec::new(),
            State::SignedOut(reason) => self.state = State::SigningIn(*reason),
            State::VaultClosed(..) => self.state = State::SigningIn(Reason::Never),
            State::SigningIn(_) | State::Active { .. } | State::Waiting { .. } | State::NeedsUser(..) => {}
        }
        let id = self.next_id();
        self.attempt = Some(Attempt { id, until: now + ATTEMPT_LIMIT, same_person });
        vec![Effect::BeginAttempt(id)]
    }

    fn signed_in(&mut self, attempt: u64, renew_at: Timestamp) -> Vec<Effect> {
        if self.attempt.is_none_or(|current| current.id != attempt) {
            return Vec::new();
        }
        self.attempt = None;
        // A refresh that was sent with the token before this one says nothing about the new session.
        self.flight = None;
        self.state = State::Active { renew_at };
        vec![Effect::EndAttempt]
    }

    fn attempt_over(&mut self, refused: Option<Reason>) -> Vec<Effect> {
        if let State::SigningIn(reason) = self.state {
            self.state = State::SignedOut(refused.unwrap_or(reason));
        }
        self.close_attempt()
    }

    fn time_came(&mut self, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.attempt.is_some_and(|attempt| attempt.until <= now) {
            effects.extend(self.attempt_over(None));
        }
        match self.state {
            State::Active { renew_at: due } | State::Waiting { retry_at: due, .. } | State::NeedsUser(_, due) if due <= now => {
                effects.extend(self.refresh());
            }
            State::VaultClosed(closed, due) if due <= now && closed != Closed::Opening => {
                self.state = State::VaultClosed(closed, now + VAULT_RETRY);
                effects.push(Effect::OpenVault);
            }
            _ => {}
        }
        effects
    }

    fn renewed(&mut self, flight: u64, renew_at: Timestamp) -> Vec<Effect> {
        if !self.landed(flight) {
            return Vec::new();
        }
        match &mut self.state {
            State::Active { .. } | State::Waiting { .. } => self.state = State::Active { renew_at },
            // A silent renewal does not make an authentication stronger.
            State::NeedsUser(Demand::StepUp { .. }, check_at) => *check_at = renew_at,
            State::NeedsUser(Demand::Interaction, _) => self.state = State::Active { renew_at },
            _ => {}
        }
        Vec::new()
    }

    fn renewal_delayed(&mut self, flight: u64, retry_at: Timestamp, now: Timestamp) -> Vec<Effect> {
        if !self.landed(flight) {
            return Vec::new();
        }
        match &mut self.state {
            State::Active { .. } => self.state = State::Waiting { attempt: 1, retry_at },
            State::Waiting { attempt, .. } => self.state = State::Waiting { attempt: attempt.saturating_add(1), retry_at },
            State::NeedsUser(_, check_at) => *check_at = retry_at.max(now),
            _ => {}
        }
        Vec::new()
    }

    fn sign_out(&mut self) -> Vec<Effect> {
        match self.state {
            State::Unconfigured => Vec::new(),
            State::SignedOut(_) | State::SigningIn(_) => {
                self.state = State::SignedOut(Reason::User);
                let mut effects = self.close_attempt();
                effects.push(Effect::WipeVault);
                effects
            }
            _ => self.over(Reason::User, &[Effect::RevokeAtIdp, Effect::WipeVault]),
        }
    }

    fn surroundings_changed(&mut self) -> Vec<Effect> {
        match self.state {
            State::Active { .. } | State::Waiting { .. } => self.refresh(),
            State::VaultClosed(Closed::Locked | Closed::Unavailable, _) => vec![Effect::OpenVault],
            _ => Vec::new(),
        }
    }

    /// The session is over: tokens stop first, whatever comes after.
    fn over(&mut self, reason: Reason, then: &[Effect]) -> Vec<Effect> {
        self.state = State::SignedOut(reason);
        self.flight = None;
        let mut effects = vec![Effect::DropTokens];
        effects.extend(self.close_attempt());
        effects.extend_from_slice(then);
        effects
    }

    fn refresh(&mut self) -> Vec<Effect> {
        if self.flight.is_some() {
            return Vec::new();
        }
        let id = self.next_id();
        self.flight = Some(id);
        vec![Effect::Refresh(id)]
    }

    fn landed(&mut self, flight: u64) -> bool {
        let ours = self.flight == Some(flight);
        if ours {
            self.flight = None;
        }
        ours
    }

    fn close_attempt(&mut self) -> Vec<Effect> {
        self.attempt.take().map(|_| Effect::EndAttempt).into_iter().collect()
    }

    fn next_check(&self, now: Timestamp) -> Timestamp {
        match self.state {
            State::Active { renew_at } => renew_at,
            State::Waiting { retry_at, .. } => retry_at,
            State::NeedsUser(_, check_at) => check_at,
            _ => now,
        }
    }

    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }
}
