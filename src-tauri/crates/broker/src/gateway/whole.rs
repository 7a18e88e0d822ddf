//! Reading a request whole, within bounds for each and for all together.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wire::Code;

use crate::api::Fault;
use crate::api::body::{self, BodyFault};

/// The longest request.
pub(super) const LIMIT: usize = 16 * 1024 * 1024;
/// The longest request of a caller that may not come in, read only to answer it in its own terms.
pub(super) const STRANGER: usize = 64 * 1024;
/// What all requests that are being read may hold together, KiB.
const ALL: usize = 256 * 1024;

/// The memory for requests.
#[derive(Clone, Debug)]
pub(crate) struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(ALL)))
    }
}

/// The whole body, and its place in the room.
pub(super) async fn read(
    room: &Room,
    parts: &Parts,
    body: Incoming,
    limit: usize,
    time: Duration,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), Fault> {
    if body.is_end_stream() {
        return Ok((Bytes::new(), None));
    }
    if parts.headers.contains_key(CONTENT_ENCODING) || !body::is_json(parts) {
        return Err(BodyFault::ContentType.into());
    }
    let declared = parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        return Err(TOO_LONG);
    }
    let wanted = u32::try_from(declared.unwrap_or(limit) / 1024 + 1).unwrap_or(u32::MAX);
    let place = room.0.clone().try_acquire_many_owned(wanted).map_err(|_| Fault::from(Code::Busy))?;
    let whole = tokio::time::timeout(time, Limited::new(body, limit).collect());
    match whole.await {
        Ok(Ok(whole)) => Ok((whole.to_bytes(), Some(place))),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(TOO_LONG),
        Ok(Err(_)) | Err(_) => Err(BodyFault::Incomplete.into()),
    }
}

const TOO_LONG: Fault = Fault::Own(Code::BadRequest, "The request is longer than 16 MiB.", None);
