//! MCP servers built with the official Rust SDK, behind a guard that checks tokens and scopes.

mod guard;
mod metadata;
mod tools;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use crate::audit::{Event, Log};
use crate::clock::Clock;
use crate::faults::Faults;
use crate::profile::{Manner, Profile};
use crate::resource::Resource;

/// A handle on one MCP server.
#[derive(Clone)]
pub struct Server(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) base: String,
    /// `None`: open to everybody.
    pub(crate) guard: Option<Resource>,
    /// The issuer that hostile metadata names instead of its own.
    pub(crate) other: String,
    pub(crate) manner: Manner,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
}

/// What a server is made of.
pub(crate) struct Setup {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) base: String,
    pub(crate) guard: Option<Resource>,
    pub(crate) other: String,
    pub(crate) profile: Profile,
    pub(crate) faults: Faults,
}

impl Server {
    pub(crate) fn new(setup: Setup) -> Self {
        Self(Arc::new(Inner {
            id: setup.id,
            title: setup.title,
            base: setup.base,
            guard: setup.guard,
            other: setup.other,
            manner: Manner::new(setup.profile),
            faults: setup.faults,
            log: Log::new(Clock::default()),
        }))
    }

    pub(crate) fn router(&self) -> Router {
        let (mut config, mut sessions) = (StreamableHttpServerConfig::default(), LocalSessionManager::default());
        config.allowed_hosts.push(crate::world::HOST.to_owned());
        if self.0.manner.now().no_first_event {
            config = config.with_sse_retry(None);
            sessions.session_config.sse_retry = None;
        }
        let service = StreamableHttpService::new(|| Ok(tools::Tools::new()), Arc::new(sessions), config);
        Router::new()
            .route_service("/mcp", service)
            .route_layer(from_fn_with_state(self.clone(), guard::check))
            .route("/.well-known/oauth-protected-resource/mcp", get(metadata::protected_resource))
            .route("/.well-known/oauth-authorization-server", get(metadata::own_origin))
            .with_state(self.clone())
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Its id in policy.
    pub fn id(&self) -> &'static str {
        self.0.id
    }

    /// Its name for people.
    pub fn title(&self) -> &'static str {
        self.0.title
    }

    /// Its MCP endpoint, which is its resource identifier too.
    pub fn url(&self) -> String {
        format!("{}/mcp", self.0.base)
    }

    /// Changes how it behaves from now on.
    pub fn behave(&self, change: impl FnOnce(&mut Profile)) {
        self.0.manner.change(change);
    }

    /// Messages that arrived, by JSON-RPC method; and `unauthorized`, `forbidden`, `metadata`.
    pub fn count(&self, kind: &str) -> usize {
        self.0.log.count(kind)
    }

    /// Every message that a token was accepted for, oldest first. `detail` is the protocol revision and, where the
    /// client declared it, `ema`.
    pub fn audit(&self) -> Vec<Event> {
        self.0.log.events()
    }
}
