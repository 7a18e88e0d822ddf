use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// `lanyard setup --json`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Clients {
    /// Every client that `lanyard setup` knows.
    pub clients: Vec<FoundClient>,
}

/// An MCP client of this computer as it was found.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Client"))]
pub struct FoundClient {
    /// The word for `lanyard setup`.
    pub name: String,
    /// Its title for people.
    pub title: String,
    /// Whether it is here.
    pub installed: bool,
    /// What it says its version is.
    pub version: Option<String>,
    /// Its file, where that can be told.
    pub file: Option<String>,
    /// The servers that Lanyard set up in it.
    pub servers: Vec<String>,
    /// Why its file cannot be read.
    pub fault: Option<String>,
    /// The door that suits it best.
    pub door: String,
}

/// `lanyard setup CLIENT --json`, with `--remove` or without; a key that was made is in the client's file alone.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SetUp {
    /// The client's name.
    pub client: String,
    /// Its file.
    pub file: PathBuf,
    /// Whether the file is another than before.
    pub changed: bool,
}
