//! The sandbox tried from outside, with plain HTTP only.

mod admin;
mod faults;
mod flow;
mod interactive;
mod products;
mod refusals;
mod revisions;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::browser::Browser;
use crate::keys::{Key, digest, random};
use crate::{LINEAR_SECRET, Options, PASSWORD, Profile, World};

const ID_JAG: &str = "urn:ietf:params:oauth:token-type:id-jag";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const REFRESH_TOKEN: &str = "urn:ietf:params:oauth:token-type:refresh_token";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const CALLBACK: &str = "http://127.0.0.1:8971/callback";

async fn world() -> World {
    World::start(Options::default()).await
}

async fn world_like(profile: &str) -> World {
    World::start(Options { profile: Profile::named(profile).unwrap(), ..Options::default() }).await
}

/// A status with the document that came with it.
#[derive(Debug)]
struct Reply(u16, Value);

impl Reply {
    fn error(&self) -> &str {
        self.1["error"].as_str().unwrap_or_default()
    }

    fn text(&self, name: &str) -> String {
        self.1[name].as_str().unwrap_or_else(|| panic!("no {name} in {self:?}")).to_owned()
    }
}

async fn post(world: &World, url: &str, basic: Option<(&str, &str)>, form: &[(&str, &str)]) -> Reply {
    let mut request = crate::world::http(world.ca_pem(), false).post(url).form(form);
    if let Some((id, secret)) = basic {
        let part = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        request = request.basic_auth(part(id), Some(part(secret)));
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    Reply(status, response.json().await.unwrap_or_default())
}

/// One person with a browser and an agent.
struct Employee<'a> {
    world: &'a World,
    browser: Browser,
    client: &'static str,
    id_token: String,
    refresh_token: String,
}

impl<'a> Employee<'a> {
    async fn sign_in(world: &'a World, user: &str) -> Self {
        let mut employee =
            Self { world, browser: world.browser(), client: "lanyard", id_token: String::new(), refresh_token: String::new() };
        let reply = employee.again(user, "").await;
        employee.id_token = reply.text("id_token");
        employee.refresh_token = reply.text("refresh_token");
        employee
    }

    /// Another round through the same browser; `extra` joins the authorization request.
    async fn again(&self, user: &str, extra: &str) -> Reply {
        let (state, nonce, verifier) = (random(16), random(16), random(32));
        let url = self.authorization_url(&format!("state={state}&nonce={nonce}{extra}"), &verifier);
        let landed = self.browser.sign_in_for_paste(&url, user, PASSWORD).await.unwrap();
        let landed = url::Url::parse(&landed).unwrap();
        let value = |name: &str| landed.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        assert_eq!(value("state"), Some(state), "{landed}");
        assert_eq!(value("iss"), Some(self.world.idp.issuer()));
        let Some(code) = value("code") else { return Reply(0, json!({"error": value("error")})) };
        let mut form = self.client();
        form.extend([
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", &verifier),
        ]);
        self.token(&form).await
    }

    fn authorization_url(&self, extra: &str, verifier: &str) -> String {
        format!(
            "{}/authorize?response_type=code&client_id={}&redirect_uri={CALLBACK}&scope=openid%20profile%20email%20offline_access\
             &code_challenge={}&code_challenge_method=S256&{extra}",
            self.world.idp.issuer().trim_end_matches('/'),
            self.client,
            digest(verifier)
        )
    }

    fn client(&self) -> Vec<(&str, &str)> {
        vec![("client_id", self.client)]
    }

    async fn token(&self, form: &[(&str, &str)]) -> Reply {
        post(self.world, &format!("{}/token", self.world.idp.issuer().trim_end_matches('/')), None, form).await
    }

    async fn refresh(&self, token: &str) -> Reply {
        let mut form = self.client();
        form.extend([("grant_type", "refresh_token"), ("refresh_token", token), ("scope", "openid email offline_access")]);
        self.token(&form).await
    }

    async fn exchange(&self, server: &str, scope: Option<&str>) -> Reply {
        self.exchange_with(server, &self.id_token, ID_TOKEN, scope).await
    }

