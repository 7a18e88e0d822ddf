//! Listeners on 127.0.0.1, with TLS on demand and a plug that can be pulled.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// A bound address that does not serve yet: its base URL is known before its router is.
pub(crate) struct Bound {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    base: String,
}

impl Bound {
    /// Binds 127.0.0.1, which others call `host`; port 0 lets the system choose.
    pub(crate) async fn new(host: &str, port: u16, tls: Option<TlsAcceptor>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let base = format!("{scheme}://{host}:{}", listener.local_addr()?.port());
        Ok(Self { listener, tls, base })
    }

    /// `scheme://host:port`, without a slash.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn serve(self, router: Router) -> Plug {
        let plug = Arc::new(AtomicBool::new(true));
        let door = Door { inner: self.listener, tls: self.tls, plug: plug.clone() };
        let task = tokio::spawn(async move {
            let _ = axum::serve(door, router).await;
        });
        Plug { plug, task }
    }
}

/// Keeps a listener alive; dropping it stops listening.
#[derive(Debug)]
pub(crate) struct Plug {
    plug: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Plug {
    /// Out: new connections are dropped at once and open ones die at their next byte.
    pub(crate) fn set(&self, connected: bool) {
        self.plug.store(connected, Ordering::Relaxed);
    }
}

impl Drop for Plug {
    fn drop(&mut self) {
        self.set(false);
        self.task.abort();
    }
}

struct Door {
    inner: TcpListener,
    tls: Option<TlsAcceptor>,
    plug: Arc<AtomicBool>,
}

impl Listener for Door {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        loop {
            let (stream, peer) = Listener::accept(&mut self.inner).await;
            if !self.plug.load(Ordering::Relaxed) {
                continue;
            }
            let plug = self.plug.clone();
            let Some(tls) = &self.tls else {
                return (Wire { stream: Stream::Plain(stream), plug }, peer);
            };
            let handshake = tokio::time::timeout(Duration::from_secs(5), tls.accept(stream)).await;
            if let Ok(Ok(stream)) = handshake {
                return (Wire { stream: Stream::Tls(Box::new(stream)), plug }, peer);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// One connection, dead as soon as the plug is out.
struct Wire {
    stream: Stream,
    plug: Arc<AtomicBool>,
}

impl Wire {
    fn inner(&mut self) -> io::Result<Pin<&mut (dyn Duplex + Unpin)>> {
        if !self.plug.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream as &mut (dyn Duplex + Unpin)),
            Stream::Tls(stream) => Pin::new(stream.as_mut() as &mut (dyn Duplex + Unpin)),
        })
    }
}

trait Duplex: AsyncRead + AsyncWrite {}
impl<T: AsyncRead + AsyncWrite> Duplex for T {}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.inner() {
            Ok(stream) => stream.poll_read(cx, buf),
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        match self.inner() {
            Ok(stream) => stream.poll_write(cx, data),
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.inner() {
            Ok(stream) => stream.poll_flush(cx),
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.inner() {
            Ok(stream) => stream.poll_shutdown(cx),
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}
