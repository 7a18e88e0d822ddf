//! What an administrator deploys centrally, where a client has a way for that.

use serde_json::{Value, json};

use super::door::{Door, Wanted};
use super::os::Os;
use super::{Client, Fault};

/// The texts to deploy, each under where it belongs.
///
/// # Errors
/// When the client has no central configuration.
pub(crate) fn managed(
    client: &'static Client,
    door: Door,
    os: Os,
    wanted: &[Wanted<'_>],
) -> Result<Vec<(String, String)>, Fault> {
    let entries: Vec<(String, Value)> = wanted.iter().map(|one| (one.id.to_owned(), (client.entry)(door, one))).collect();
    let alone = || client.format.alone(client.container, &entries).unwrap_or_default();
    let lines: Vec<Value> = wanted
        .iter()
        .map(|one| match door {
            Door::Bridge => {
                let line: Vec<String> = std::iter::once(one.program()).chain(one.words()).collect();
                json!({"serverCommand": line})
            }
            Door::Socket => json!({"serverUrl": one.socket_address()}),
            Door::Loopback => json!({"serverUrl": one.address()}),
            Door::Helper => json!({"serverUrl": one.url}),
        })
        .collect();
    let texts = match client.name {
        "vscode" => vec![("Policy ChatAllowedMcpServers of VS Code".to_owned(), pretty(&json!(lines)))],
        "claude-code" => {
            let folder = match os {
                Os::Linux => "/etc/claude-code",
                Os::Macos => "/Library/Application Support/ClaudeCode",
                Os::Windows => r"C:\Program Files\ClaudeCode",
            };
            vec![
                (format!("{folder}/managed-mcp.json"), alone()),
                (format!("{folder}/managed-settings.json"), pretty(&json!({"allowedMcpServers": lines}))),
            ]
        }
        "claude-desktop" => {
            let servers: Vec<Value> = wanted
                .iter()
                .map(|one| json!({"name": one.id, "transport": "stdio", "command": one.program(), "args": one.words()}))
                .collect();
            // The value is a text that holds JSON.
            vec![("managedMcpServers of Claude Desktop (MDM value, a text)".to_owned(), Value::from(servers).to_string())]
        }
        "codex" => vec![("/etc/codex/managed_config.toml".to_owned(), alone())],
        "gemini" => {
            let place = match os {
                Os::Linux => "/etc/gemini-cli/settings.json",
                Os::Macos => "/Library/Application Support/GeminiCli/settings.json",
                Os::Windows => r"C:\ProgramData\gemini-cli\settings.json",
            };
            vec![(place.to_owned(), alone())]
        }
        _ => return Err(Fault::Unmanaged(client.title, client.name)),
    };
    Ok(texts)
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
