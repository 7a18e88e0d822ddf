use bytes::Bytes;
use http::Method;
use http::request::Parts;
use hyper::body::Incoming;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use wire::{AuditEvent, Code, KeyRemoved, Programs};
use zeroize::Zeroizing;

use super::{Answer, Fault, Visit, body, reply};
use crate::pairing::KeysError;

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Serialize)]
struct Key<'k> {
    name: &'k str,
    key: &'k str,
}

impl Visit<'_> {
    /// `GET`, `POST` and `DELETE /v1/programs`.
    pub(super) async fn programs(&self, parts: &Parts, body: Incoming) -> Answer {
        let now = Timestamp::now();
        if parts.method == Method::GET {
            body::none(&body)?;
            return reply::json(&Programs { programs: self.api.used.list(self.api.keys.list(), now) });
        }
        let Named { name } = body::read(parts, body, self.api.limits.body).await?;
        if parts.method == Method::DELETE {
            let removed = self.api.keys.remove(&name).map_err(fault)?;
            if removed {
                self.api.audit.record(AuditEvent { reason: Some(name), ..self.event("key-removed") });
            }
            return reply::json(&KeyRemoved { removed });
        }
        let key = self.api.keys.make(&name, now).map_err(fault)?;
        let mut text = Zeroizing::new(Vec::with_capacity(512));
        serde_json::to_writer(&mut *text, &Key { name: &name, key: key.expose() }).map_err(|_| Fault::from(Code::Internal))?;
        self.api.audit.record(AuditEvent { reason: Some(name), ..self.event("key-made") });
        Ok(reply::written(Bytes::from_owner(text)))
    }
}

fn fault(error: KeysError) -> Fault {
    let words = match &error {
        KeysError::Name => "A key's name has 1 to 64 letters, digits, dots, hyphens, underscores or spaces.",
        KeysError::Exists => "A key of this name exists; remove it first.",
        KeysError::TooMany => "There are too many keys; remove one first.",
        KeysError::Damaged(_) | KeysError::File { .. } | KeysError::Random(_) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "a key of the loopback door was not kept");
            return Fault::Own(Code::Internal, "The keys of the loopback door could not be read or kept.", None);
        }
    };
    Fault::Own(Code::BadRequest, words, None)
}
