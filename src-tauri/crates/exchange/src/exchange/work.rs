use std::sync::{Arc, Weak};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Exchange, Inner, page::Page};
use crate::cache::{Entry, IN_USE, Standing, lock};
use crate::error::{ExchangeError, Kind};
use crate::flight::Outcome;
use crate::mint::{Bench, unit};

/// One mint, all calls and waits included.
const MINT_LIMIT: Duration = Duration::from_secs(30);

/// One mint with its time limit, and its outcome in the slot, unless policy changed meanwhile.
pub(super) async fn work(inner: Arc<Inner>, bench: Bench, server: String, generation: u64, scopes: Vec<String>) -> Outcome {
    let page = Page { inner: inner.clone(), server: server.clone(), generation };
    let minted = tokio::time::timeout(MINT_LIMIT, bench.mint(&page, &scopes)).await;
    let minted = minted.unwrap_or_else(|_| {
        Err(ExchangeError::new(Kind::ServerUnreachable, "The exchange took longer than 30 seconds.").after(15))
    });
    let now = Timestamp::now();
    let (_, sign_ins) = inner.subjects.epoch();
    let mut slots = lock(&inner.slots);
    let slot = slots.get_mut(&server).filter(|slot| slot.generation == generation);
    match minted {
        Ok(entry) => {
            let entry = Arc::new(entry);
            if let Some(slot) = slot {
                slot.forgive();
                slot.entry = Some(entry.clone());
                let margin = lock(&inner.rules).0.margin;
                ahead(&inner, server.clone(), entry.clone(), margin);
            }
            Ok(entry)
        }
        Err(mut error) => {
            if let Some(slot) = slot {
                if error.kind == Kind::StepUp && slot.step_up_at.replace(sign_ins).is_some_and(|at| at != sign_ins) {
                    // The person did what was asked and it was not enough: asking again would never end (MUST 43).
                    error.kind = Kind::IdpRefused;
                    error.who = Some(crate::classify::Who::Idp);
                }
                if error.retry_after.is_some() && matches!(error.kind, Kind::IdpUnreachable | Kind::ServerUnreachable) {
                    error.retry_after = Some(net::retry_delay(slot.passing.min(2), unit()).as_secs().max(1));
                    slot.passing += 1;
                }
                if let Some(seconds) = error.stands() {
                    let until = now + SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(900));
                    slot.standing = Some(Standing { error: error.clone(), until, sign_ins });
                }
            }
            Err(error)
        }
    }
}

/// Renews once, shortly before the margin, if a client used the server lately; nothing runs around the clock (MUST 36).
fn ahead(inner: &Arc<Inner>, server: String, entry: Arc<Entry>, margin: Duration) {
    let weak: Weak<Inner> = Arc::downgrade(inner);
    let due = entry.renew_at(margin);
    let wait = Duration::try_from(due.duration_since(Timestamp::now())).unwrap_or_default();
    tokio::spawn(async move {
        tokio::time::sleep(net::jittered(wait.mul_f64(0.95), 0.05, unit())).await;
        let Some(exchange) = weak.upgrade().map(Exchange) else { return };
        let in_use = {
            let slots = lock(&exchange.0.slots);
            let slot = slots.get(&server);
            slot.is_some_and(|slot| {
                let same = slot.entry.as_ref().is_some_and(|held| Arc::ptr_eq(held, &entry));
                let lately = slot.last_used.is_some_and(|used| Timestamp::now().duration_since(used) < IN_USE);
                same && lately && slot.last_used > Some(entry.minted)
            })
        };
        if in_use && exchange.0.subjects.serves(entry.epoch) {
            exchange.renew(&server);
        }
    });
}
