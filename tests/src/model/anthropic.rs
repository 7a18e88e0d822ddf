//! Anthropic's Messages, as a stream and whole.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{Mind, Thought, events, names};

pub(super) fn router() -> Router<Mind> {
    Router::new()
        .route("/v1/messages", post(messages))
        .route("/v1/messages/count_tokens", post(async || Json(json!({"input_tokens": 10}))))
        // Asked to see whether anybody is there.
        .route("/", get(async || Json(json!({}))))
}

async fn messages(State(mind): State<Mind>, Json(asked): Json<Value>) -> Response {
    let tools = names(&asked["tools"], |tool| tool["name"].as_str());
    let blocks = asked["messages"].as_array().into_iter().flatten().filter_map(|message| message["content"].as_array()).flatten();
    let results = blocks.filter(|block| block["type"] == "tool_result").map(|block| block["content"].to_string()).collect();
    let (block, delta, reason) = match mind.think(tools, results).await {
        Thought::Call(name, number) => {
            let block = json!({"type": "tool_use", "id": format!("toolu_{number}"), "name": name, "input": {}});
            (block, json!({"type": "input_json_delta", "partial_json": "{}"}), "tool_use")
        }
        Thought::Say(text) => (json!({"type": "text", "text": text}), json!({"type": "text_delta", "text": text}), "end_turn"),
    };
    let usage = json!({"input_tokens": 1, "output_tokens": 1});
    let message = |content: Value, reason: Value| {
        json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": asked["model"], "content": content,
            "stop_reason": reason, "stop_sequence": null, "usage": usage,
        })
    };
    if asked["stream"] != true {
        return Json(message(json!([block]), json!(reason))).into_response();
    }
    let mut opening = block;
    if opening["type"] == "text" {
        opening["text"] = json!("");
    }
    events([
        (Some("message_start"), json!({"type": "message_start", "message": message(json!([]), Value::Null)})),
        (Some("content_block_start"), json!({"type": "content_block_start", "index": 0, "content_block": opening})),
        (Some("content_block_delta"), json!({"type": "content_block_delta", "index": 0, "delta": delta})),
        (Some("content_block_stop"), json!({"type": "content_block_stop", "index": 0})),
        (
            Some("message_delta"),
            json!({"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": null}, "usage": usage}),
        ),
        (Some("message_stop"), json!({"type": "message_stop"})),
    ])
}
