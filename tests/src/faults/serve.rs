//! Faults on the wire.

use std::time::Duration;

use axum::body::Body;
use axum::response::{Html, IntoResponse, Response};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;
use serde_json::json;

use super::{Fault, Faults, Leg};
use crate::clock::http_date;
use crate::refusal::{Refusal, answer};

const PORTAL: &str = "<!doctype html><title>Welcome to Airport WiFi</title><h1>Accept the terms to go online</h1>";

impl Faults {
    /// Serves a request of one of `legs` (the most specific first) through whatever fault waits there; a fault that
    /// is not about the wire is handed to `serve`.
    pub(crate) async fn around<F, Fut>(&self, legs: &[Leg], serve: F) -> Response
    where
        F: FnOnce(Option<Fault>) -> Fut,
        Fut: Future<Output = Response>,
    {
        let Some(fault) = legs.iter().find_map(|leg| self.take(*leg)) else {
            return serve(None).await;
        };
        match fault {
            Fault::Slow(time) => {
                tokio::time::sleep(time).await;
                serve(None).await
            }
            Fault::Late(time) => {
                let response = serve(None).await;
                tokio::time::sleep(time).await;
                response
            }
            Fault::Cut => cut(serve(None).await),
            Fault::Status(status) => StatusCode::from_u16(status).unwrap_or_default().into_response(),
            Fault::Html => Html(PORTAL).into_response(),
            Fault::Redirect(to) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response(),
            Fault::HugeBody => huge(),
            Fault::BadJson => ([(header::CONTENT_TYPE, "application/json")], "{\"access_token\":\"abc\", oops").into_response(),
            Fault::Throttled { retry_after } => throttled(retry_after),
            Fault::Error { status, code, description } => Refusal::new(&code, description).status(status).into_response(),
            Fault::OkFalse(error) => answer(200, &json!({"ok": false, "error": error})),
            Fault::ClockOff(minutes) => {
                let mut response = serve(Some(fault)).await;
                let date = http_date(Timestamp::now().as_second() + minutes * 60);
                if let Ok(date) = HeaderValue::from_str(&date) {
                    response.headers_mut().insert(header::DATE, date);
                }
                response
            }
            other => serve(Some(other)).await,
        }
    }
}

/// What Okta sends to those who ask too often: an `error` that would end a session if it were believed.
pub(crate) fn throttled(retry_after: Option<u64>) -> Response {
    let mut response = Refusal::grant("API call exceeded rate limit due to too many requests.").status(429).into_response();
    let reset = HeaderValue::from(Timestamp::now().as_second() + 1);
    response.headers_mut().insert("x-rate-limit-reset", reset);
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Announces the whole answer, sends half of it and drops the connection.
fn cut(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let half = body.into_data_stream().take(1).map(|chunk| chunk.map(|bytes| bytes.slice(..bytes.len() / 2)));
    // The half must leave before the error does, or the two are dropped together.
    let end = stream::once(async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(axum::Error::new(std::io::Error::from(std::io::ErrorKind::ConnectionAborted)))
    });
    Response::from_parts(parts, Body::from_stream(half.chain(end)))
}

fn huge() -> Response {
    let chunk = Bytes::from(vec![b' '; 1 << 16]);
    let start = stream::once(async { Ok::<_, std::io::Error>(Bytes::from_static(b"{\"padding\":\"")) });
    let body = Body::from_stream(start.chain(stream::repeat(chunk).take(1024).map(Ok)));
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}
