use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::address::Route;
use crate::proxy::{Chooser, ProxyAddress, Way};
use crate::resolver::PublicOnly;
use crate::trust::Trust;
use crate::{NetError, Settings};

/// The longest head of an answer over HTTP/2, bytes; over HTTP/1.1 it is hyper's own limit of about 400 KiB.
const HEAD_CAP: u32 = 128 * 1024;

/// Proxies whose connections are kept; more than any network has at once.
const PROXIES: usize = 8;

/// What the first call makes ready: the trust store, and an HTTP client for each way out. A way of its own has connections
/// of its own, so that a change of proxies never meets an old connection.
pub(crate) struct Prepared {
    pub(crate) chooser: Chooser,
    pub(crate) trust: Trust,
    direct: reqwest::Client,
    public: reqwest::Client,
    through: Mutex<Vec<(ProxyAddress, reqwest::Client)>>,
}

impl Prepared {
    pub(crate) fn new(settings: &Settings) -> Result<Self, NetError> {
        let trust = Trust::new(settings.extra_ca_pem.as_deref())?;
        Ok(Self {
            chooser: Chooser::new(&settings.proxy)?,
            direct: client(&trust.tls, &Way::Direct, false)?,
            public: client(&trust.tls, &Way::Direct, true)?,
            through: Mutex::default(),
            trust,
        })
    }

    /// The client for one way. A proxy resolves names itself, so that only a direct call can hold them to public addresses;
    /// and the name of the proxy may well be a private one.
    pub(crate) fn client(&self, route: Route, way: &Way) -> Result<reqwest::Client, NetError> {
        let Way::Through(address) = way else {
            return Ok(if route == Route::Public { self.public.clone() } else { self.direct.clone() });
        };
        let mut through = self.through.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = through.iter().find(|(known, _)| known == address) {
            return Ok(known.clone());
        }
        if through.len() >= PROXIES {
            through.remove(0);
        }
        let made = client(&self.trust.tls, way, false)?;
        through.push((address.clone(), made.clone()));
        Ok(made)
    }
}

/// An HTTP client for one way.
pub(crate) fn client(tls: &rustls::ClientConfig, way: &Way, public_only: bool) -> Result<reqwest::Client, NetError> {
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .pool_idle_timeout(Duration::from_secs(30))
        // As many as clients of the gateway work at once.
        .pool_max_idle_per_host(64)
        // A peer that vanished under a silent stream is noticed.
        .tcp_keepalive(Duration::from_secs(60))
        .http2_max_header_list_size(HEAD_CAP)
        .http2_adaptive_window(true)
        .user_agent(concat!("lanyard/", env!("CARGO_PKG_VERSION")))
        .no_proxy();
    if let Way::Through(address) = way {
        let unusable = |_| NetError::Settings(format!("the proxy {address} is not usable"));
        builder = builder.proxy(reqwest::Proxy::all(address.whole()).map_err(unusable)?);
    }
    if public_only {
        builder = builder.dns_resolver(Arc::new(PublicOnly));
    }
    builder.build().map_err(|error| NetError::Settings(format!("the HTTP client cannot be built ({error})")))
}
