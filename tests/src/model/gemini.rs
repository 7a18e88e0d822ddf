//! Google's generateContent, whole and as a stream.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{Mind, Thought, events, names};

pub(super) fn router() -> Router<Mind> {
    Router::new().route("/v1beta/models/{call}", post(generate))
}

async fn generate(State(mind): State<Mind>, Path(call): Path<String>, Json(asked): Json<Value>) -> Response {
    if call.ends_with(":countTokens") {
        return Json(json!({"totalTokens": 1})).into_response();
    }
    let groups = asked["tools"].as_array().into_iter().flatten();
    let tools = groups.flat_map(|group| names(&group["functionDeclarations"], |tool| tool["name"].as_str())).collect();
    let parts = asked["contents"].as_array().into_iter().flatten().filter_map(|content| content["parts"].as_array()).flatten();
    let results =
        parts.filter_map(|part| part.get("functionResponse")).map(|response| response["response"].to_string()).collect();
    let part = match mind.think(tools, results).await {
        Thought::Call(name, _) => json!({"functionCall": {"name": name, "args": {}}}),
        Thought::Say(text) => json!({ "text": text }),
    };
    let answer = json!({
        "candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2},
    });
    match call.contains(":stream") {
        true => events([(None, answer)]),
        false => Json(answer).into_response(),
    }
}
