//! The whole enterprise: one IdP, two resource ASs, four MCP servers, each on its own listener.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::JwkSet;
use serde_json::{Value, json};
use tempfile::{NamedTempFile, TempDir};

use crate::authority::Authority;
use crate::client::{Client, Proof};
use crate::faults::Faults;
use crate::idp::{Idp, Target};
use crate::keys::Key;
use crate::listen::{Bound, Plug};
use crate::mcp::{self, Server};
use crate::profile::Profile;
use crate::resource::{self, Protected, Resource};

/// The secret of `lanyard-at-linear`: characters that only survive Basic when they are form-encoded.
pub const LINEAR_SECRET: &str = "tr:ack +%&s3cret";

/// The name of a world that is reached by name; only its own browser and [`crate::Proxy`] know where it is.
pub const HOST: &str = "acme.test";

/// How to set up a world.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How the products behave.
    pub profile: Profile,
    /// Everything over TLS, under a fresh authority (see [`World::ca_file`]).
    pub tls: bool,
    /// Everything at the name [`HOST`], which no resolver knows, instead of at 127.0.0.1. Needs TLS.
    pub named: bool,
    /// Life of access tokens, seconds; 0 means five minutes.
    pub token_seconds: i64,
    /// The IdP's port; the other parties take the six after it. `None` lets the system choose.
    pub port: Option<u16>,
    /// Where keys and certificates are written; `None` is a folder that goes with the world.
    pub directory: Option<PathBuf>,
}

/// A running world; dropping it stops every listener.
pub struct World {
    /// The identity provider.
    pub idp: Idp,
    faults: Faults,
    resources: Vec<Resource>,
    servers: Vec<Server>,
    plugs: Vec<(&'static str, Plug)>,
    directory: PathBuf,
    ca_pem: Option<String>,
    cimd: String,
    profile: Profile,
    _temporary: Option<TempDir>,
}

/// A server as policy describes it.
#[derive(Clone, Debug)]
pub struct ServerInfo {
    /// Its id.
    pub id: &'static str,
    /// Its MCP endpoint and resource identifier.
    pub url: String,
    /// The issuer of its AS; `None` for the open server.
    pub authorization_server: Option<String>,
    /// Lanyard's client at that AS.
    pub client_id: Option<&'static str>,
}

const CLIENTS: [(&str, &str); 3] = [("linear", "lanyard-at-linear"), ("figma", "lanyard-at-figma"), ("wiki", "lanyard-at-wiki")];

impl World {
    /// Starts a world.
    ///
    /// # Panics
    /// When a loopback port cannot be bound or a file not be written.
    pub async fn start(options: Options) -> Self {
        Self::open(options).await.expect("loopback ports and a temporary folder are at hand")
    }

