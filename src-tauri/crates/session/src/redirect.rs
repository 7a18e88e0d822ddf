//! The loopback listener of one sign-in attempt (RFC 8252 §7.3): answers strays neutrally, lives no longer
//! than the attempt, and reflects nothing.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, oneshot};

const HEAD_LIMIT: usize = 16 * 1024;
const CONNECTIONS: usize = 64;
const HEAD_TIME: Duration = Duration::from_secs(10);
const VERDICT_TIME: Duration = Duration::from_secs(30);
pub(crate) const PATH: &str = "/callback";

/// What the person's browser is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Signed in.
    Done,
    /// Not signed in; the agent's faces say why.
    Failed,
    /// Not of this attempt.
    Stray,
    /// Ask the IdP once more, there.
    Again(String),
}

/// A redirect that arrived: its query, and where the verdict goes.
pub struct Arrival {
    /// The query, as it came.
    pub query: String,
    /// Where the verdict goes; the browser waits for it.
    pub verdict: oneshot::Sender<Verdict>,
}

/// A bound listener.
pub struct Redirect {
    listeners: Vec<TcpListener>,
    authority: String,
}

impl Redirect {
    /// Binds the loopback literal, or both families where the IdP insists on `localhost`; never with address re-use.
    ///
    /// # Errors
    /// When none of `ports` is free; no ports means any.
    pub async fn bind(ports: &[u16], localhost: bool) -> io::Result<Self> {
        let any = [0];
        let ports = if ports.is_empty() { &any } else { ports };
        let mut last = io::Error::from(io::ErrorKind::AddrInUse);
        for port in ports {
            match bind(*port, localhost).await {
                Ok(redirect) => return Ok(redirect),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// The `redirect_uri` of this attempt.
    pub fn uri(&self) -> String {
        format!("http://{}{PATH}", self.authority)
    }

    /// Serves until dropped; every request that fits the path is sent to `arrivals`.
    pub async fn serve(self, arrivals: mpsc::Sender<Arrival>) {
        let Self { listeners, authority } = self;
        // Connections outlive the listener by their own limits: the browser is still to be told how it ended.
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let accepted = match &listeners[..] {
                [one] => one.accept().await,
                [one, two, ..] => tokio::select! { accepted = one.accept() => accepted, accepted = two.accept() => accepted },
                [] => return,
            };
            match accepted {
                Ok((stream, _)) => {
                    // A scanner that opens many connections must not starve the browser's one.
                    if let Ok(place) = places.clone().try_acquire_owned() {
                        let (authority, arrivals) = (authority.clone(), arrivals.clone());
                        tokio::spawn(async move {
                            answer(stream, authority, arrivals).await;
                            drop(place);
                        });
                    }
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

async fn bind(port: u16, localhost: bool) -> io::Result<Redirect> {
    let first = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    let port = first.local_addr()?.port();
    if !localhost {
        return Ok(Redirect { listeners: vec![first], authority: format!("127.0.0.1:{port}") });
    }
    let mut listeners = vec![first];
    match listen(SocketAddr::from((Ipv6Addr::LOCALHOST, port))) {
        Ok(second) => listeners.push(second),
        // A machine without IPv6 resolves `localhost` to 127.0.0.1 alone; a taken port is somebody else's.
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
        Err(_) => {}
    }
    Ok(Redirect { listeners, authority: format!("localhost:{port}") })
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { tokio::net::TcpSocket::new_v4()? } else { tokio::net::TcpSocket::new_v6()? };
    socket.bind(address)?;
    socket.listen(64)
}

async fn answer(mut stream: TcpStream, authority: String, arrivals: mpsc::Sender<Arrival>) {
    let head = match tokio::time::timeout(HEAD_TIME, read_head(&mut stream)).await {
        Ok(Some(head)) => head,
        _ => return,
    };
    let verdict = match target(&head, &authority) {
        Some(query) => {
            let (verdict, answer) = oneshot::channel();
            match arrivals.send(Arrival { query, verdict }).await {
                Ok(()) => tokio::time::timeout(VERDICT_TIME, answer).await.ok().and_then(Result::ok).unwrap_or(Verdict::Failed),
                Err(_) => Verdict::Stray,
            }
        }
        None => Verdict::Stray,
    };
    let _ = tokio::time::timeout(HEAD_TIME, async {
        stream.write_all(page(&verdict).as_bytes()).await?;
        stream.shutdown().await
    })
    .await;
}

async fn read_head(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::with_capacity(2048);
    let mut chunk = [0; 2048];
    loop {
        let read = stream.read(&mut chunk).await.ok()?;
        head.extend_from_slice(&chunk[..read]);
        if head.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
            return Some(head);
        }
        if read == 0 || head.len() > HEAD_LIMIT {
            return None;
        }
    }
}

/// The query of a request that fits: GET, the exact path, the exact `Host` once. All else is a stray (LI-37).
pub fn target(head: &[u8], authority: &str) -> Option<String> {
    let mut headers = [httparse::EMPTY_HEADER; 100];
    let mut request = httparse::Request::new(&mut headers);
    if !request.parse(head).ok()?.is_complete() || request.method != Some("GET") {
        return None;
    }
    let mut hosts = request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case("host"));
    let host = hosts.next()?;
    if hosts.next().is_some() || host.value != authority.as_bytes() {
        return None;
    }
    let (path, query) = request.path?.split_once('?')?;
    (path == PATH).then(|| query.to_owned())
}

const DONE: &str = include_str!("redirect/done.html");
const FAILED: &str = include_str!("redirect/failed.html");
const STRAY: &str = include_str!("redirect/stray.html");

/// One static page a verdict; the code leaves the address bar by a script whose hash the policy names (LI-39).
fn page(verdict: &Verdict) -> String {
    let (status, body) = match verdict {
        Verdict::Done => ("200 OK", DONE),
        Verdict::Failed => ("200 OK", FAILED),
        Verdict::Stray => ("404 Not Found", STRAY),
        Verdict::Again(url) => {
            return format!(
                "HTTP/1.1 303 See Other\r\nLocation: {url}\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
        }
    };
    let script = script_hash(body);
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
         X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\nContent-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; script-src '{script}'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn script_hash(body: &str) -> String {
    use base64::Engine;
    use sha2::Digest;
    let script = body.split_once("<script>").and_then(|(_, rest)| rest.split_once("</script>")).map_or("", |(script, _)| script);
    format!("sha256-{}", base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(script)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_redirect_itself_is_heard() {
        let request = |line: &str, host: &str| format!("{line}\r\nHost: {host}\r\n\r\n");
        let ours = "127.0.0.1:5000";
        let table = [
            (request("GET /callback?code=c&state=s HTTP/1.1", ours), Some("code=c&state=s")),
            (request("POST /callback?code=c HTTP/1.1", ours), None),
            (request("GET /callback HTTP/1.1", ours), None),
            (request("GET /callback/?code=c HTTP/1.1", ours), None),
            (request("GET /favicon.ico?x HTTP/1.1", ours), None),
            (request("GET /callback?code=c HTTP/1.1", "evil.example:5000"), None),
            (request("GET /callback?code=c HTTP/1.1", "localhost:5000"), None),
            (request("GET /callback?code=c HTTP/1.1", "127.0.0.1:5000\r\nHost: evil"), None),
            ("GET /callback?code=c HTTP/1.1\r\n\r\n".to_owned(), None),
            ("nonsense\r\n\r\n".to_owned(), None),
        ];
        for (head, expected) in table {
            assert_eq!(target(head.as_bytes(), ours).as_deref(), expected, "{head}");
        }
    }

    #[test]
    fn pages_load_nothing_and_clear_the_address() {
        for verdict in [Verdict::Done, Verdict::Failed, Verdict::Stray] {
            let page = page(&verdict);
            assert!(page.contains("history.replaceState") && page.contains("no-store") && page.contains("no-referrer"));
            assert!(!page.contains("src=") && !page.contains("href=") && !page.contains("http://") && !page.contains("https://"));
        }
    }
}
