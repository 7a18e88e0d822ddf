//! The clients: one row each, and the only place that knows their shapes.

use serde_json::{Value, json};

use super::door::{Door, Wanted};
use super::format::Format;
use super::place::Place;

/// A client.
pub(crate) struct Client {
    /// As it is typed.
    pub(crate) name: &'static str,
    /// As people call it.
    pub(crate) title: &'static str,
    /// Programs by which it is known to be there; the first says its version.
    pub(crate) programs: &'static [&'static str],
    /// Its user's configuration.
    pub(crate) place: Place,
    pub(crate) format: Format,
    /// Where in the file its servers are.
    pub(crate) container: &'static str,
    /// The doors it can use, the best first.
    pub(crate) doors: &'static [Door],
    /// What a person should know.
    pub(crate) note: &'static str,
    /// Its entry for a server.
    pub(crate) entry: fn(Door, &Wanted<'_>) -> Value,
}

use Door::{Bridge, Helper, Loopback, Socket};

/// Every client, as `lanyard setup` lists them.
pub(crate) const CLIENTS: &[Client] = &[
    Client {
        name: "vscode",
        title: "VS Code",
        programs: &["code", "code-insiders", "codium"],
        place: Place::Config("Code/User/mcp.json"),
        format: Format::Jsonc,
        container: "servers",
        doors: &[Bridge, Socket, Loopback],
        note: "Press Start beside the server, or let VS Code start it with the first question.",
        entry: vscode,
    },
    Client {
        name: "claude-code",
        title: "Claude Code",
        programs: &["claude"],
        place: Place::Named("CLAUDE_CONFIG_DIR", ".claude.json", ".claude.json"),
        format: Format::Jsonc,
        container: "mcpServers",
        doors: &[Bridge, Loopback, Helper],
        note: "The entry is of user scope, so it holds in every folder. Set MCP_TIMEOUT=60000 where a sign-in may take long.",
        entry: claude_code,
    },
    Client {
        name: "claude-desktop",
        title: "Claude Desktop",
        programs: &["claude-desktop"],
        place: Place::Config("Claude/claude_desktop_config.json"),
        format: Format::Jsonc,
        container: "mcpServers",
        doors: &[Bridge],
        note: "Restart Claude Desktop after a change.",
        entry: plain,
    },
    Client {
        name: "codex",
        title: "Codex",
        programs: &["codex"],
        place: Place::Named("CODEX_HOME", "config.toml", ".codex/config.toml"),
        format: Format::Toml,
        container: "mcp_servers",
        doors: &[Bridge, Loopback, Helper],
        note: "",
        entry: codex,
    },
    Client {
        name: "cursor",
        title: "Cursor",
        programs: &["cursor"],
        place: Place::Home(".cursor/mcp.json"),
        format: Format::Jsonc,
        container: "mcpServers",
        doors: &[Bridge, Loopback],
        note: "Switch the server on in Cursor's settings, under MCP.",
        entry: plain,
    },
    Client {
        name: "gemini",
        title: "Gemini CLI",
        programs: &["gemini"],
        place: Place::Home(".gemini/settings.json"),
        format: Format::Jsonc,
        container: "mcpServers",
        doors: &[Bridge, Loopback],
        note: "Gemini CLI starts servers in trusted folders alone. An administrator's mcp.allowed must name the server, where it is set.",
        entry: gemini,
    },
    Client {
        name: "windsurf",
        title: "Windsurf",
        programs: &["windsurf"],
        place: Place::Home(".codeium/windsurf/mcp_config.json"),
        format: Format::Jsonc,
        container: "mcpServers",
        doors: &[Bridge, Loopback],
        note: "Press Refresh in Cascade's list of servers.",
        entry: windsurf,
    },
    Client {
        name: "goose",
        title: "Goose",
        programs: &["goose"],
        place: Place::Xdg("goose/config.yaml", "Block/goose/config/config.yaml"),
        format: Format::Yaml,
        container: "extensions",
        doors: &[Bridge, Loopback],
        note: "",
        entry: goose,
    },
    Client {
        name: "opencode",
        title: "opencode",
        programs: &["opencode"],
        place: Place::Xdg("opencode/opencode.json", "opencode/opencode.json"),
        format: Format::Jsonc,
        container: "mcp",
        doors: &[Bridge, Loopback],
        note: "",
        entry: opencode,
    },
    Client {
        name: "jetbrains",
        title: "JetBrains Junie",
        programs: &["idea", "pycharm", "webstorm", "rustrover"],
        place: Place::Home(".junie/mcp/mcp.json"),
        format: Format::Jsonc,
        container: "mcpServers",
        doors: &[Bridge],
        note: "AI Assistant keeps its servers in the IDE: paste what --print shows under Settings, Tools, AI Assistant, MCP.",
        entry: plain,
    },
    Client {
        name: "zed",
        title: "Zed",
        programs: &["zed", "zeditor"],
        place: Place::Xdg("zed/settings.json", "Zed/settings.json"),
        format: Format::Jsonc,
        container: "context_servers",
        doors: &[Bridge],
        note: "",
        entry: plain,
    },
    Client {
        name: "copilot-cli",
        title: "Copilot CLI",
        programs: &["copilot"],
        place: Place::Home(".copilot/mcp-config.json"),
        format: Format::Jsonc,
        container: "mcpServers",
        doors: &[Bridge, Loopback],
        note: "",
        entry: copilot,
    },
];