    /// Starts a world.
    ///
    /// # Errors
    /// When a port cannot be bound, a key not be made or a file not be written.
    pub async fn open(options: Options) -> io::Result<Self> {
        install_crypto();
        let temporary = if options.directory.is_none() { Some(TempDir::with_prefix("lanyard-sandbox-")?) } else { None };
        let directory = match (&options.directory, &temporary) {
            (Some(chosen), _) => chosen.clone(),
            (None, Some(folder)) => folder.path().to_owned(),
            (None, None) => std::env::temp_dir(),
        };
        std::fs::create_dir_all(&directory)?;
        let authority = if options.tls { Some(Authority::new()?) } else { None };
        let ca_pem = authority.as_ref().map(|authority| authority.pem.clone());
        let host = if options.named { HOST } else { "127.0.0.1" };
        let mut bound = Vec::new();
        for offset in 0..7 {
            let port = options.port.map_or(0, |port| port.saturating_add(offset));
            bound.push(Bound::new(host, port, authority.as_ref().map(|authority| authority.acceptor.clone())).await?);
        }
        let bases: Vec<String> = bound.iter().map(|one| one.base().to_owned()).collect();
        let profile = options.profile;
        let faults = Faults::default();
        let idp = Idp::new(&bases[0], profile.clone(), faults.clone());
        let wiki_key = Key::generate(Algorithm::ES256);
        let wiki_keys = JwkSet { keys: vec![wiki_key.public.clone()] };

        let slash = if profile.issuer_slash { "/" } else { "" };
        let setup = |name, base: &String, issuer, clients, ids: &[(&'static str, &String)], jwt| resource::Setup {
            name,
            base: base.clone(),
            issuer,
            aliases: ids.iter().map(|(_, base)| (*base).clone()).collect(),
            idp: idp.issuer(),
            clients,
            servers: ids.iter().map(|(id, base)| Protected { id, resource: format!("{base}/mcp") }).collect(),
            jwt,
            token_seconds: if options.token_seconds > 0 { options.token_seconds } else { 300 },
            profile: profile.clone(),
            faults: faults.clone(),
            http: http(ca_pem.as_deref(), false),
        };
        let track = Resource::new(setup(
            "track",
            &bases[1],
            format!("{}{slash}", bases[1]),
            vec![
                Client::new("lanyard-at-linear", Proof::Basic(LINEAR_SECRET.into())),
                Client::new("lanyard-at-figma", Proof::None),
            ],
            &[("linear", &bases[3]), ("figma", &bases[4])],
            false,
        ));
        let wiki = Resource::new(setup(
            "wiki",
            &bases[2],
            format!("{}/tenants/acme", bases[2]),
            vec![Client::new("lanyard-at-wiki", Proof::Key(wiki_keys.clone()))],
            &[("wiki", &bases[5])],
            true,
        ));
        let server = |id, title, base: &String, guard: Option<&Resource>, other: &Resource| {
            Server::new(mcp::Setup {
                id,
                title,
                base: base.clone(),
                guard: guard.cloned(),
                other: other.issuer(),
                profile: profile.clone(),
                faults: faults.clone(),
            })
        };
        let servers = vec![
            server("linear", "Linear", &bases[3], Some(&track), &wiki),
            server("figma", "Figma", &bases[4], Some(&track), &wiki),
            server("wiki", "Company wiki", &bases[5], Some(&wiki), &track),
            server("open", "Open house", &bases[6], None, &track),
        ];
        let resources = vec![track, wiki];
        for (id, client) in CLIENTS {
            let guard = if id == "wiki" { &resources[1] } else { &resources[0] };
            let server = servers.iter().find(|server| server.id() == id);
            let base = server.map(|server| server.inner().base.clone()).unwrap_or_default();
            idp.add(Target {
                server: id.into(),
                audiences: vec![guard.issuer(), base.clone()],
                resource: format!("{base}/mcp"),
                client: client.into(),
                acr: None,
                max_age: None,
            });
        }
        let cimd = format!("{}/clients/lanyard.json", bases[0]);
        idp.publish_client("lanyard.json", client_document(&cimd, &wiki_keys));

        keep(&directory, "wiki-client.pem", &wiki_key.pem)?;
        keep(&directory, "idp-client.pem", &idp.client_key_pem())?;
        if let Some(pem) = &ca_pem {
            keep(&directory, "ca.pem", pem)?;
        }
        let names = ["idp", "track", "wiki-as", "linear", "figma", "wiki", "open"];
        let routers =
            std::iter::once(idp.router()).chain(resources.iter().map(Resource::router)).chain(servers.iter().map(Server::router));
        let plugs = bound.into_iter().zip(routers).zip(names).map(|((bound, router), name)| (name, bound.serve(router)));
        let plugs = plugs.collect();
        Ok(Self { idp, faults, resources, servers, plugs, directory, ca_pem, cimd, profile, _temporary: temporary })
    }

    /// The faults of this world.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// A resource AS, by its name (`track`, `wiki`) or by one of its servers (`linear`, `figma`, `wiki`).
    ///
    /// # Panics
    /// When there is none.
    pub fn resource(&self, name: &str) -> &Resource {
        let name = if matches!(name, "linear" | "figma") { "track" } else { name };
        self.resources.iter().find(|one| one.name() == name).expect("the world has the ASs track and wiki")
    }

    /// An MCP server: `linear`, `figma`, `wiki` or `open`.
    ///
    /// # Panics
    /// When there is none.
    pub fn server(&self, id: &str) -> &Server {
        self.servers.iter().find(|one| one.id() == id).expect("the world has linear, figma, wiki and open")
    }

    /// Every server as policy describes it.
    pub fn servers(&self) -> Vec<ServerInfo> {
        let describe = |server: &Server| ServerInfo {
            id: server.id(),
            url: server.url(),
            authorization_server: server.inner().guard.as_ref().map(Resource::issuer),
            client_id: CLIENTS.iter().find(|(id, _)| *id == server.id()).map(|(_, client)| *client),
        };
        self.servers.iter().map(describe).collect()
    }

    /// Pulls (`false`) or puts back (`true`) the network plug of a party: `idp`, `track`, `wiki-as` or a server's id.
    pub fn plug(&self, name: &str, connected: bool) {
        for (_, plug) in self.plugs.iter().filter(|(known, _)| *known == name) {
            plug.set(connected);
        }
    }

    /// The root certificate of a world with TLS, for `ExtraCaFile`.
    pub fn ca_file(&self) -> Option<PathBuf> {
        self.ca_pem.as_ref().map(|_| self.directory.join("ca.pem"))
    }

    /// The same as text.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// A client id that is the address of its own metadata document; its key is [`World::wiki_key_file`].
    /// [`Idp::set_resource_client`] makes assertions name it.
    pub fn cimd_client_id(&self) -> &str {
        &self.cimd
    }

    /// The private key of `lanyard-at-wiki`, PKCS#8 PEM.
    pub fn wiki_key_file(&self) -> PathBuf {
        self.directory.join("wiki-client.pem")
    }

    /// The private key of `lanyard-jwt` at the IdP, PKCS#8 PEM.
    pub fn idp_key_file(&self) -> PathBuf {
        self.directory.join("idp-client.pem")
    }

    /// A browser that trusts this world's certificates.
    pub fn browser(&self) -> crate::browser::Browser {
        crate::browser::Browser::new(self.ca_pem())
    }

    /// A complete Lanyard policy for this world: three servers by ID-JAG (secret, public and key clients) and an open one.
    pub fn policy_json(&self) -> Value {
        let mut policy = json!({
            "Issuer": self.idp.issuer(),
            "ClientId": self.idp.client_id(),
            "AllowInsecureLoopback": true,
            "OrganisationName": "Acme",
            "SupportContact": "it@acme.example",
            "Servers": {
                "linear": {
                    "url": self.server("linear").url(), "title": "Linear", "contact": "linear@acme.example",
                    "clientId": "lanyard-at-linear", "clientSecret": LINEAR_SECRET,
                    "clientAuthentication": "client_secret_basic", "scopes": ["read"], "maxScopes": ["read", "write"],
                },
                "figma": {
                    "url": self.server("figma").url(), "title": "Figma",
                    "clientId": "lanyard-at-figma", "clientAuthentication": "none", "scopes": ["read", "write"],
                },
                "wiki": {
                    "url": self.server("wiki").url(), "title": "Company wiki", "clientId": "lanyard-at-wiki",
                    "clientAuthentication": "private_key_jwt", "clientKeyFile": self.wiki_key_file(),
                    "scopes": ["read"],
                },
                "open": { "url": self.server("open").url(), "title": "Open house", "route": "none" },
            },
        });
        if let Some(file) = self.ca_file() {
            policy["ExtraCaFile"] = json!(file);
            policy["AllowInsecureLoopback"] = json!(false);
        }
        if self.profile.confidential_only {
            policy["ClientId"] = json!("lanyard-basic");
            policy["ClientAuthentication"] = json!("client_secret_basic");
            policy["ClientSecret"] = json!(crate::idp::SECRET);
        }
        if !self.profile.redirect_ports.is_empty() {
            policy["RedirectPorts"] = json!(self.profile.redirect_ports);
        }
        if self.profile.no_resource_metadata {
            for id in ["linear", "figma", "wiki"] {
                policy["Servers"][id]["legacyDiscovery"] = json!(true);
            }
        }
        policy
    }
}

fn client_document(id: &str, keys: &JwkSet) -> Value {
    json!({
        "client_id": id,
        "client_name": "Lanyard",
        "redirect_uris": ["http://127.0.0.1/callback", "http://localhost/callback"],
        "grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "private_key_jwt",
        "authorization_grant_profiles_supported": ["urn:ietf:params:oauth:grant-profile:id-jag"],
        "jwks": keys,
    })
}

/// Writes a file that only its owner can read.
fn keep(directory: &Path, name: &str, text: &str) -> io::Result<()> {
    let mut file = NamedTempFile::new_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.persist(directory.join(name))?;
    Ok(())
}

/// Chooses the cryptography of TLS for this process, once.
pub(crate) fn install_crypto() {
    // Fails only when somebody chose already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A client that trusts `ca_pem` only, with a cookie jar on demand.
pub(crate) fn http(ca_pem: Option<&str>, jar: bool) -> reqwest::Client {
    install_crypto();
    crate::browser::client(ca_pem, jar).expect("the certificate is PEM and the cryptography is chosen")
}
