use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::address::Route;
use crate::proxy::{ProxyAddress, Way};
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
    pub(crate) trust: Trust,
    direct: reqwest::Client,
    public: reqwest::Client,
    through: Mutex<Vec<(ProxyAddress, reqwest::Client)>>,
}

impl Prepared {
    pub(crate) fn new(settings: &Settings) -> Result<Self, NetError> {
        let trust = Trust::new(settings.extra_ca_pem.as_deref())?;
        Ok(Self {
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

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use crate::{Client, NetError, NoWay, Proxy, Reach, Settings};

    /// A proxy that gives one answer, and what it was asked for first.
    async fn proxy(answer: &'static str) -> (SocketAddr, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let at = listener.local_addr().unwrap();
        let asked = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = vec![0; 4096];
            let length = stream.read(&mut head).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8_lossy(&head[..length]).lines().next().unwrap_or_default().to_owned()
        });
        (at, asked)
    }

    #[tokio::test]
    async fn a_proxy_may_have_a_private_address_behind_its_name_and_resolves_for_itself() {
        let (at, asked) = proxy("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n").await;
        let fixed = Proxy::Fixed { url: format!("http://localhost:{}", at.port()), bypass: Vec::new() };
        let client = Client::new(Settings { proxy: fixed, ..Settings::default() });
        let answer = client
            .get("https://nobody-vouches.example/", http::HeaderMap::new(), &Reach::default())
            .await
            .map(|reply| reply.status);
        assert!(matches!(answer, Err(NetError::Unreachable { .. })), "{answer:?}");
        assert_eq!(asked.await.unwrap(), "CONNECT nobody-vouches.example:443 HTTP/1.1");
    }

    #[tokio::test]
    async fn a_proxy_that_asks_who_is_there_is_told_from_a_network_that_is_away() {
        let (at, _asked) = proxy("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n").await;
        let fixed = Proxy::Fixed { url: format!("http://{at}"), bypass: Vec::new() };
        let client = Client::new(Settings { proxy: fixed, ..Settings::default() });
        let answer =
            client.get("https://idp.example/", http::HeaderMap::new(), &Reach::default()).await.map(|reply| reply.status);
        assert!(matches!(answer, Err(NetError::NoWay { source: NoWay::Unauthenticated, .. })), "{answer:?}");
    }
}
