//! A fault as an MCP client can understand it. It is never a 401 or 403, which would make the client start a sign-in
//! of its own, and no text of an IdP or server stands in it.

use bytes::Bytes;
use http::Response;
use serde_json::value::RawValue;
use wire::Problem;

use crate::api::reply::{self, Body};

/// JSON-RPC's range for errors of an implementation (JSON-RPC 2.0 §5.1).
const CODE: i32 = -32_000;

/// The answer to requests of these ids, and problem+json where there is none.
pub(super) fn answer(problem: &Problem, ids: &[String], batch: bool) -> Response<Body> {
    if ids.is_empty() {
        let plain = match problem.status {
            403 => Problem { status: 503, ..problem.clone() },
            _ => problem.clone(),
        };
        return reply::problem(&plain);
    }
    let errors: Vec<String> = ids.iter().map(|id| error(problem, id)).collect();
    let text = if batch { format!("[{}]", errors.join(",")) } else { errors.concat() };
    reply::written(text.into())
}

/// The last event of a stream that is closed: an error for every request that waits on it, or a remark where none does.
pub(super) fn last_event(problem: &Problem, ids: &[String]) -> Bytes {
    if ids.is_empty() {
        return format!(": {}\n\n", problem.sentences().replace(['\r', '\n'], " ")).into();
    }
    ids.iter().map(|id| format!("event: message\ndata: {}\n\n", error(problem, id))).collect::<String>().into()
}

/// The ids of requests as they are written.
pub(super) fn ids<'t>(requests: impl Iterator<Item = &'t RawValue>) -> Vec<String> {
    requests.map(|id| id.get().to_owned()).collect()
}

fn error(problem: &Problem, id: &str) -> String {
    // Our own document and text: writing them does not fail.
    let data = serde_json::to_string(problem).unwrap_or_else(|_| "null".into());
    let message = serde_json::to_string(&problem.sentences()).unwrap_or_else(|_| "\"\"".into());
    format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\":{{\"code\":{CODE},\"message\":{message},\"data\":{data}}}}}")
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use serde_json::Value;
    use wire::Code;

    use super::*;

    async fn read(answer: Response<Body>) -> (u16, String, Value) {
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, kind, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn no_fault_is_a_challenge_and_every_request_gets_its_error() {
        for code in Code::all() {
            let problem = code.problem(Some("it@acme.example")).after(None);
            let (status, kind, body) = read(answer(&problem, &["7".into()], false)).await;
            assert_eq!((status, kind.as_str()), (200, "application/json"));
            assert_eq!(
                (&body["id"], &body["error"]["code"], &body["error"]["data"]["code"]),
                (&7.into(), &CODE.into(), &code.name().into())
            );
            assert_eq!(body["error"]["message"], problem.sentences());
            let (status, kind, body) = read(answer(&problem, &[], false)).await;
            assert!(!matches!(status, 401 | 403) && status >= 400, "{status}");
            assert_eq!((kind.as_str(), &body["status"]), ("application/problem+json", &status.into()));
        }
        let (_, _, body) = read(answer(&Code::Busy.problem(None), &["1".into(), "\"b\"".into()], true)).await;
        assert_eq!((&body[0]["id"], &body[1]["id"]), (&1.into(), &"b".into()));
    }

    #[test]
    fn a_closed_stream_says_why() {
        let problem = Code::SignInRequired.problem(None);
        let event = String::from_utf8(last_event(&problem, &["1".into()]).to_vec()).unwrap();
        assert!(event.starts_with("event: message\ndata: {") && event.ends_with("}\n\n"), "{event}");
        let remark = String::from_utf8(last_event(&problem, &[]).to_vec()).unwrap();
        assert!(remark.starts_with(": ") && remark.matches('\n').count() == 2, "{remark}");
    }
}