fn plain(door: Door, wanted: &Wanted<'_>) -> Value {
    match door {
        Loopback => json!({"url": wanted.address(), "headers": headers(wanted)}),
        _ => json!({"command": wanted.program(), "args": wanted.words()}),
    }
}

fn vscode(door: Door, wanted: &Wanted<'_>) -> Value {
    match door {
        Loopback => json!({"type": "http", "url": wanted.address(), "headers": headers(wanted)}),
        Socket => json!({"type": "http", "url": wanted.socket_address()}),
        _ => json!({"type": "stdio", "command": wanted.program(), "args": wanted.words()}),
    }
}

fn claude_code(door: Door, wanted: &Wanted<'_>) -> Value {
    match door {
        Loopback => json!({"type": "http", "url": wanted.address(), "headers": headers(wanted)}),
        Helper => json!({"type": "http", "url": wanted.url, "headersHelper": wanted.helper()}),
        _ => json!({"type": "stdio", "command": wanted.program(), "args": wanted.words()}),
    }
}

fn codex(door: Door, wanted: &Wanted<'_>) -> Value {
    match door {
        Loopback => json!({"url": wanted.address(), "http_headers": headers(wanted), "startup_timeout_sec": 60}),
        Helper => json!({"url": wanted.url, "http_headers_helper": wanted.helper(), "startup_timeout_sec": 60}),
        _ => json!({"command": wanted.program(), "args": wanted.words(), "startup_timeout_sec": 60}),
    }
}

fn gemini(door: Door, wanted: &Wanted<'_>) -> Value {
    match door {
        Loopback => json!({"httpUrl": wanted.address(), "headers": headers(wanted), "timeout": 60_000}),
        _ => json!({"command": wanted.program(), "args": wanted.words(), "timeout": 60_000}),
    }
}

fn windsurf(door: Door, wanted: &Wanted<'_>) -> Value {
    match door {
        Loopback => json!({"serverUrl": wanted.address(), "headers": headers(wanted)}),
        _ => json!({"command": wanted.program(), "args": wanted.words()}),
    }
}

fn goose(door: Door, wanted: &Wanted<'_>) -> Value {
    match door {
        Loopback => json!({
            "name": wanted.id, "type": "streamable_http", "uri": wanted.address(), "headers": headers(wanted),
            "enabled": true, "timeout": 300,
        }),
        _ => json!({
            "name": wanted.id, "type": "stdio", "cmd": wanted.program(), "args": wanted.words(), "enabled": true, "timeout": 300,
        }),
    }
}

fn opencode(door: Door, wanted: &Wanted<'_>) -> Value {
    match door {
        Loopback => json!({
            "type": "remote", "url": wanted.address(), "oauth": false, "headers": headers(wanted), "enabled": true, "timeout": 60_000,
        }),
        _ => {
            let command: Vec<String> = std::iter::once(wanted.program()).chain(wanted.words()).collect();
            json!({"type": "local", "command": command, "enabled": true, "timeout": 60_000})
        }
    }
}

fn copilot(door: Door, wanted: &Wanted<'_>) -> Value {
    match door {
        Loopback => json!({"type": "http", "url": wanted.address(), "headers": headers(wanted), "tools": ["*"]}),
        _ => json!({"type": "local", "command": wanted.program(), "args": wanted.words(), "tools": ["*"]}),
    }
}

fn headers(wanted: &Wanted<'_>) -> Value {
    json!({"Lanyard-Key": wanted.key()})
}

