//! Clients that are described by a document at their own id (Client ID Metadata Documents).

use std::time::Duration;

use serde_json::Value;

use super::Resource;
use crate::client::{Client, described};
use crate::refusal::Refusal;

const LIMIT: usize = 64 * 1024;

/// The client of that id: registered, or described at the id where that is a URL with a path.
pub(super) async fn client(resource: &Resource, id: &str) -> Result<Client, Refusal> {
    let setup = &resource.inner().setup;
    if let Some(client) = setup.clients.iter().find(|client| client.id == id) {
        return Ok(client.clone());
    }
    let unknown = || Refusal::new("invalid_client", "The client is not registered here.");
    let url = url::Url::parse(id).ok().filter(|url| url.path().len() > 1).ok_or_else(unknown)?;
    let response = setup.http.get(url).timeout(Duration::from_secs(5)).send().await.map_err(|_| unknown())?;
    let body = response.bytes().await.map_err(|_| unknown())?;
    let document: Value = serde_json::from_slice(&body[..body.len().min(LIMIT)]).map_err(|_| unknown())?;
    if document["client_id"] != id {
        return Err(Refusal::new("invalid_client", "The metadata document names another client_id."));
    }
    described(id, &document).ok_or_else(unknown)
}
