use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use wire::{Code, User};

use super::{Limits, Listener};
use crate::admission::{self, Door};
use crate::api::{Api, Caller, turned_away};
use crate::peer::{self, Peer, System};

/// After a failed accept (no descriptors left) this long passes before the next.
const BREATH: Duration = Duration::from_millis(50);

/// Where connections of both doors arrive.
pub(crate) struct Hall {
    api: Arc<Api>,
    user: User,
    limits: Limits,
    slots: Arc<Semaphore>,
    aside: Arc<Semaphore>,
}

impl Hall {
    pub(crate) fn new(api: Arc<Api>, user: User, limits: Limits) -> Self {
        let (slots, aside) = (Semaphore::new(limits.connections), Semaphore::new(limits.turned_away));
        Self { api, user, limits, slots: Arc::new(slots), aside: Arc::new(aside) }
    }

    /// Accepts on the socket for ever.
    pub(crate) async fn socket(self: Arc<Self>, mut listener: Listener, stop: watch::Receiver<bool>) {
        loop {
            let Ok(stream) = listener.accept().await else {
                tokio::time::sleep(BREATH).await;
                continue;
            };
            let Ok(slot) = self.slots.clone().try_acquire_owned() else {
                self.turn_away(stream, Code::Busy);
                continue;
            };
            let (hall, stop) = (self.clone(), stop.clone());
            tokio::spawn(async move {
                let peer = peer::of_socket(&stream);
                let own = peer.program.as_ref().is_some_and(|program| hall.api.own.iter().any(|own| own == program.path()));
                let behind = own.then(|| peer.behind(&System));
                hall.receive(stream, Caller { behind, ..caller(Door::Socket, peer, None, stop) }, slot).await;
            });
        }
    }

    /// Accepts on the loopback door for ever.
    pub(crate) async fn loopback(self: &Arc<Self>, listener: TcpListener, port: u16, stop: watch::Receiver<bool>) {
        let door = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        loop {
            let Ok((stream, client)) = listener.accept().await else {
                tokio::time::sleep(BREATH).await;
                continue;
            };
            let Ok(slot) = self.slots.clone().try_acquire_owned() else {
                self.turn_away(stream, Code::Busy);
                continue;
            };
            let _ = stream.set_nodelay(true);
            let (hall, stop) = (self.clone(), stop.clone());
            tokio::spawn(async move {
                let program = hall.api.agent.rules().judges_programs();
                // It reads the kernel's table of connections, whose length others decide.
                let looked = tokio::task::spawn_blocking(move || peer::of_loopback(client, door, program)).await;
                // LI-27: a look-up that failed found nobody.
                let peer = looked.unwrap_or_else(|_| Peer::user(None));
                let host = format!("127.0.0.1:{port}");
                hall.receive(stream, caller(Door::Loopback, peer, Some(host), stop), slot).await;
            });
        }
    }

    async fn receive<S>(&self, stream: S, caller: Caller, slot: OwnedSemaphorePermit)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        // LI-9, LI-10, LI-35
        let unfound = caller.door == Door::Loopback && peer::UNKNOWN_MAY && caller.peer.user.is_none();
        if !unfound && !admission::user(caller.peer.user.as_ref(), &self.user) {
            self.api.refused(&caller, None, "another user, or an unknown one");
            // Others' users cannot use up the places of this one.
            drop(slot);
            self.turn_away(stream, Code::ClientNotAllowed);
            return;
        }
        let mut stop = caller.stop.clone();
        let caller = Arc::new(caller);
        let service = service_fn(|request: Request<Incoming>| {
            let (api, caller) = (self.api.clone(), caller.clone());
            async move { Ok::<_, Infallible>(api.answer(&caller, request).await) }
        });
        let connection = self.builder(self.limits.head).serve_connection(TokioIo::new(stream), service);
        let mut connection = std::pin::pin!(connection);
        // How a connection ends is its client's affair; there is nothing to report.
        tokio::select! {
            _ended = connection.as_mut() => return,
            _closing = stop.wait_for(|stop| *stop) => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ended = tokio::time::timeout(self.limits.farewell, connection).await;
        drop(slot);
    }

    /// Answers one request with the reason why it is not served, and closes.
    fn turn_away<S>(&self, stream: S, code: Code)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Ok(place) = self.aside.clone().try_acquire_owned() else { return };
        let (mut builder, limit) = (self.builder(self.limits.farewell), self.limits.farewell);
        builder.keep_alive(false);
        tokio::spawn(async move {
            let service = service_fn(|_: Request<Incoming>| std::future::ready(Ok::<Response<_>, Infallible>(turned_away(code))));
            let connection = builder.serve_connection(TokioIo::new(stream), service);
            let _ended = tokio::time::timeout(limit, connection).await;
            drop(place);
        });
    }

    /// LI-17, LI-20
    fn builder(&self, head: Duration) -> http1::Builder {
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(head).max_header_size(self.limits.head_bytes);
        builder
    }

    /// Waits until every connection has ended, within the farewell.
    pub(crate) async fn empty(&self) {
        let all = u32::try_from(self.limits.connections).unwrap_or(u32::MAX);
        let _ended = tokio::time::timeout(self.limits.farewell, self.slots.acquire_many(all)).await;
    }
}

fn caller(door: Door, peer: Peer, host: Option<String>, stop: watch::Receiver<bool>) -> Caller {
    let program = peer.client().program.map(Arc::from);
    Caller { door, peer, host, program, behind: None, stop }
}