    async fn exchange_with(&self, server: &str, subject: &str, kind: &str, scope: Option<&str>) -> Reply {
        let (audience, resource) = (self.world.resource(server).issuer(), self.world.server(server).url());
        let mut form = self.client();
        form.extend([
            ("grant_type", EXCHANGE),
            ("requested_token_type", ID_JAG),
            ("subject_token", subject),
            ("subject_token_type", kind),
            ("audience", &audience),
            ("resource", &resource),
        ]);
        form.extend(scope.map(|scope| ("scope", scope)));
        self.token(&form).await
    }

    async fn assertion(&self, server: &str, scope: &str) -> String {
        self.exchange(server, Some(scope)).await.text("access_token")
    }

    async fn redeem(&self, server: &str, assertion: &str, scope: Option<&str>) -> Reply {
        let resource = self.world.server(server).url();
        let mut form = vec![("grant_type", JWT_BEARER), ("assertion", assertion), ("resource", resource.as_str())];
        form.extend(scope.map(|scope| ("scope", scope)));
        let issuer = self.world.resource(server).issuer();
        let endpoint = format!("{}/token", issuer.trim_end_matches('/'));
        let proof = client_assertion(self.world, "lanyard-at-wiki", &issuer);
        match server {
            "linear" => return post(self.world, &endpoint, Some(("lanyard-at-linear", LINEAR_SECRET)), &form).await,
            "figma" => form.push(("client_id", "lanyard-at-figma")),
            _ => form.extend([("client_assertion_type", PROOF), ("client_assertion", proof.as_str())]),
        }
        post(self.world, &endpoint, None, &form).await
    }

    /// Both legs.
    async fn access(&self, server: &str, scope: &str) -> String {
        let assertion = self.assertion(server, scope).await;
        self.redeem(server, &assertion, None).await.text("access_token")
    }
}

const PROOF: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn client_assertion(world: &World, client: &str, audience: &str) -> String {
    let pem = std::fs::read(world.wiki_key_file()).unwrap();
    let key = jsonwebtoken::EncodingKey::from_ec_pem(&pem).unwrap();
    let now = jsonwebtoken::get_current_timestamp();
    let claims = json!({"iss": client, "sub": client, "aud": audience, "iat": now, "exp": now + 60, "jti": random(9)});
    jsonwebtoken::encode(&jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256), &claims, &key).unwrap()
}

/// A JSON-RPC request of revision 2026-07-28, without any handshake.
async fn call(world: &World, server: &str, token: Option<&str>, tool: &str, arguments: Value) -> reqwest::Response {
    let version = "2026-07-28";
    let message = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": tool, "arguments": arguments, "_meta": {
            "io.modelcontextprotocol/protocolVersion": version,
            "io.modelcontextprotocol/clientInfo": {"name": "trial", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        }},
    });
    let mut request = crate::world::http(world.ca_pem(), false)
        .post(world.server(server).url())
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", version)
        .header("mcp-method", "tools/call")
        .header("mcp-name", tool)
        .json(&message);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    request.send().await.unwrap()
}

/// The result in a JSON or an event-stream answer.
async fn result(response: reqwest::Response) -> Value {
    let text = response.text().await.unwrap();
    let data = text.lines().rev().find_map(|line| line.strip_prefix("data: ").filter(|data| !data.is_empty()));
    let message: Value = serde_json::from_str(data.unwrap_or(&text)).unwrap_or_else(|_| panic!("{text}"));
    message["result"].clone()
}

fn forged(claims: &Value) -> String {
    Key::generate(jsonwebtoken::Algorithm::ES256).sign("oauth-id-jag+jwt", claims, None)
}

/// A loopback listener for one redirect: its port, and the request that came.
async fn agent() -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let request = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = vec![0; 4096];
        let read = stream.read(&mut buffer).await.unwrap();
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nDone";
        stream.write_all(answer).await.unwrap();
        String::from_utf8_lossy(&buffer[..read]).into_owned()
    });
    (port, request)
}
