//! A forward proxy that keeps a list of what it was asked for.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::authority::Authority;

/// A running proxy (CONNECT alone). It knows one name, [`crate::world::HOST`], and takes it for this machine.
pub struct Proxy {
    /// `http://127.0.0.1:port`.
    pub url: String,
    /// The root of the authority by which it inspects TLS, PEM; none where it does not.
    pub inspects_by: Option<String>,
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts one.
    ///
    /// # Errors
    /// When no port is at hand.
    pub async fn start() -> io::Result<Self> {
        Self::serving(None, None).await
    }

    /// Starts one that inspects TLS, by an authority of the name; behind it, it trusts `beyond` alone (PEM).
    ///
    /// # Errors
    /// When no port is at hand, or no authority can be made.
    pub async fn inspecting(name: &str, beyond: &str) -> io::Result<Self> {
        let authority = Authority::named(name)?;
        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from_pem_slice(beyond.as_bytes()).map_err(io::Error::other)?;
        roots.add(root).map_err(io::Error::other)?;
        let inspection = Inspection { acceptor: authority.acceptor, beyond: Arc::new(roots) };
        Self::serving(Some(inspection), Some(authority.pem)).await
    }

    async fn serving(inspection: Option<Inspection>, inspects_by: Option<String>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = asked.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, seen.clone(), inspection.clone()));
            }
        });
        Ok(Self { url, inspects_by, asked, task })
    }

    /// The authorities that were asked for so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut client: TcpStream, asked: Arc<Mutex<Vec<String>>>, inspection: Option<Inspection>) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > 16 * 1024 {
            return Ok(());
        }
        head.push(client.read_u8().await?);
    }
    let line = String::from_utf8_lossy(&head);
    let mut words = line.split_ascii_whitespace();
    let (method, authority) = (words.next().unwrap_or_default(), words.next().unwrap_or_default().to_owned());
    asked.lock().unwrap_or_else(PoisonError::into_inner).push(authority.clone());
    let port = authority.strip_prefix(crate::world::HOST).and_then(|rest| rest.strip_prefix(':')?.parse::<u16>().ok());
    let (Some(port), "CONNECT") = (port, method) else {
        return client.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n").await;
    };
    let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    match inspection {
        Some(inspection) => inspection.between(client, server).await,
        None => copy_bidirectional(&mut client, &mut server).await.map(|_| ()),
    }
}

/// What reads along.
#[derive(Clone)]
struct Inspection {
    acceptor: TlsAcceptor,
    beyond: Arc<RootCertStore>,
}

impl Inspection {
    async fn between(self, client: TcpStream, server: TcpStream) -> io::Result<()> {
        let mut near = self.acceptor.accept(client).await?;
        let mut config = ClientConfig::builder().with_root_certificates(self.beyond).with_no_client_auth();
        config.alpn_protocols = near.get_ref().1.alpn_protocol().map(<[u8]>::to_vec).into_iter().collect();
        let name = ServerName::try_from(crate::world::HOST).map_err(io::Error::other)?;
        let mut far = TlsConnector::from(Arc::new(config)).connect(name, server).await?;
        copy_bidirectional(&mut near, &mut far).await.map(|_| ())
    }
}
