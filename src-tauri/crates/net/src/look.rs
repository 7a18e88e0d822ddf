//! A look at a host for a diagnosis: which way leads there, and who vouches for what it presents.

use std::sync::{Arc, PoisonError};

use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use url::Url;

use crate::address::Route;
use crate::failure::failure;
use crate::prepared::client;
use crate::proxy::Routing;
use crate::{CALL_LIMIT, Client, NetError, Reach, Way, witness};

/// What was seen.
#[derive(Debug)]
pub struct Look {
    /// Which ways lead there, and who says so.
    pub routing: Arc<Routing>,
    /// The one that was gone: the first that leads to a connection.
    pub way: Way,
    /// What it led to; nothing where the host is spoken to without TLS.
    pub presented: Result<Option<Presented>, NetError>,
}

/// A certificate that was presented and is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    /// Who issued it, as it says itself and fit to be shown.
    pub issuer: Option<String>,
    /// Whether `ExtraCaFile` vouches for it.
    pub by_extra_ca: bool,
}

impl Client {
    /// Opens a fresh connection to the host of `url` and looks at its certificate; nothing but a HEAD is sent.
    ///
    /// # Errors
    /// When the address may not be called, or no way there is known.
    pub async fn look(&self, url: &str, reach: &Reach) -> Result<Look, NetError> {
        let (mut url, route) = self.judged(url, reach)?;
        let routing = self.ways(&url).await?;
        if url.scheme() != "https" {
            return Ok(Look { routing, way: Way::Direct, presented: Ok(None) });
        }
        url.set_path("/");
        url.set_query(None);
        let (mut way, mut presented) = (Way::Direct, Ok(None));
        for next in &routing.ways {
            way = next.clone();
            presented = self.presented(url.clone(), route, next).await;
            if !matches!(presented, Err(NetError::Unreachable { .. } | NetError::TimedOut { .. } | NetError::NoWay { .. })) {
                break;
            }
        }
        Ok(Look { routing, way, presented })
    }

    async fn presented(&self, url: Url, route: Route, way: &Way) -> Result<Option<Presented>, NetError> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let (tls, seen) = self.prepared()?.trust.seeing()?;
        let request = client(&tls, way, route == Route::Public && *way == Way::Direct)?.head(url);
        match tokio::time::timeout(CALL_LIMIT, request.send()).await {
            Err(_) => return Err(NetError::TimedOut { host }),
            Ok(Err(error)) => return Err(failure(error, &host)),
            Ok(Ok(_)) => {}
        }
        let chain = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(chain
            .split_first()
            .map(|(own, rest)| Presented { issuer: witness::issuer(own), by_extra_ca: self.by_extra_ca(own, rest, &host) }))
    }

    fn by_extra_ca(&self, own: &CertificateDer<'_>, rest: &[CertificateDer<'_>], host: &str) -> bool {
        let verifier = self.prepared().ok().and_then(|prepared| prepared.trust.extra_alone());
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned());
        let (Some(verifier), Ok(name)) = (verifier, name) else { return false };
        verifier.verify_server_cert(own, rest, &name, &[], UnixTime::now()).is_ok()
    }
}
