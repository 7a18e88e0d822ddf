use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use url::Url;

use crate::address::{Route, judge};
use crate::failure::{cut, failure};
use crate::prepared::Prepared;
use crate::proxy::{Chooser, Routing};
use crate::{AddressRefused, BODY_CAP, CALL_LIMIT, NetError, Reach, Reply};

/// How calls leave the machine. Built from policy; a change makes a new [`Client`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `ProxyMode`, `ProxyUrl`, `ProxyBypass`.
    pub proxy: Proxy,
    /// The content of `ExtraCaFile`, PEM.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// `AllowInsecureLoopback`: plain http to this machine.
    pub insecure_loopback: bool,
}

/// Which proxy stands between this machine and the others. Loopback is never proxied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Proxy {
    /// What the environment or the settings of the system say, automatic configuration included.
    #[default]
    System,
    /// None.
    Direct,
    /// Always this one, except for the hosts in `bypass` (`NO_PROXY` syntax).
    Fixed {
        /// The proxy's URL.
        url: String,
        /// Hosts, domains and networks reached directly.
        bypass: Vec<String>,
    },
}

/// The HTTP client of the whole agent; cheap to clone.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    settings: Settings,
    chooser: Result<Chooser, String>,
    // Built at the first call: reading the trust store would double the time to the open door.
    prepared: OnceLock<Result<Prepared, String>>,
}

impl Default for Client {
    fn default() -> Self {
        Self::new(Settings::default())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("settings", &self.0.settings).finish()
    }
}

impl Client {
    /// A client with these settings; nothing is read or opened yet.
    pub fn new(settings: Settings) -> Self {
        let chooser = Chooser::new(&settings.proxy).map_err(|_| "ProxyUrl is not usable".to_owned());
        Self(Arc::new(Inner { settings, chooser, prepared: OnceLock::new() }))
    }

    /// The settings it was made with.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Tries to build the client, so that a bad CA file or proxy shows before the first call.
    pub fn check(&self) -> Result<(), NetError> {
        self.chooser()?;
        self.prepared().map(|_| ())
    }

    /// The machine is on another network, where other proxies may lead out.
    pub fn network_changed(&self) {
        if let Ok(chooser) = &self.0.chooser {
            chooser.forget();
        }
    }

    /// One GET; redirects are returned, not followed.
    pub async fn get(&self, url: &str, headers: HeaderMap, reach: &Reach) -> Result<Reply, NetError> {
        self.call(Method::GET, url, headers, Vec::new(), reach).await
    }

    /// One POST; redirects are returned, not followed (MUST 7).
    pub async fn post(&self, url: &str, headers: HeaderMap, body: Vec<u8>, reach: &Reach) -> Result<Reply, NetError> {
        self.call(Method::POST, url, headers, body, reach).await
    }

    async fn call(&self, method: Method, url: &str, headers: HeaderMap, body: Vec<u8>, reach: &Reach) -> Result<Reply, NetError> {
        let (url, route) = self.judged(url, reach)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let exchange = async {
            let response = self.send(method, url, route, headers, body.into()).await?;
            read(response, &host).await
        };
        tokio::time::timeout(CALL_LIMIT, exchange).await.unwrap_or(Err(NetError::TimedOut { host: host.clone() }))
    }

    /// The address, if it may be called, and how.
    pub(crate) fn judged(&self, url: &str, reach: &Reach) -> Result<(Url, Route), NetError> {
        let url = Url::parse(url).map_err(|_| AddressRefused::NotAWebAddress)?;
        let route = judge(&url, reach, self.0.settings.insecure_loopback)?;
        Ok((url, route))
    }

    /// The ways to a judged address.
    pub(crate) async fn ways(&self, url: &Url) -> Result<Arc<Routing>, NetError> {
        let host = || url.host_str().unwrap_or_default().to_owned();
        self.chooser()?.choose(url).await.map_err(|source| NetError::NoWay { host: host(), source })
    }

    /// Sends one request the first way that leads to a connection; the caller sets the limit. Once a connection stands, the
    /// request may have arrived, and no other way is tried.
    pub(crate) async fn send(
        &self,
        method: Method,
        url: Url,
        route: Route,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<reqwest::Response, NetError> {
        let prepared = self.prepared()?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let routing = self.ways(&url).await?;
        let (last, earlier) = routing.ways.split_last().ok_or_else(|| NetError::Settings("there is no way".to_owned()))?;
        for way in earlier {
            let client = prepared.client(route, way)?;
            let request = client.request(method.clone(), url.clone()).headers(headers.clone()).body(body.clone());
            match request.send().await {
                Ok(response) => return Ok(response),
                Err(error) => {
                    let unconnected = error.is_connect();
                    let error = failure(error, &host);
                    if !unconnected || matches!(error, NetError::Untrusted { .. } | NetError::Address(_)) {
                        return Err(error);
                    }
                    self.chooser()?.demote(&url, way);
                }
            }
        }
        let client = prepared.client(route, last)?;
        client.request(method, url).headers(headers).body(body).send().await.map_err(|error| failure(error, &host))
    }

    fn chooser(&self) -> Result<&Chooser, NetError> {
        self.0.chooser.as_ref().map_err(|why| NetError::Settings(why.clone()))
    }

    pub(crate) fn prepared(&self) -> Result<&Prepared, NetError> {
        let prepared = self.0.prepared.get_or_init(|| {
            Prepared::new(&self.0.settings).map_err(|error| match error {
                NetError::Settings(why) => why,
                other => other.to_string(),
            })
        });
        prepared.as_ref().map_err(|why| NetError::Settings(why.clone()))
    }
}

async fn read(mut response: reqwest::Response, host: &str) -> Result<Reply, NetError> {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    if response.content_length().is_some_and(|length| length > BODY_CAP as u64) {
        return Err(NetError::TooLarge { host: host.to_owned() });
    }
    let mut body = zeroize::Zeroizing::new(Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(|error| cut(error, host))? {
        if body.len() + chunk.len() > BODY_CAP {
            return Err(NetError::TooLarge { host: host.to_owned() });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply { host: host.to_owned(), status, headers, body, received: jiff::Timestamp::now() })
}

/// A header map from static names; values that are not legal header text are left out.
pub(crate) fn headers(pairs: &[(http::HeaderName, &str)]) -> HeaderMap {
    pairs.iter().filter_map(|(name, value)| Some((name.clone(), HeaderValue::from_str(value).ok()?))).collect()
}
