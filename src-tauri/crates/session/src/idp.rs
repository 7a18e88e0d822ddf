//! The IdP's metadata and keys, kept for as long as their headers allow.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::JwkSet;
use net::{Client, Pace};
use tokio::sync::Mutex;

use crate::discovery::{Metadata, discover, fetch_keys};
use crate::id_token::{Claims, Expected, IdTokenError, verify};
use crate::{Config, Fault, FaultKind, Idp};

/// Unknown keys lead to a refetch at most this often (MUST 13).
const REFETCH: Duration = Duration::from_secs(300);
/// Keys that cannot be renewed are believed this long.
const LAST_GOOD: Duration = Duration::from_secs(86_400);

/// What is known of one IdP; shared by the driver's tasks.
pub(crate) struct Known {
    metadata: Mutex<Option<(Arc<Metadata>, Instant)>>,
    keys: Mutex<Option<Keys>>,
    pub(crate) pace: Arc<Pace>,
    pub(crate) endpoint_is_audience: Arc<AtomicBool>,
}

struct Keys {
    set: Arc<JwkSet>,
    fetched: Instant,
    fresh_until: Instant,
}

impl Known {
    pub(crate) fn new() -> Self {
        Self {
            metadata: Mutex::new(None),
            keys: Mutex::new(None),
            pace: Arc::new(Pace::default()),
            endpoint_is_audience: Arc::new(AtomicBool::new(false)),
        }
    }

    /// The metadata, fetched when older than it may be. Stale metadata is not used: its endpoints receive secrets.
    pub(crate) async fn metadata(&self, client: &Client, config: &Config) -> Result<Arc<Metadata>, Fault> {
        let mut held = self.metadata.lock().await;
        if let Some((metadata, until)) = &*held
            && Instant::now() < *until
        {
            return Ok(metadata.clone());
        }
        let (metadata, keep) = discover(client, config).await.map_err(|error| Fault::from(&error))?;
        let metadata = Arc::new(metadata);
        *held = Some((metadata.clone(), Instant::now() + Duration::from_secs(keep)));
        Ok(metadata)
    }

    /// The IdP as the legs see it.
    pub(crate) async fn idp(&self, client: &Client, config: &Config) -> Result<Arc<Idp>, Fault> {
        let metadata = self.metadata(client, config).await?;
        let token_endpoint = metadata
            .token_endpoint
            .clone()
            .ok_or_else(|| Fault::with(FaultKind::Misconfigured, "the metadata lacks token_endpoint"))?;
        Ok(Arc::new(Idp {
            issuer: config.issuer.clone(),
            client_id: config.client_id.clone(),
            token_endpoint,
            reach: config.reach(),
            pace: self.pace.clone(),
            proof: config.proof.clone(),
            audience: config.assertion_audience,
            endpoint_is_audience: self.endpoint_is_audience.clone(),
        }))
    }

    /// Verifies an ID token; an unknown key leads to one refetch within the cooldown, or at once for a person.
    pub(crate) async fn verify(
        &self,
        client: &Client,
        config: &Config,
        token: &str,
        expected: &Expected<'_>,
        now: i64,
        by_person: bool,
    ) -> Result<Claims, Fault> {
        let metadata = self.metadata(client, config).await?;
        let Some(jwks_uri) = metadata.jwks_uri.as_deref() else {
            return Ok(verify(token, None, expected, now)?);
        };
        let (keys, fetched) = self.keys(client, config, jwks_uri, false).await?;
        match verify(token, Some(&keys), expected, now) {
            Err(IdTokenError::UnknownKey) if by_person || fetched.elapsed() >= REFETCH => {
                let (keys, _) = self.keys(client, config, jwks_uri, true).await?;
                Ok(verify(token, Some(&keys), expected, now)?)
            }
            verdict => Ok(verdict?),
        }
    }

    async fn keys(&self, client: &Client, config: &Config, uri: &str, refetch: bool) -> Result<(Arc<JwkSet>, Instant), Fault> {
        let mut held = self.keys.lock().await;
        let now = Instant::now();
        if let Some(keys) = &*held
            && !refetch
            && now < keys.fresh_until
        {
            return Ok((keys.set.clone(), keys.fetched));
        }
        match fetch_keys(client, uri, &config.reach()).await {
            Ok((set, keep)) => {
                let set = Arc::new(set);
                *held = Some(Keys { set: set.clone(), fetched: now, fresh_until: now + Duration::from_secs(keep) });
                Ok((set, now))
            }
            Err(error) => match &*held {
                Some(keys) if keys.fetched.elapsed() < LAST_GOOD => Ok((keys.set.clone(), keys.fetched)),
                _ => Err(Fault::from(&error)),
            },
        }
    }
}
