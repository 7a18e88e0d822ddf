use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http::header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Method, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Either, Full, StreamBody};
use hyper::body::Frame;
use serde::Serialize;
use wire::{Code, Problem};

use super::Fault;

/// The body of an answer: whole, or a stream.
pub(crate) type Body = Either<Full<Bytes>, UnsyncBoxBody<Bytes, Cut>>;

/// An answer that ends before it is whole; the connection ends with it.
#[derive(Debug, thiserror::Error)]
#[error("the answer broke off")]
pub(crate) struct Cut;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");
const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream");

/// An answer without a body: a browser learns nothing from it, and no header invites it (LI-33).
pub(super) fn empty(status: StatusCode) -> Response<Body> {
    let mut answer = Response::new(Either::Left(Full::default()));
    *answer.status_mut() = status;
    answer
}

/// 405, with the methods that there are.
pub(super) fn wrong_method(methods: &[Method]) -> Response<Body> {
    let mut answer = empty(StatusCode::METHOD_NOT_ALLOWED);
    let names: Vec<_> = methods.iter().map(Method::as_str).collect();
    if let Ok(allow) = HeaderValue::from_str(&names.join(", ")) {
        answer.headers_mut().insert(ALLOW, allow);
    }
    answer
}

/// A document.
pub(super) fn json(document: &impl Serialize) -> Result<Response<Body>, Fault> {
    let text = serde_json::to_vec(document).map_err(|_| Fault::from(Code::Internal))?;
    Ok(written(text.into()))
}

/// A document that is already written.
pub(crate) fn written(text: Bytes) -> Response<Body> {
    whole(StatusCode::OK, JSON, text)
}

/// A fault (RFC 9457). Never 401: that would make a client start a sign-in of its own.
pub(crate) fn problem(problem: &Problem) -> Response<Body> {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let text = serde_json::to_vec(problem).unwrap_or_default();
    let mut answer = whole(status, PROBLEM, text.into());
    if let Some(seconds) = problem.retry_after {
        answer.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    answer
}

/// The one answer of a connection that is not served.
pub(crate) fn turned_away(code: Code) -> Response<Body> {
    let mut answer = problem(&code.problem(None).after(None));
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

/// Server-sent events; each item is whole lines.
pub(super) fn events(items: impl Stream<Item = Bytes> + Send + 'static) -> Response<Body> {
    with(Response::new(stream_body(items.map(Ok))), EVENTS)
}

/// A body that comes in pieces.
pub(crate) fn stream_body(pieces: impl Stream<Item = Result<Bytes, Cut>> + Send + 'static) -> Body {
    Either::Right(StreamBody::new(pieces.map(|piece| piece.map(Frame::data))).boxed_unsync())
}

/// A body that is all here.
pub(crate) fn whole_body(text: Bytes) -> Body {
    Either::Left(Full::new(text))
}

/// One event.
pub(super) fn event(name: &str, document: &impl Serialize) -> Bytes {
    // Our own documents: no map key that is not a text, so there is always a line to send.
    let data = serde_json::to_string(document).unwrap_or_else(|_| "null".into());
    format!("event: {name}\ndata: {data}\n\n").into()
}

fn whole(status: StatusCode, kind: HeaderValue, text: Bytes) -> Response<Body> {
    let mut answer = Response::new(Either::Left(Full::new(text)));
    *answer.status_mut() = status;
    with(answer, kind)
}

fn with(mut answer: Response<Body>, kind: HeaderValue) -> Response<Body> {
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}
