//! What an exchange did, step by step, for `lanyard doctor`. Without a listener it costs nothing.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::cache::lock;
use crate::discovery::Target;
use crate::error::ExchangeError;

/// The steps of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepName {
    /// Finding the resource metadata and the authorization server's.
    Discovery,
    /// The session's proof.
    Subject,
    /// Leg 2.
    Assertion,
    /// Leg 3.
    Token,
}

/// One step as it went.
#[derive(Clone, Debug)]
pub struct Step {
    /// Which.
    pub name: StepName,
    /// What was found; never a secret.
    pub found: Vec<(&'static str, String)>,
    /// The exact strings sent.
    pub sent: Vec<(&'static str, String)>,
    /// How it failed.
    pub error: Option<ExchangeError>,
    /// How long it took.
    pub took: Duration,
}

/// Where steps are written, for one exchange.
#[derive(Clone, Debug, Default)]
pub struct Trail(Option<Arc<Mutex<Vec<Step>>>>);

impl Trail {
    /// A trail that is kept.
    pub fn kept() -> Self {
        Self(Some(Arc::default()))
    }

    /// What was written so far.
    pub fn steps(&self) -> Vec<Step> {
        self.0.as_ref().map(|steps| lock(steps).clone()).unwrap_or_default()
    }

    pub(crate) fn write(&self, name: StepName, began: Instant, step: impl FnOnce(&mut Step)) {
        if let Some(steps) = &self.0 {
            let mut written = Step { name, found: Vec::new(), sent: Vec::new(), error: None, took: began.elapsed() };
            step(&mut written);
            lock(steps).push(written);
        }
    }
}

impl Step {
    pub(crate) fn found_target(&mut self, target: &Target) {
        self.found = vec![
            ("resource", target.resource.clone()),
            ("authorization server", target.issuer.clone()),
            ("token endpoint", target.token_endpoint.clone()),
            ("announces ID-JAG", if target.announces_id_jag { "yes" } else { "no" }.to_owned()),
        ];
    }
}
