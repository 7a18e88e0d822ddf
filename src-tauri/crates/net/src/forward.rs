//! A call whose answer streams: what a reverse proxy needs.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyDataStream;

use crate::failure::cut;
use crate::{Client, NetError, Reach};

/// A call to forward; redirects are returned, not followed.
#[derive(Debug)]
pub struct Forward<'a> {
    /// The method.
    pub method: Method,
    /// Where to.
    pub url: &'a str,
    /// The headers, hop-by-hop ones left out.
    pub headers: HeaderMap,
    /// The body, whole.
    pub body: Bytes,
    /// How long the head of the answer may take.
    pub limit: Duration,
}

/// An answer whose body is still on its way.
pub struct Forwarded {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers as received.
    pub headers: HeaderMap,
    /// The body as it arrives; it is read from the network only as fast as it is taken.
    pub body: Chunks,
}

/// The chunks of a body. Dropping it ends the call.
pub struct Chunks {
    host: String,
    data: BodyDataStream<reqwest::Body>,
}

impl Client {
    /// Sends `call` and returns as soon as the head of the answer is there.
    ///
    /// # Errors
    /// When the address is refused, nobody answers, or not in time.
    pub async fn forward(&self, call: Forward<'_>, reach: &Reach) -> Result<Forwarded, NetError> {
        let (url, route) = self.judged(call.url, reach)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let sent = tokio::time::timeout(call.limit, self.send(call.method, url, route, call.headers, call.body)).await;
        let response = sent.unwrap_or_else(|_| Err(NetError::TimedOut { host: host.clone() }))?;
        let (head, body) = http::Response::<reqwest::Body>::from(response).into_parts();
        Ok(Forwarded { status: head.status, headers: head.headers, body: Chunks { host, data: BodyDataStream::new(body) } })
    }
}

impl Stream for Chunks {
    type Item = Result<Bytes, NetError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut self.data).poll_next(context);
        polled.map(|item| item.map(|chunk| chunk.map_err(|error| cut(error, &self.host))))
    }
}
