//! What is open to look at: policy, the audit, the support bundle.

use http::request::Parts;
use hyper::body::Incoming;
use wire::{AuditPage, Code};

use super::{Answer, Fault, Visit, body, reply};

impl Visit<'_> {
    /// `GET /v1/status`.
    pub(super) fn status(&self, _: &Parts, body: &Incoming) -> Answer {
        body::none(body)?;
        reply::json(&self.api.agent.status())
    }

    /// `GET /v1/policy`.
    pub(super) fn policy(&self, _: &Parts, body: &Incoming) -> Answer {
        body::none(body)?;
        reply::json(&self.api.agent.policy())
    }

    /// `POST /v1/policy/reload`.
    pub(super) async fn reload(&self, parts: &Parts, body: Incoming) -> Answer {
        self.plain(parts, body).await?;
        reply::json(&self.api.agent.reload_policy().await)
    }

    /// `GET /v1/audit?after=N`.
    pub(super) fn audit(&self, parts: &Parts, body: &Incoming) -> Answer {
        body::none(body)?;
        let (events, last) = self.api.audit.since(after(parts.uri.query())?);
        reply::json(&AuditPage { events, last })
    }

    /// `POST /v1/diagnostics`.
    pub(super) async fn diagnostics(&self, parts: &Parts, body: Incoming) -> Answer {
        self.plain(parts, body).await?;
        reply::json(&self.within(self.api.agent.diagnostics()).await?)
    }
}

/// The number after `after=`; 0 without a query.
fn after(query: Option<&str>) -> Result<u64, Fault> {
    let Some(query) = query.filter(|query| !query.is_empty()) else { return Ok(0) };
    let digits = query.strip_prefix("after=").filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).ok_or(Fault::Own(Code::BadRequest, "The query is after= and a number.", None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_is_one_number() {
        let table = [
            (None, Some(0)),
            (Some(""), Some(0)),
            (Some("after=7"), Some(7)),
            (Some("after="), None),
            (Some("after=-1"), None),
            (Some("after=+1"), None),
            (Some("after=1&after=2"), None),
            (Some("after=99999999999999999999"), None),
            (Some("before=1"), None),
        ];
        for (query, expected) in table {
            assert_eq!(after(query).ok(), expected, "{query:?}");
        }
    }
}
