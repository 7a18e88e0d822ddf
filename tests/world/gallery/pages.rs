//! The pages before fixtures, served with the content security policy of the real ones.

use std::fs;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::scenes::{Look, Scene};

/// Where `cargo xtask ui` puts them.
const BUILT: &str = "../ui/dist-mock";

/// A server of them; it ends with this.
pub(super) struct Pages {
    address: String,
    serving: JoinHandle<()>,
}

#[derive(Clone)]
struct Files {
    folder: PathBuf,
    policy: String,
}

impl Pages {
    /// None where they were not built.
    pub(super) async fn serve() -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(BUILT);
        if !folder.join("index.html").exists() {
            return None;
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(file).with_state(Files { folder, policy: security_policy() });
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Some(Self { address, serving })
    }

    pub(super) fn address(&self, scene: &Scene, look: &Look) -> String {
        format!("{}/?state={}&page={}&language={}", self.address, scene.state, scene.page, look.language)
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn file(State(files): State<Files>, uri: Uri) -> Response {
    let name = uri.path().trim_start_matches('/');
    let name = if name.is_empty() { "index.html" } else { name };
    let kind = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    match fs::read(files.folder.join(name)) {
        Ok(bytes) => {
            ([(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, files.policy.as_str())], bytes).into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// As the window has it.
fn security_policy() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/tauri.conf.json");
    let config: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let rules = config["app"]["security"]["csp"].as_object().unwrap();
    rules.iter().map(|(name, value)| format!("{name} {}; ", value.as_str().unwrap())).collect()
}
