use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use secret::Secret;

use crate::catalogue::SERVER_KEYS;
use crate::fault::sentence;
use crate::kinds::{AssertionAudience, AssertionReuse, ClientAuthentication, Program, ProgramRule, Route, Send, Tools};
use crate::source::json::{self, Json};
use crate::table::Table;

/// One MCP server that IT has listed. Addresses are as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Server {
    /// Its name in policy, and on every door.
    pub id: String,
    /// The MCP endpoint.
    pub url: String,
    /// Its name for people.
    pub title: Option<String>,
    /// Whom people ask about it.
    pub contact: Option<String>,
    /// Pin of the resource identifier (RFC 9728 §2).
    pub resource: Option<String>,
    /// Pin of the authorization server's issuer.
    pub authorization_server: Option<String>,
    /// Pin of the authorization server's token endpoint.
    pub token_endpoint: Option<String>,
    /// Whether metadata is also looked for on the server's own origin.
    pub legacy_discovery: bool,
    /// Lanyard's client there; absent means the assertion's `client_id` claim.
    pub client_id: Option<String>,
    /// That client's secret.
    pub client_secret: Option<Arc<Secret>>,
    /// That client's private key.
    pub client_key_file: Option<PathBuf>,
    /// How it proves itself; absent leaves the choice to what is there and what the metadata admits.
    pub client_authentication: Option<ClientAuthentication>,
    /// To whom its signed statement is addressed.
    pub client_assertion_audience: AssertionAudience,
    /// Asked for by default.
    pub scopes: Option<Vec<String>>,
    /// Never exceeded; absent means `scopes`.
    pub max_scopes: Option<Vec<String>>,
    /// How tokens are obtained.
    pub route: Route,
    /// Whether the scope is sent in leg 3.
    pub send_scope: Send,
    /// Whether the resource is sent in leg 3.
    pub send_resource: Send,
    /// Whether one assertion is redeemed more than once.
    pub assertion_reuse: AssertionReuse,
    /// Narrows [`crate::Doors::allowed_programs`]; `None` narrows nothing.
    pub allowed_programs: Option<Vec<Program>>,
    /// Which tools may be called.
    pub tools: Option<Tools>,
    /// Whether only tools annotated `readOnlyHint` may be called.
    pub read_only: bool,
    /// Tools by program; every rule whose program matches applies.
    pub programs: Option<Vec<ProgramRule>>,
}

/// One entry of `Servers`, judged.
pub(crate) struct Judged {
    pub(crate) server: Option<Server>,
    /// The known keys in force.
    pub(crate) in_force: Json,
    /// Key (empty for the entry as a whole) and message.
    pub(crate) faults: Vec<(String, String)>,
    pub(crate) unknown: Vec<String>,
}

impl Server {
    /// Its name for people.
    pub fn name(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.id)
    }

    /// Whether its tools are restricted, so that its token is never given out.
    pub fn contained(&self) -> bool {
        self.tools.is_some() || self.read_only || self.programs.is_some()
    }
}

/// Judges one entry. Any fault leaves the server out: half a server is not what IT meant.
pub(crate) fn judge(id: &str, json: &Json, insecure: bool) -> Judged {
    let whole = |message: String| Judged {
        server: None,
        in_force: Json::Null,
        faults: vec![(String::new(), message)],
        unknown: Vec::new(),
    };
    if !is_id(id) {
        return whole("its id must be a letter or digit, then up to 63 letters, digits, `.`, `_` and `-`".into());
    }
    let Json::Table(keys) = json else {
        let why = match json {
            Json::Text(text) => json::object(text.expose().as_bytes()).err().map(|error| format!(" ({})", sentence(&error))),
            _ => None,
        };
        return whole(format!("must be an object, not {}{}", json.noun(), why.unwrap_or_default()));
    };
    let mut table =
        Table::judge(SERVER_KEYS.iter(), |name| keys.get(name).map(|json| (Ok(json.clone()), String::new())), insecure);
    if !table.given("url") {
        table.fail("url", "is required");
    }
    let names = ["clientAuthentication", "clientSecret", "clientKeyFile"];
    if names.iter().all(|name| table.sound(name))
        && let Some((which, message)) =
            proof(table.word("clientAuthentication"), table.given("clientSecret"), table.given("clientKeyFile"))
    {
        table.fail(names[which], message);
    }
    if let (Some(scopes), Some(most)) = (table.texts("scopes"), table.texts("maxScopes")) {
        let most: BTreeSet<_> = most.iter().collect();
        if !scopes.iter().all(|scope| most.contains(scope)) {
            table.fail("maxScopes", "must hold every scope of scopes");
        }
    }
    Judged {
        server: table.text("url").filter(|_| faults(&table).next().is_none()).map(|url| build(id, url, &table)),
        in_force: Json::Table(
            table
                .entries
                .iter()
                .filter(|entry| entry.origin.is_some())
                .filter_map(|entry| Some((entry.setting.name.to_owned(), entry.in_force.clone()?)))
                .collect::<BTreeMap<_, _>>(),
        ),
        faults: faults(&table).collect(),
        unknown: keys.keys().filter(|key| table.entry(key).is_none()).cloned().collect(),
    }
}

/// What lacks to prove a client: 0 the method, 1 the secret, 2 the key; and why.
pub(crate) fn proof(method: Option<ClientAuthentication>, secret: bool, key: bool) -> Option<(usize, &'static str)> {
    use ClientAuthentication::{Basic, None as Public, Post, PrivateKeyJwt};
    match method {
        Some(Basic | Post) if !secret => Some((1, "is required by the way in which the client proves itself")),
        Some(PrivateKeyJwt) if !key => Some((2, "is required by the way in which the client proves itself")),
        Some(Public) if secret || key => Some((0, "is none, although a secret or a key is set")),
        None if secret && key => Some((0, "must say whether the secret or the key is used")),
        _ => None,
    }
}

fn faults(table: &Table) -> impl Iterator<Item = (String, String)> {
    table.entries.iter().filter_map(|entry| {
        let message = entry.fault.clone()?;
        Some((entry.setting.name.to_owned(), message))
    })
}

fn is_id(id: &str) -> bool {
    let bytes = id.as_bytes();
    (1..=64).contains(&bytes.len())
        && bytes[0].is_ascii_alphanumeric()
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b))
}

fn build(id: &str, url: String, table: &Table) -> Server {
    Server {
        id: id.to_owned(),
        url,
        title: table.text("title"),
        contact: table.text("contact"),
        resource: table.text("resource"),
        authorization_server: table.text("authorizationServer"),
        token_endpoint: table.text("tokenEndpoint"),
        legacy_discovery: table.flag("legacyDiscovery"),
        client_id: table.text("clientId"),
        client_secret: table.secret("clientSecret"),
        client_key_file: table.path("clientKeyFile"),
        client_authentication: table.word("clientAuthentication"),
        client_assertion_audience: table.word("clientAssertionAudience").unwrap_or(AssertionAudience::Auto),
        scopes: table.texts("scopes"),
        max_scopes: table.texts("maxScopes"),
        route: table.word("route").unwrap_or(Route::IdJag),
        send_scope: table.word("sendScope").unwrap_or(Send::Auto),
        send_resource: table.word("sendResource").unwrap_or(Send::Auto),
        assertion_reuse: table.word("assertionReuse").unwrap_or(AssertionReuse::Never),
        allowed_programs: table.programs("allowedPrograms"),
        tools: table.tools("tools"),
        read_only: table.flag("readOnly"),
        programs: table.rules("programs"),
    }
}
