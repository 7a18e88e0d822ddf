use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use net::AssertionKey;
use secret::Secret;
use session::{AssertionAudience, SubjectKind};

/// What the exchange needs of policy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The servers by id.
    pub servers: BTreeMap<String, Arc<Server>>,
    /// `SubjectToken`.
    pub subject: SubjectKind,
    /// `MaxTokenLifeSeconds`.
    pub max_life: Duration,
    /// `RenewalMarginSeconds`.
    pub margin: Duration,
}

/// One server of policy, as far as tokens for it go.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Server {
    /// Its id.
    pub id: String,
    /// The MCP endpoint.
    pub url: String,
    /// Pin of the resource identifier (RFC 9728 §1.2).
    pub resource: Option<String>,
    /// Pin of the resource AS's issuer.
    pub authorization_server: Option<String>,
    /// Pin of its token endpoint.
    pub token_endpoint: Option<String>,
    /// Whether the server's own origin is tried as AS when there is no resource metadata.
    pub legacy_discovery: bool,
    /// Lanyard's client there; absent: the assertion's `client_id` claim.
    pub client_id: Option<String>,
    /// The client's secret there.
    pub client_secret: Option<Arc<Secret>>,
    /// The client's key there.
    pub client_key: Option<Arc<AssertionKey>>,
    /// `clientAuthentication`; absent: by what there is and what metadata names.
    pub method: Option<Method>,
    /// `clientAssertionAudience`.
    pub assertion_audience: AssertionAudience,
    /// Asked by default.
    pub scopes: Option<Vec<String>>,
    /// Never exceeded.
    pub max_scopes: Option<Vec<String>>,
    /// How tokens are had.
    pub route: Route,
    /// Whether leg 3 carries `scope`.
    pub send_scope: Send,
    /// Whether leg 3 carries `resource`.
    pub send_resource: Send,
    /// Whether an assertion may be presented again until it expires.
    pub reuse_assertion: bool,
}

/// Client authentication at the resource AS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A public client.
    None,
    /// `client_secret_basic`.
    Basic,
    /// `client_secret_post`.
    Post,
    /// `private_key_jwt`.
    PrivateKeyJwt,
}

/// How tokens for a server are had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// Enterprise-managed: ID-JAG.
    #[default]
    IdJag,
    /// Ordinary MCP OAuth in the browser, where IT says so.
    Interactive,
    /// The server needs none.
    None,
}

/// `sendScope`, `sendResource`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Send {
    /// Sent until the AS refuses it once; remembered per issuer.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Server {
    /// The most that may ever be asked for; none when policy leaves it to the server.
    pub fn ceiling(&self) -> Option<&[String]> {
        self.max_scopes.as_deref().or(self.scopes.as_deref())
    }
}
