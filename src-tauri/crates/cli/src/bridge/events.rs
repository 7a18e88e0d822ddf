//! Server-sent events as they come (WHATWG HTML §9.2).

use std::time::Duration;

use bytes::BytesMut;
use http::HeaderValue;
use http_body_util::BodyExt;
use hyper::body::Incoming;

/// The longest event.
const LIMIT: usize = 64 * 1024 * 1024;

/// The events of one answer.
pub(super) struct Events {
    body: Incoming,
    waiting: BytesMut,
    /// The id of the last event, to resume behind it.
    pub(super) last: Option<HeaderValue>,
    /// How long the server wants to be left alone before a stream is resumed.
    pub(super) retry: Option<Duration>,
}

impl Events {
    pub(super) fn new(body: Incoming, last: Option<HeaderValue>) -> Self {
        Self { body, waiting: BytesMut::new(), last, retry: None }
    }

    /// The data of the next event that has any; none at the end, and where the stream broke.
    pub(super) async fn next(&mut self) -> Option<String> {
        loop {
            while let Some(line_end) = empty_line(&self.waiting) {
                let event = self.waiting.split_to(line_end);
                if let Some(data) = self.read(&String::from_utf8_lossy(&event)) {
                    return Some(data);
                }
            }
            let frame = self.body.frame().await?.ok()?;
            if let Ok(chunk) = frame.into_data() {
                self.waiting.extend_from_slice(&chunk);
            }
            if self.waiting.len() > LIMIT {
                return None;
            }
        }
    }

    fn read(&mut self, event: &str) -> Option<String> {
        let mut data: Option<String> = None;
        for line in event.split(['\n', '\r']) {
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "data" => match &mut data {
                    Some(data) => {
                        data.push('\n');
                        data.push_str(value);
                    }
                    None => data = Some(value.to_owned()),
                },
                "id" => self.last = HeaderValue::from_str(value).ok(),
                "retry" => self.retry = value.parse().ok().map(Duration::from_millis),
                _ => {}
            }
        }
        data.filter(|data| !data.trim().is_empty())
    }
}

/// Behind the first empty line.
fn empty_line(bytes: &[u8]) -> Option<usize> {
    let pairs: [&[u8]; 3] = [b"\n\n", b"\r\n\r\n", b"\r\r"];
    let find = |pair: &[u8]| bytes.windows(pair.len()).position(|window| window == pair).map(|at| at + pair.len());
    pairs.into_iter().filter_map(find).min()
}
