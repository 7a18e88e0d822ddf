use http::header;
use serde::de::DeserializeOwned;
use url::Url;

use crate::client::headers;
use crate::{Client, NetError, Reach, Reply};

/// Why a metadata document could not be had.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The call itself failed.
    #[error("the document was not received")]
    Net(#[from] NetError),
    /// Something between us and the server answered (captive portal, proxy).
    #[error("a web page came instead of the document")]
    Interference,
    /// The server answered with this status.
    #[error("the server answered {0}")]
    Status(u16),
    /// More than three redirects, or one to another origin.
    #[error("the document redirects elsewhere")]
    Redirect,
    /// Not JSON of the expected form. What it said is not repeated.
    #[error("the document is not the expected JSON")]
    Malformed,
}

impl DocumentError {
    /// Whether the document may simply not exist under this name, so that the next well-known form is tried.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Status(400..=499) | Self::Interference | Self::Malformed | Self::Redirect)
    }

    /// Whether waiting may help.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Net(error) => error.is_passing(),
            Self::Interference => true,
            Self::Status(status) => *status >= 500 || *status == 429,
            Self::Redirect | Self::Malformed => false,
        }
    }
}

/// Fetches a JSON document; at most three redirects, each within the same origin.
pub async fn fetch_json<T: DeserializeOwned>(client: &Client, url: &str, reach: &Reach) -> Result<(T, Reply), DocumentError> {
    let mut url = url.to_owned();
    for _ in 0..4 {
        let reply = client.get(&url, headers(&[(header::ACCEPT, "application/json")]), reach).await?;
        match reply.status {
            200 => {
                if let Ok(document) = serde_json::from_slice(&reply.body) {
                    return Ok((document, reply));
                }
                return Err(if reply.is_interference() { DocumentError::Interference } else { DocumentError::Malformed });
            }
            301 | 302 | 303 | 307 | 308 => url = same_origin_target(&url, &reply).ok_or(DocumentError::Redirect)?,
            status => return Err(DocumentError::Status(status)),
        }
    }
    Err(DocumentError::Redirect)
}

fn same_origin_target(from: &str, reply: &Reply) -> Option<String> {
    let from = Url::parse(from).ok()?;
    let to = from.join(reply.header(header::LOCATION)?).ok()?;
    (to.origin() == from.origin()).then(|| to.to_string())
}
