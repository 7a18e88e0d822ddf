//! The companies that the suite's servers belong to.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sandbox::{Browser, Desk, Login};
use serde_json::{Value, json};

/// The id of the suite's server in policy.
pub(super) const SERVER: &str = "suite";
const NOBODY: &str = "http://127.0.0.1:9";

/// A desk whose employee's identity the suite hands over; there is no sign-in.
pub(super) fn employee(url: &str, context: &Value) -> io::Result<Desk> {
    let server = json!({
        "url": url, "clientId": context["client_id"], "clientSecret": context["client_secret"],
        "clientAuthentication": "client_secret_basic",
    });
    let policy = json!({
        "Issuer": context["idp_issuer"], "ClientId": context["idp_client_id"], "TokenEndpoint": context["idp_token_endpoint"],
        "AllowInsecureLoopback": true, "Servers": { SERVER: server },
    });
    start(&policy, context["idp_id_token"].as_str().unwrap_or_default())
}

/// A desk in a company whose policy lets people sign in to this one server in the browser: the ordinary flow of MCP.
pub(super) async fn stranger(url: &str, context: &Value, legacy: bool) -> io::Result<Desk> {
    let mut server = json!({
        "url": url, "route": "interactive", "legacyDiscovery": legacy, "clientId": "registered-by-it",
        "clientAuthentication": "none",
    });
    if let Some(secret) = context["client_secret"].as_str() {
        server["clientId"] = context["client_id"].clone();
        server["clientSecret"] = json!(secret);
        server["clientAuthentication"] = json!("client_secret_basic");
    }
    let policy = elsewhere(&server);
    let now = jiff::Timestamp::now().as_second();
    let claims = json!({ "iss": NOBODY, "aud": "lanyard", "sub": "ada", "iat": now, "exp": now + 3600 });
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let desk = start(&policy, &format!("{}.{}.unsigned", part(json!({ "alg": "RS256" })), part(claims)))?;
    desk.until("signed in", |status| status["session"]["state"] == "active").await;

    let login = Login::begin_with(&desk, &["login", "--print-url", "--server", SERVER]).await;
    if login.url.is_empty() {
        return Err(io::Error::other(format!("no address to open: {:?}\n{}", login.end().await, desk.agent_log())));
    }
    let landing = desk.browser().sign_in(&login.url, "", "").await.map_err(io::Error::other)?;
    match landing.page.contains("<h1>Signed in</h1>") {
        true => Ok(desk),
        false => Err(io::Error::other(format!("the browser ended at {landing:?}\n{}", desk.agent_log()))),
    }
}

/// A desk in a company whose server asks nobody who they are.
pub(super) fn open_house(url: &str) -> io::Result<Desk> {
    let server = json!({ "url": url, "route": "none" });
    let mut desk = Desk::with_browser(Browser::new(None), &elsewhere(&server));
    desk.start_agent();
    Ok(desk)
}

/// A policy with one server, whose identity provider takes no part in it and is never asked.
fn elsewhere(server: &Value) -> Value {
    json!({ "Issuer": NOBODY, "ClientId": "lanyard", "AllowInsecureLoopback": true, "Servers": { SERVER: server } })
}

/// Starts an agent that takes `id_token` for its employee's.
fn start(policy: &Value, id_token: &str) -> io::Result<Desk> {
    let mut desk = Desk::with_browser(Browser::new(None), policy);
    let file = desk.path("id_token");
    std::fs::write(&file, id_token)?;
    desk.set("LANYARD_DEBUG_ID_TOKEN", &file.display().to_string());
    desk.start_agent();
    Ok(desk)
}
