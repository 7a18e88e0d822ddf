use http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
use secret::Secret;
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded::Serializer;
use zeroize::Zeroizing;

use crate::{Client, ClientAuth, NetError, Pace, Reach, Reply, theirs};

/// One request to an OAuth token endpoint (RFC 6749 §3.2): form fields and the client's proof.
pub struct TokenRequest<'a> {
    /// The endpoint, from validated metadata or policy (MUST 7).
    pub endpoint: &'a str,
    /// The proof of the client.
    pub auth: &'a ClientAuth,
    /// The other fields; a field that is not wanted is left out by the caller.
    pub fields: Vec<(&'static str, &'a str)>,
}

/// What a token endpoint said, judged before any meaning is read from the error code:
/// first interference, then 429, then 5xx, then errors in a 200.
pub enum Answer {
    /// 200 without an error in it.
    Granted(Reply),
    /// An OAuth error.
    Refused(Refusal),
    /// HTTP 429, whatever the body says (MUST 39).
    Throttled {
        /// `Retry-After`, seconds.
        retry_after: Option<u64>,
    },
    /// 5xx, `server_error` or `temporarily_unavailable`.
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// The server's trace id.
        trace: Option<String>,
    },
    /// A redirect or a web page: not the server (MUST 45).
    Interference,
}

/// An OAuth error answer, its texts already fit to be shown as theirs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// `error`, empty when the body had none.
    pub code: String,
    /// `error_description`, at most 300 characters.
    pub description: String,
    /// `acr_values` of a step-up demand (RFC 9470).
    pub acr_values: Option<String>,
    /// `max_age` of a step-up demand, seconds.
    pub max_age: Option<u64>,
    /// The server's own id of the exchange.
    pub trace: Option<String>,
    /// How far the server's clock is ahead, seconds.
    pub clock_offset: Option<i64>,
}

impl TokenRequest<'_> {
    /// Sends the request once, in its turn of `pace`. Redirects are not followed.
    pub async fn send(&self, client: &Client, reach: &Reach, pace: Option<&Pace>) -> Result<Answer, NetError> {
        if let Some(pace) = pace {
            pace.turn().await;
        }
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let mut proof: Vec<(&'static str, Secret)> = Vec::new();
        self.auth.prove(&mut proof, &mut headers, Timestamp::now()).map_err(|error| NetError::Settings(error.to_string()))?;
        let body = form(&self.fields, &proof);
        let reply = client.post(self.endpoint, headers, body.as_bytes().to_vec(), reach).await?;
        Ok(judge(reply))
    }
}

fn form(fields: &[(&'static str, &str)], proof: &[(&'static str, Secret)]) -> Zeroizing<String> {
    let mut form = Serializer::new(String::new());
    form.extend_pairs(fields);
    form.extend_pairs(proof.iter().map(|(name, value)| (*name, value.expose())));
    Zeroizing::new(form.finish())
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ErrorBody {
    ok: Option<bool>,
    error: Option<Value>,
    error_description: Option<Value>,
    #[serde(rename = "errorCode")]
    error_code: Option<Value>,
    #[serde(rename = "errorSummary")]
    error_summary: Option<Value>,
    acr_values: Option<Value>,
    max_age: Option<Value>,
}

fn judge(reply: Reply) -> Answer {
    if reply.status == 429 {
        return Answer::Throttled { retry_after: reply.retry_after() };
    }
    if reply.status >= 500 {
        return Answer::Unavailable { status: reply.status, trace: reply.trace() };
    }
    if reply.is_interference() {
        return Answer::Interference;
    }
    let body: ErrorBody = serde_json::from_slice(&reply.body).unwrap_or_default();
    let failed = body.ok == Some(false) || body.error.is_some() || body.error_code.is_some();
    if reply.status == 200 && !failed {
        return Answer::Granted(reply);
    }
    let code = text(body.error.or(body.error_code), 80);
    if code == "server_error" || code == "temporarily_unavailable" {
        return Answer::Unavailable { status: reply.status, trace: reply.trace() };
    }
    Answer::Refused(Refusal {
        status: reply.status,
        code,
        description: text(body.error_description.or(body.error_summary), 300),
        acr_values: body.acr_values.map(|value| text(Some(value), 200)).filter(|value| !value.is_empty()),
        max_age: body.max_age.and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok())),
        trace: reply.trace(),
        clock_offset: reply.clock_offset(),
    })
}

fn text(value: Option<Value>, limit: usize) -> String {
    match value {
        Some(Value::String(text)) => theirs(&text, limit),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, kind: &str, body: &str) -> Reply {
        Reply {
            host: "idp.example".into(),
            status,
            headers: crate::client::headers(&[(header::CONTENT_TYPE, kind), (header::RETRY_AFTER, "9")]),
            body: Zeroizing::new(body.into()),
            received: Timestamp::UNIX_EPOCH,
        }
    }

    fn named(answer: &Answer) -> String {
        match answer {
            Answer::Granted(_) => "granted".into(),
            Answer::Refused(refusal) => format!("refused {} {}", refusal.code, refusal.description).trim_end().into(),
            Answer::Throttled { retry_after } => format!("throttled {retry_after:?}"),
            Answer::Unavailable { status, .. } => format!("unavailable {status}"),
            Answer::Interference => "interference".into(),
        }
    }

    #[test]
    fn answers_are_judged_before_their_code_is_read() {
        let json = "application/json";
        let table = [
            (200, json, r#"{"access_token":"x"}"#, "granted"),
            (200, json, r#"{"ok":false,"error":"invalid_auth"}"#, "refused invalid_auth"),
            (200, json, r#"{"error":"invalid_grant","error_description":"no"}"#, "refused invalid_grant no"),
            (429, json, r#"{"error":"invalid_grant"}"#, "throttled Some(9)"),
            (429, "text/html", "<html>", "throttled Some(9)"),
            (503, "text/html", "<html>", "unavailable 503"),
            (500, json, r#"{"error":"server_error"}"#, "unavailable 500"),
            (400, json, r#"{"error":"temporarily_unavailable"}"#, "unavailable 400"),
            (302, json, "", "interference"),
            (200, "text/html", "<html>Welcome to the hotel", "interference"),
            (400, "text/html", "<html>", "interference"),
            (400, json, r#"{"error":"invalid_grant","error_description":"line\nbreak"}"#, "refused invalid_grant line break"),
            (
                403,
                json,
                r#"{"errorCode":"E0000006","errorSummary":"You do not have permission"}"#,
                "refused E0000006 You do not have permission",
            ),
            (401, "text/plain", "nope", "refused"),
            (404, json, "", "refused"),
            (400, json, r#"{"error":["a"]}"#, "refused"),
        ];
        for (status, kind, body, expected) in table {
            assert_eq!(named(&judge(reply(status, kind, body))), expected, "{status} {body}");
        }
    }

    #[test]
    fn a_step_up_demand_keeps_its_details() {
        let Answer::Refused(refusal) = judge(reply(
            400,
            "application/json",
            r#"{"error":"insufficient_user_authentication","acr_values":"phr mfa","max_age":0}"#,
        )) else {
            panic!("refused");
        };
        assert_eq!((refusal.acr_values.as_deref(), refusal.max_age), (Some("phr mfa"), Some(0)));
    }
}
