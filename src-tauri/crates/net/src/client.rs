use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method};
use url::Url;

use crate::address::{Route, judge};
use crate::resolver::{OnlyPrivate, PublicOnly};
use crate::{AddressRefused, BODY_CAP, CALL_LIMIT, NetError, Reach, Reply, trust};

/// The longest head of an answer over HTTP/2, bytes; over HTTP/1.1 it is hyper's own limit of about 400 KiB.
const HEAD_CAP: u32 = 128 * 1024;

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
    /// What the system says.
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
    // Built at the first call: reading the trust store would double the time to the open door.
    prepared: OnceLock<Result<Prepared, String>>,
}

struct Prepared {
    loopback: reqwest::Client,
    vouched: reqwest::Client,
    public: reqwest::Client,
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
        Self(Arc::new(Inner { settings, prepared: OnceLock::new() }))
    }

    /// The settings it was made with.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Tries to build the client, so that a bad CA file or proxy shows before the first call.
    pub fn check(&self) -> Result<(), NetError> {
        self.prepared().map(|_| ())
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
        let (client, url) = self.route(url, reach)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let request = client.request(method, url).headers(headers).body(body);
        match tokio::time::timeout(CALL_LIMIT, exchange(request, &host)).await {
            Ok(answer) => answer,
            Err(_) => Err(NetError::TimedOut { host }),
        }
    }

    /// The prepared client that may call `url`, if any may.
    pub(crate) fn route(&self, url: &str, reach: &Reach) -> Result<(&reqwest::Client, Url), NetError> {
        let url = Url::parse(url).map_err(|_| AddressRefused::NotAWebAddress)?;
        let route = judge(&url, reach, self.0.settings.insecure_loopback)?;
        let prepared = self.prepared()?;
        let client = match route {
            Route::Loopback => &prepared.loopback,
            Route::Vouched => &prepared.vouched,
            Route::Public => &prepared.public,
        };
        Ok((client, url))
    }

    fn prepared(&self) -> Result<&Prepared, NetError> {
        let prepared = self.0.prepared.get_or_init(|| {
            prepare(&self.0.settings).map_err(|error| match error {
                NetError::Settings(why) => why,
                other => other.to_string(),
            })
        });
        prepared.as_ref().map_err(|why| NetError::Settings(why.clone()))
    }
}

fn prepare(settings: &Settings) -> Result<Prepared, NetError> {
    let tls = trust::tls(settings.extra_ca_pem.as_deref())?;
    let base = || {
        reqwest::Client::builder()
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
    };
    let built = |builder: reqwest::ClientBuilder| {
        builder.build().map_err(|error| NetError::Settings(format!("the HTTP client cannot be built ({error})")))
    };
    Ok(Prepared {
        loopback: built(base().no_proxy())?,
        vouched: built(proxied(base(), &settings.proxy)?)?,
        public: built(proxied(base(), &settings.proxy)?.dns_resolver(Arc::new(PublicOnly)))?,
    })
}

fn proxied(builder: reqwest::ClientBuilder, proxy: &Proxy) -> Result<reqwest::ClientBuilder, NetError> {
    match proxy {
        Proxy::System => Ok(builder),
        Proxy::Direct => Ok(builder.no_proxy()),
        Proxy::Fixed { url, bypass } => {
            let proxy = reqwest::Proxy::all(url).map_err(|_| NetError::Settings("ProxyUrl is not usable".to_owned()))?;
            Ok(builder.proxy(proxy.no_proxy(reqwest::NoProxy::from_string(&bypass.join(",")))))
        }
    }
}

async fn exchange(request: reqwest::RequestBuilder, host: &str) -> Result<Reply, NetError> {
    let mut response = request.send().await.map_err(|error| failure(error, host))?;
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

pub(crate) fn cut(error: reqwest::Error, host: &str) -> NetError {
    NetError::Cut { host: host.to_owned(), source: Box::new(error.without_url()) }
}

pub(crate) fn failure(error: reqwest::Error, host: &str) -> NetError {
    let host = host.to_owned();
    if error.is_timeout() {
        return NetError::TimedOut { host };
    }
    let error = error.without_url();
    if caused_by::<OnlyPrivate>(&error) {
        return NetError::Address(AddressRefused::Private(host));
    }
    if caused_by_certificate(&error) {
        return NetError::Untrusted { host, source: Box::new(error) };
    }
    NetError::Unreachable { host, source: Box::new(error) }
}

fn causes<'a>(error: &'a (dyn std::error::Error + 'static)) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    // io::Error hides what it wraps from `source()`.
    std::iter::successors(Some(error), |error| match error.downcast_ref::<std::io::Error>().and_then(|io| io.get_ref()) {
        Some(inner) => Some(inner as &(dyn std::error::Error + 'static)),
        None => error.source(),
    })
}

fn caused_by<E: std::error::Error + 'static>(error: &(dyn std::error::Error + 'static)) -> bool {
    causes(error).any(|cause| cause.is::<E>())
}

fn caused_by_certificate(error: &(dyn std::error::Error + 'static)) -> bool {
    causes(error).any(|cause| matches!(cause.downcast_ref::<rustls::Error>(), Some(rustls::Error::InvalidCertificate(_))))
}

/// A header map from static names; values that are not legal header text are left out.
pub(crate) fn headers(pairs: &[(http::HeaderName, &str)]) -> HeaderMap {
    pairs.iter().filter_map(|(name, value)| Some((name.clone(), HeaderValue::from_str(value).ok()?))).collect()
}
