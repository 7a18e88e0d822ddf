//! Structured values where a source has none of its own: JSON texts, of lists, of the servers and of each server.

use std::collections::BTreeMap;

use secret::Secret;

use super::json::{self, Json};
use crate::catalogue::setting;
use crate::fault::sentence;
use crate::kinds::{Item, Kind};
use crate::layer::Given;

/// A value of the setting `name` with the JSON texts in it read, where its kind is a structured one.
pub(crate) fn opened(name: &str, json: Json) -> Given {
    match (setting(name).map(|setting| setting.kind), json) {
        (Some(Kind::Servers), json) => {
            let table = match json {
                Json::Text(text) => json::object(text.expose().as_bytes()).map(Json::Table).map_err(|error| sentence(&error))?,
                other => other,
            };
            Ok(match table {
                Json::Table(servers) => Json::Table(servers.into_iter().map(|(id, server)| (id, object(server))).collect()),
                other => other,
            })
        }
        (Some(Kind::List { .. }), Json::Text(text)) if text.expose().trim_start().starts_with('[') => {
            let whole = Secret::new(format!("{{\"list\":{}}}", text.expose()));
            let read = json::object(whole.expose().as_bytes()).map_err(|error| sentence(&error))?;
            read.into_values().next().ok_or_else(|| "is not strict JSON".to_owned())
        }
        (_, json) => Ok(json),
    }
}

/// An object that may be written as its JSON text; what cannot be read stays as it is, for its fault to be found.
fn object(json: Json) -> Json {
    let read = match &json {
        Json::Text(text) => json::object(text.expose().as_bytes()).ok(),
        _ => None,
    };
    read.map_or(json, Json::Table)
}

/// The entries of a list setting from texts, which is all that some sources have; ports are numbers.
pub(crate) fn list(name: &str, texts: impl IntoIterator<Item = Secret>) -> Json {
    let ports = matches!(setting(name).map(|setting| setting.kind), Some(Kind::List { of: Item::Port, .. }));
    let entry = |text: Secret| match text.expose().parse::<i64>() {
        Ok(port) if ports => Json::Whole(port),
        _ => Json::text(text.expose()),
    };
    Json::List(texts.into_iter().map(entry).collect())
}

/// Servers from entries of texts, one JSON object each.
pub(crate) fn servers(entries: impl IntoIterator<Item = (String, Secret)>) -> Json {
    let entry = |(id, text): (String, Secret)| (id, object(Json::text(text.expose())));
    Json::Table(entries.into_iter().map(entry).collect::<BTreeMap<_, _>>())
}
