use std::sync::Arc;

use jiff::Timestamp;
use secret::Secret;
use session::Report;
use tokio::time::{Duration, timeout};

use super::Exchange;
use crate::answer::{Next, Refusal};
use crate::cache::{Ask, lock};
use crate::error::{ExchangeError, Kind};
use crate::upstream::Hold;

/// How long the session may take to say why it serves nothing.
const WHY: Duration = Duration::from_millis(500);

impl Exchange {
    /// What a server's refusal of `token`, of that `epoch`, leads to: what to ask for before the request is sent
    /// once more.
    ///
    /// # Errors
    /// When nothing more may be tried.
    pub async fn answered(
        &self,
        server: &str,
        token: &Arc<Secret>,
        epoch: u64,
        refusal: Refusal<'_>,
    ) -> Result<Ask, ExchangeError> {
        let (_, sign_ins) = self.0.subjects.epoch();
        let next = {
            let mut slots = lock(&self.0.slots);
            let slot = slots.get_mut(server).ok_or_else(super::unknown)?;
            let next = slot.answers.judge(&refusal, sign_ins, Timestamp::now());
            if next == Next::Fresh && slot.entry.as_ref().is_some_and(|entry| Arc::ptr_eq(&entry.token, token)) {
                slot.entry = None;
                // The server may have moved to another authorization server; the pin is checked on the way.
                slot.target = None;
            }
            next
        };
        match next {
            Next::Fresh => Ok(Ask::default()),
            Next::Wider(scopes) => Ok(Ask { scopes: Some(scopes), min_ttl: None }),
            Next::StepUp(demand) => {
                self.0.subjects.report(epoch, Report::StepUp(demand)).await;
                Err(ExchangeError::new(Kind::StepUp, "The server wants a stronger sign-in for this."))
            }
            Next::Stop(kind, hint, who) => Err(ExchangeError::new(kind, hint).by(who)),
        }
    }

    /// Whether what was opened with a token of `epoch` may go on, this instant.
    pub fn serves(&self, epoch: u64) -> bool {
        self.0.subjects.serves(epoch)
    }

    /// Why nothing of before is served any more.
    pub async fn ended(&self) -> ExchangeError {
        let kind = lock(&self.0.rules).0.subject;
        match timeout(WHY, self.0.subjects.subject(kind, false)).await {
            Ok(Err(error)) => error.into(),
            _ => ExchangeError::new(Kind::Busy, "The sign-in is another one than before.").after(1),
        }
    }

    /// Counts tokens as in use until the guard is dropped.
    pub fn hold(&self) -> Hold {
        self.0.subjects.hold()
    }
}