impl Client {
    /// The client of a name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        CLIENTS.iter().find(|client| client.name == name)
    }

    /// Whether an entry is one that Lanyard writes for the server `id`, at any door.
    pub(crate) fn is_ours(entry: &Value, id: &str) -> bool {
        let words = |name: &str| entry[name].as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>();
        let program = ["command", "cmd"].into_iter().filter_map(|name| entry[name].as_str());
        let line: Vec<&str> = program.chain(words("command")).chain(words("args")).collect();
        let is_lanyard = |word: &str| matches!(word.rsplit(['/', '\\']).next(), Some("lanyard" | "lanyard.exe"));
        if let [program, "connect", server, ..] = line[..]
            && is_lanyard(program)
            && server == id
        {
            return true;
        }
        let urls = ["url", "httpUrl", "serverUrl", "uri"].map(|name| entry[name].as_str().unwrap_or_default());
        let key = |name: &str| entry[name]["Lanyard-Key"].is_string();
        let gate = urls.iter().any(|url| url.ends_with(&format!("/mcp/{id}")));
        let local = urls
            .iter()
            .any(|url| (url.starts_with("unix://") && url.contains("lanyard")) || url.starts_with("pipe:///pipe/Lanyard."));
        let helper = ["headersHelper", "http_headers_helper"].map(|name| entry[name].as_str().unwrap_or_default());
        (gate && (key("headers") || key("http_headers") || local))
            || helper.iter().any(|line| line.contains("lanyard") && line.contains(&format!(" headers {id}")))
    }

    /// Whether an entry leads to the server at `url` by itself.
    pub(crate) fn leads_to(entry: &Value, url: &str) -> bool {
        let same = |found: &str| found.trim_end_matches('/') == url.trim_end_matches('/');
        let direct = ["url", "httpUrl", "serverUrl", "uri"].iter().any(|name| entry[*name].as_str().is_some_and(same));
        let through = ["args", "command"]
            .iter()
            .any(|name| entry[*name].as_array().into_iter().flatten().filter_map(Value::as_str).any(same));
        direct || through
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn wanted() -> Wanted<'static> {
        Wanted {
            id: "linear",
            url: "https://mcp.linear.app/mcp",
            program: Path::new("/usr/bin/lanyard"),
            socket: None,
            usual_socket: Path::new("/run/user/1000/lanyard/lanyard.sock"),
            loopback: Some(("http://127.0.0.1:61234", "lyk_x")),
        }
    }

    #[test]
    fn every_client_has_its_own_shape_at_every_door_and_knows_it_again() {
        let mut lines = Vec::new();
        for client in CLIENTS {
            for door in client.doors {
                let entry = (client.entry)(*door, &wanted());
                assert!(Client::is_ours(&entry, "linear"), "{} {door:?} {entry}", client.name);
                assert!(!Client::is_ours(&entry, "wiki"), "{} {door:?}", client.name);
                lines.push(format!("{} {}: {entry}", client.name, door.name()));
            }
        }
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn an_entry_of_others_is_not_taken_for_ours() {
        for foreign in [
            json!({"command": "npx", "args": ["mcp-remote", "https://mcp.linear.app/mcp"]}),
            json!({"command": "/usr/bin/lanyard", "args": ["connect", "other"]}),
            json!({"command": "/opt/notlanyard", "args": ["connect", "linear"]}),
            json!({"url": "https://mcp.linear.app/mcp"}),
            json!({"url": "http://127.0.0.1:9999/mcp/linear"}),
            json!("text"),
        ] {
            assert!(!Client::is_ours(&foreign, "linear"), "{foreign}");
        }
        assert!(Client::leads_to(&json!({"url": "https://mcp.linear.app/mcp/"}), "https://mcp.linear.app/mcp"));
        assert!(Client::leads_to(
            &json!({"command": "npx", "args": ["mcp-remote", "https://mcp.linear.app/mcp"]}),
            "https://mcp.linear.app/mcp"
        ));
        assert!(!Client::leads_to(&json!({"url": "https://mcp.linear.app/other"}), "https://mcp.linear.app/mcp"));
    }

    #[test]
    fn pipes_and_odd_paths_are_written_as_clients_read_them() {
        let pipe = Wanted { usual_socket: Path::new(r"\\.\pipe\Lanyard.S-1-5-21"), ..wanted() };
        assert_eq!(pipe.socket_address(), "pipe:///pipe/Lanyard.S-1-5-21#/mcp/linear");
        let odd = Wanted { program: Path::new("/opt/My Apps/lanyard"), socket: Some(Path::new("/run/x.sock")), ..wanted() };
        assert_eq!(odd.helper(), "'/opt/My Apps/lanyard' headers linear --socket /run/x.sock");
        assert_eq!(odd.words(), ["connect", "linear", "--socket", "/run/x.sock"]);
    }
}
