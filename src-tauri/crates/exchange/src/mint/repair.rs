use net::Refusal;
use session::state::Demand;
use session::{AssertionAudience, Report, Subject, SubjectKind};

use super::{Bench, Ledger, Next, Tried, unit};
use crate::classify::{Action, Leg, classify};
use crate::config::Send;
use crate::discovery::Target;
use crate::error::ExchangeError;

impl Bench {
    pub(super) async fn after_refusal(
        &self,
        ledger: &dyn Ledger,
        leg: Leg,
        subject: &Subject,
        target: &Target,
        refusal: &Refusal,
        tried: &mut Tried,
    ) -> Next {
        let row = classify(leg, refusal);
        let may_go_on = ledger.failed(leg);
        tracing::info!(server = self.server.id, ?leg, code = refusal.code, "refused");
        let first = !tried.actions.contains(&row.first) && may_go_on;
        if first && self.repair(ledger, row.first, leg, subject, target, tried) {
            tried.actions.push(row.first);
            return Next::Again;
        }
        let last = if matches!(row.first, Action::Gone | Action::StepUp | Action::Stop) { row.first } else { row.then };
        self.report(subject, last, refusal).await;
        Next::Stop(ExchangeError::refused(row, refusal))
    }

    /// Prepares one more round; false when this repair is not possible here.
    fn repair(
        &self,
        ledger: &dyn Ledger,
        action: Action,
        leg: Leg,
        subject: &Subject,
        target: &Target,
        tried: &mut Tried,
    ) -> bool {
        match action {
            Action::Remint => true,
            Action::Refresh => {
                tried.fresh = true;
                true
            }
            Action::OmitScope => {
                tried.omit_scope = true;
                self.server.send_scope == Send::Auto && !self.memory.habits(&target.issuer).omit_scope
            }
            Action::OmitResource => {
                tried.omit_resource = true;
                self.server.send_resource == Send::Auto && !self.memory.habits(&target.issuer).omit_resource
            }
            Action::DefaultScopes => !std::mem::replace(&mut tried.default_scopes, true) && self.server.scopes.is_some(),
            Action::OlderTokenType => {
                tried.older_token_type = true;
                !self.memory.habits(&subject.idp.issuer).older_token_type
            }
            Action::OtherSubject => {
                tried.refresh_token_subject = true;
                self.subject == SubjectKind::Auto && !subject.is_refresh_token
            }
            Action::OtherAudience if leg == Leg::Exchange => subject.idp.try_other_audience(),
            Action::OtherAudience => {
                self.server.client_key.is_some()
                    && self.server.assertion_audience == AssertionAudience::Auto
                    && self.memory.learn(&target.issuer, |habits| habits.endpoint_is_audience = true)
            }
            Action::Rediscover => {
                ledger.keep_target(None);
                true
            }
            Action::Gone | Action::StepUp | Action::Stop => false,
        }
    }

    async fn report(&self, subject: &Subject, action: Action, refusal: &Refusal) {
        let report = match action {
            Action::Gone => Report::Gone,
            Action::StepUp => Report::StepUp(Demand::StepUp { acr_values: refusal.acr_values.clone(), max_age: refusal.max_age }),
            _ => return,
        };
        self.subjects.report(subject.epoch, report).await;
    }

    /// A call that did not get through is worth two more, after 1 s and 4 s.
    pub(super) async fn after_outage(&self, ledger: &dyn Ledger, leg: Leg, error: ExchangeError, tried: &mut Tried) -> Next {
        if !ledger.failed(leg) || tried.waits >= 2 {
            return Next::Stop(error);
        }
        tokio::time::sleep(net::retry_delay(tried.waits, unit())).await;
        tried.waits += 1;
        Next::Again
    }

    /// What worked in the end is remembered for this issuer, where policy leaves it open.
    pub(super) fn learnt(&self, target: &Target, tried: &Tried) {
        let by_request = |action| tried.actions.contains(&action);
        if by_request(Action::OmitScope) || by_request(Action::OmitResource) {
            self.memory.learn(&target.issuer, |habits| {
                habits.omit_scope |= tried.omit_scope;
                habits.omit_resource |= tried.omit_resource;
            });
        }
    }
}
