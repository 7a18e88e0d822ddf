//! OpenAI's Responses, and the chat completions that others took over from it.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::{Mind, Thought, events, names};

pub(super) fn router() -> Router<Mind> {
    let models = async || Json(json!({"object": "list", "data": [{"id": "mock", "object": "model"}], "models": []}));
    Router::new()
        .route("/v1/models", get(models))
        .route("/v1/chat/completions", post(completions))
        .route("/v1/responses", post(responses))
}

async fn completions(State(mind): State<Mind>, Json(asked): Json<Value>) -> Response {
    let tools = names(&asked["tools"], |tool| tool["function"]["name"].as_str());
    let messages = asked["messages"].as_array().into_iter().flatten();
    let results = messages.filter(|message| message["role"] == "tool").map(|message| message["content"].to_string()).collect();
    let (message, reason) = match mind.think(tools, results).await {
        Thought::Call(name, number) => {
            let function = json!({"name": name, "arguments": "{}"});
            let call = json!({"index": 0, "id": format!("call_{number}"), "type": "function", "function": function});
            (json!({"role": "assistant", "content": null, "tool_calls": [call]}), "tool_calls")
        }
        Thought::Say(text) => (json!({"role": "assistant", "content": text}), "stop"),
    };
    let usage = json!({"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2});
    let whole = |kind: &str, choices: Value, usage: &Value| json!({"id": "chat_1", "object": kind, "created": 1, "model": asked["model"], "choices": choices, "usage": usage});
    if asked["stream"] != true {
        let choices = json!([{"index": 0, "message": message, "finish_reason": reason}]);
        return Json(whole("chat.completion", choices, &usage)).into_response();
    }
    let chunk = |delta: Value, reason: Value| {
        whole("chat.completion.chunk", json!([{"index": 0, "delta": delta, "finish_reason": reason}]), &Value::Null)
    };
    let chunks =
        [chunk(message, Value::Null), chunk(json!({}), json!(reason)), whole("chat.completion.chunk", json!([]), &usage)];
    let text: String = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
    ([(CONTENT_TYPE, "text/event-stream")], format!("{text}data: [DONE]\n\n")).into_response()
}

async fn responses(State(mind): State<Mind>, Json(asked): Json<Value>) -> Response {
    // The tools of one server may stand together under its name.
    let tool = |tool: &Value, space: Option<&str>| Some((tool["name"].as_str()?.to_owned(), space.map(str::to_owned)));
    let listed: Vec<(String, Option<String>)> = asked["tools"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|entry| match entry["tools"].as_array() {
            Some(inner) => inner.iter().filter_map(|one| tool(one, entry["name"].as_str())).collect::<Vec<_>>(),
            None => tool(entry, None).into_iter().collect(),
        })
        .collect();
    let items = asked["input"].as_array().into_iter().flatten();
    let is_result = |item: &&Value| item["type"].as_str().is_some_and(|kind| kind.ends_with("_call_output"));
    let results = items.filter(is_result).map(|item| item["output"].to_string()).collect();
    let tools = listed.iter().map(|(name, _)| name.clone()).collect();
    let item = match mind.think(tools, results).await {
        Thought::Call(name, number) => {
            let space = listed.iter().find(|(known, _)| *known == name).and_then(|(_, space)| space.clone());
            let (id, call) = (format!("fc_{number}"), format!("call_{number}"));
            let mut item = json!({"type": "function_call", "id": id, "call_id": call, "name": name, "arguments": "{}"});
            if let Some(space) = space {
                item["namespace"] = json!(space);
            }
            item
        }
        Thought::Say(text) => {
            let content = json!([{"type": "output_text", "text": text, "annotations": []}]);
            json!({"type": "message", "id": "msg_1", "role": "assistant", "content": content})
        }
    };
    let usage = json!({
        "input_tokens": 1, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 1,
        "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 2,
    });
    let response = |status: &str, output: Value| json!({"id": "resp_1", "object": "response", "status": status, "output": output, "usage": usage});
    let event = |kind: &'static str, mut data: Value| {
        data["type"] = json!(kind);
        (Some(kind), data)
    };
    events([
        event("response.created", json!({"response": response("in_progress", json!([]))})),
        event("response.output_item.added", json!({"output_index": 0, "item": item})),
        event("response.output_item.done", json!({"output_index": 0, "item": item})),
        event("response.completed", json!({"response": response("completed", json!([item]))})),
    ])
}
