//! Agents at work: each calls a tool again and again, for longer than a token lives, because a model told it to.

use std::collections::BTreeSet;
use std::time::Duration;

use sandbox::{Desk, Model, Profile, Said, World};
use serde_json::{Value, json};

use super::{Clients, desk, desk_with};

const CALLS: usize = 3;
/// Two calls stand further apart than the six seconds that a token lives.
const PAUSE: Duration = Duration::from_secs(7);

/// An agent, ready to be set up.
struct Trial {
    clients: Clients,
    world: World,
    desk: Desk,
    model: Model,
}

impl Trial {
    async fn begin() -> Option<Self> {
        Self::begin_with(Profile::default()).await
    }

    async fn begin_with(profile: Profile) -> Option<Self> {
        let clients = Clients::open()?;
        let (world, desk) = desk_with(profile).await;
        let model = Model::start("whoami", CALLS, PAUSE).await.unwrap();
        Some(Self { clients, world, desk, model })
    }

    /// Writes a file of the person's own, before anybody sets anything up.
    fn keep(&self, place: &str, text: &str) {
        let file = self.desk.path("home").join(place);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    async fn set_up(&self, client: &str, door: &str) {
        let said = self.desk.say(&["setup", client, "--door", door, "--server", "linear"]).await;
        assert_eq!(said.code, 0, "{said:?}");
    }

    /// Every call came to the person's own answer, each with another token, and nobody signed in again.
    fn judge(&self, said: &Said) {
        let told = self.model.told();
        let context = || format!("{told:#?}\n{:?}\n{said:?}\n{}", self.model.offered(), self.desk.agent_log());
        assert_eq!(told.len(), CALLS, "{}", context());
        assert!(told.iter().all(|result| result.contains("ada")), "{}", context());
        let calls = self.world.server("linear").audit().into_iter().filter(|event| event.kind == "tools/call");
        let tokens: BTreeSet<String> = calls.map(|event| event.jti).collect();
        assert_eq!(tokens.len(), CALLS, "the tokens did not end between the calls: {}", context());
        assert_eq!(self.world.idp.count("sign_in"), 1);
    }
}

async fn claude_code(door: &str) {
    let Some(trial) = Trial::begin().await else { return };
    trial.set_up("claude-code", door).await;
    let words = ["-p", "Who am I?", "--model", "claude-sonnet-4-5", "--allowedTools", "mcp__linear__whoami"];
    let model = [("ANTHROPIC_BASE_URL", trial.model.base()), ("ANTHROPIC_API_KEY", "none"), ("ENABLE_TOOL_SEARCH", "false")];
    trial.judge(&trial.clients.say_with(&trial.desk, "claude", &words, &model).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claude_code_works_by_the_bridge_while_tokens_end() {
    claude_code("bridge").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claude_code_works_by_the_loopback_door_while_tokens_end() {
    claude_code("loopback").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claude_code_works_by_its_helper_while_tokens_end() {
    claude_code("helper").await;
}

async fn gemini(door: &str) {
    // Gemini CLI 0.61 cannot read the empty event that a stream of the official Rust SDK begins with, with or without
    // Lanyard; the bridge does not hand it on.
    let profile = Profile { no_first_event: door == "loopback", ..Profile::default() };
    let Some(trial) = Trial::begin_with(profile).await else { return };
    let own = json!({"security": {"folderTrust": {"enabled": false}, "auth": {"selectedType": "gemini-api-key"}}});
    trial.keep(".gemini/settings.json", &own.to_string());
    trial.set_up("gemini", door).await;
    let model = [("GOOGLE_GEMINI_BASE_URL", trial.model.base()), ("GEMINI_API_KEY", "none")];
    let words = ["-m", "gemini-2.5-flash", "--yolo", "-p", "Who am I?"];
    trial.judge(&trial.clients.say_with(&trial.desk, "gemini", &words, &model).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gemini_cli_works_by_the_bridge_while_tokens_end() {
    gemini("bridge").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gemini_cli_works_by_the_loopback_door_while_tokens_end() {
    gemini("loopback").await;
}

async fn opencode(door: &str) {
    let Some(trial) = Trial::begin().await else { return };
    let provider = json!({
        "npm": "@ai-sdk/openai-compatible", "name": "mock",
        "options": {"baseURL": format!("{}/v1", trial.model.base()), "apiKey": "none"},
        "models": {"mock": {"name": "mock", "tool_call": true}},
    });
    let own = json!({
        "autoupdate": false, "model": "mock/mock", "small_model": "mock/mock", "provider": {"mock": provider},
    });
    trial.keep(".config/opencode/opencode.json", &own.to_string());
    trial.set_up("opencode", door).await;
    let quiet = [("OPENCODE_DISABLE_AUTOUPDATE", "1"), ("OPENCODE_DISABLE_MODELS_FETCH", "1")];
    trial.judge(&trial.clients.say_with(&trial.desk, "opencode", &["run", "Who am I?"], &quiet).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn opencode_works_by_the_bridge_while_tokens_end() {
    opencode("bridge").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn opencode_works_by_the_loopback_door_while_tokens_end() {
    opencode("loopback").await;
}

async fn codex(door: &str) {
    let Some(trial) = Trial::begin().await else { return };
    let own = format!(
        "model = \"mock\"\nmodel_provider = \"mock\"\n\n[model_providers.mock]\nname = \"mock\"\n\
         base_url = \"{}/v1\"\nwire_api = \"responses\"\nenv_key = \"MOCK_KEY\"\n",
        trial.model.base()
    );
    trial.keep(".codex/config.toml", &own);
    trial.set_up("codex", door).await;
    let words = ["exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "Who am I?"];
    trial.judge(&trial.clients.say_with(&trial.desk, "codex", &words, &[("MOCK_KEY", "none")]).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codex_works_by_the_bridge_while_tokens_end() {
    codex("bridge").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codex_works_by_the_loopback_door_while_tokens_end() {
    codex("loopback").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codex_works_by_its_helper_while_tokens_end() {
    codex("helper").await;
}

/// What Codex shows of itself must be what was set up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codex_reads_what_setup_wrote() {
    let Some(clients) = Clients::open() else { return };
    let (_world, desk) = desk().await;
    assert_eq!(desk.say(&["setup", "codex"]).await.code, 0);
    let listed = clients.say(&desk, "codex", &["mcp", "list", "--json"]).await;
    let servers: Value = serde_json::from_str(&listed.stdout).unwrap_or_else(|_| panic!("{listed:?}"));
    assert_eq!(servers.as_array().map(Vec::len), Some(4), "{servers}");
}
