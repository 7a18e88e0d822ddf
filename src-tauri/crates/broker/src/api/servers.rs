use http::request::Parts;
use hyper::body::Incoming;
use serde_json::json;
use wire::{AuditEvent, Code, ServerEntry, Servers};

use super::{Answer, Fault, Visit, body, reply};
use crate::admission;

impl Visit<'_> {
    /// `GET /v1/servers`: those that this caller may use.
    pub(super) fn servers(&self, _: &Parts, body: &Incoming) -> Answer {
        body::none(body)?;
        admission::open(&self.rules)?;
        admission::program(&self.rules, self.program())
            .inspect_err(|_| self.refused("the program is not one that policy allows"))?;
        let servers = self.rules.servers.keys().filter_map(|id| {
            let rule = admission::server(&self.rules, id, self.program()).ok()?;
            Some(ServerEntry {
                id: id.clone(),
                title: rule.title.clone(),
                url: rule.url.clone(),
                token: admission::gives_token(&self.rules, rule),
            })
        });
        reply::json(&Servers { servers: servers.collect() })
    }

    /// `POST /v1/servers/{id}/retry`.
    pub(super) async fn retry(&self, id: &str, parts: &Parts, body: Incoming) -> Answer {
        self.plain(parts, body).await?;
        self.known(id)?;
        self.within(self.api.agent.retry(id)).await?;
        self.api.audit.record(AuditEvent { server: Some(id.to_owned()), ..self.event("retried") });
        reply::json(&json!({}))
    }

    /// That policy has this server.
    pub(super) fn known(&self, id: &str) -> Result<(), Fault> {
        if self.rules.servers.contains_key(id) { Ok(()) } else { Err(Code::ServerUnknown.into()) }
    }
}
