//! Servers of policy from the configuration of a client.

use policy::Policy;
use serde_json::{Map, Value, json};

/// What came of a client's configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// A policy with the servers, to be checked and completed.
    pub policy: Value,
    /// What was left out, and why.
    pub left_out: Vec<(String, &'static str)>,
}

/// Why a file is no configuration of a client.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// No JSON.
    #[error("it is not JSON")]
    Syntax(#[from] serde_json::Error),
    /// JSON without servers.
    #[error("it has neither mcpServers nor servers")]
    NoServers,
}

/// Reads `mcp.json` of VS Code (`servers`), or `.mcp.json` of Claude Code and of those that write the same
/// (`mcpServers`). Credentials in it are never taken over.
///
/// # Errors
/// [`ImportError`].
pub fn import(file: &[u8]) -> Result<Import, ImportError> {
    let document: Value = serde_json::from_slice(file)?;
    let entries = ["mcpServers", "servers"].iter().find_map(|name| document[*name].as_object()).ok_or(ImportError::NoServers)?;
    let mut servers = Map::new();
    let mut left_out = Vec::new();
    for (name, entry) in entries {
        match server(entry) {
            Ok(server) => {
                let id = id(name, &servers);
                servers.insert(id, server);
            }
            Err(why) => left_out.push((name.clone(), why)),
        }
    }
    Ok(Import { policy: json!({ "Servers": servers }), left_out })
}

fn server(entry: &Value) -> Result<Value, &'static str> {
    let url = ["url", "serverUrl", "httpUrl"].iter().find_map(|name| entry[*name].as_str());
    let url = url.ok_or("it is a program on this machine, and those need no token")?;
    let mut server = Map::from_iter([("url".to_owned(), json!(url))]);
    let oauth = &entry["oauth"];
    if let Some(client) = oauth["clientId"].as_str() {
        server.insert("clientId".to_owned(), json!(client));
    }
    let scopes = match &oauth["scopes"] {
        Value::String(text) => text.split_whitespace().map(str::to_owned).collect(),
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    if !scopes.is_empty() {
        server.insert("scopes".to_owned(), json!(scopes));
    }
    if let Some(resource) = oauth["resource"].as_str() {
        server.insert("resource".to_owned(), json!(resource));
    }
    // What a client signs in to by itself is, until IT says otherwise, the ordinary flow.
    if oauth["enterpriseManaged"] == false {
        server.insert("route".to_owned(), json!("interactive"));
    }
    let server = Value::Object(server);
    // An address that no policy may have is found here rather than on every desk.
    let alone = json!({ "Servers": { "server": server } }).to_string();
    let judged: Policy = policy::check("import", alone.as_bytes());
    match judged.servers.is_empty() {
        true => Err("policy admits no such server (its address must be https)"),
        false => Ok(server),
    }
}

/// The name as an id of policy, which no other server has.
fn id(name: &str, taken: &Map<String, Value>) -> String {
    let mut id: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' }).collect();
    id = id.trim_start_matches(['.', '_', '-']).chars().take(56).collect();
    if id.is_empty() {
        "server".clone_into(&mut id);
    }
    let free = |id: &String| !taken.contains_key(id);
    let numbered = (2..).map(|number| format!("{id}-{number}"));
    std::iter::once(id.clone()).chain(numbered).find(free).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_come_over_and_credentials_and_programs_do_not() {
        let file = json!({
            "inputs": [],
            "servers": {
                "Linear (work)": {
                    "type": "http", "url": "https://mcp.linear.app/mcp", "headers": {"Authorization": "Bearer MARKED"},
                    "oauth": {"clientId": "vs-code", "clientSecret": "MARKED", "enterpriseManaged": true, "scopes": "read write"},
                },
                "linear-work-": {"url": "https://other.example/mcp"},
                "local": {"command": "npx", "args": ["server"]},
                "plain": {"url": "http://intranet/mcp"},
            },
        });
        let imported = import(file.to_string().as_bytes()).unwrap();
        let text = imported.policy.to_string();
        assert!(!text.contains("MARKED"), "{text}");
        let servers = &imported.policy["Servers"];
        assert_eq!(servers["Linear--work-"]["scopes"], json!(["read", "write"]));
        assert_eq!(servers["Linear--work-"]["clientId"], "vs-code");
        assert_eq!(imported.left_out.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["local", "plain"]);
        let policy = policy::check("p", text.as_bytes());
        assert_eq!(policy.servers.len(), 2, "{:?}", policy.faults);
    }

    #[test]
    fn every_shape_of_an_address_and_no_other_file_is_read() {
        for name in ["url", "serverUrl", "httpUrl"] {
            let file = json!({"mcpServers": {"a b": {name: "https://a.example/mcp"}, "a-b": {name: "https://b.example/mcp"}}});
            let imported = import(file.to_string().as_bytes()).unwrap();
            assert_eq!(imported.policy["Servers"].as_object().unwrap().len(), 2);
        }
        assert!(matches!(import(b"{}"), Err(ImportError::NoServers)));
        assert!(matches!(import(b"{"), Err(ImportError::Syntax(_))));
    }
}
