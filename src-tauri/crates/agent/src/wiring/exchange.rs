use std::sync::Arc;
use std::time::Duration;

use exchange::{Config, Method, Route, Send, Server, SubjectKind};
use policy::{AssertionReuse, ClientAuthentication, Policy, Roots, SubjectTokenKind};

/// The exchange's configuration. A server whose key file cannot be used is left out, with a fault.
pub(crate) fn exchange(policy: &Policy, roots: &Roots) -> (Config, Vec<String>) {
    let mut faults = Vec::new();
    let mut config = Config {
        subject: match policy.identity.as_ref().map(|identity| identity.subject_token) {
            Ok(SubjectTokenKind::IdToken) => SubjectKind::IdToken,
            Ok(SubjectTokenKind::RefreshToken) => SubjectKind::RefreshToken,
            _ => SubjectKind::Auto,
        },
        max_life: Duration::from_secs(u64::from(policy.exchange.max_token_life_seconds)),
        margin: Duration::from_secs(u64::from(policy.exchange.renewal_margin_seconds)),
        ..Config::default()
    };
    for (id, server) in &policy.servers {
        match one(server, roots, policy.managed) {
            Ok(server) => {
                config.servers.insert(id.clone(), Arc::new(server));
            }
            Err(why) => faults.push(format!("Servers.{id}.clientKeyFile cannot be used: {why}.")),
        }
    }
    (config, faults)
}

fn one(server: &policy::Server, roots: &Roots, managed: bool) -> Result<Server, String> {
    let client_key = match &server.client_key_file {
        Some(path) => Some(super::key(roots, path, managed)?),
        None => None,
    };
    Ok(Server {
        id: server.id.clone(),
        url: server.url.clone(),
        resource: server.resource.clone(),
        authorization_server: server.authorization_server.clone(),
        token_endpoint: server.token_endpoint.clone(),
        legacy_discovery: server.legacy_discovery,
        client_id: server.client_id.clone(),
        client_secret: server.client_secret.clone(),
        client_key,
        method: server.client_authentication.map(method),
        assertion_audience: super::audience(server.client_assertion_audience),
        scopes: server.scopes.clone(),
        max_scopes: server.max_scopes.clone(),
        route: match server.route {
            policy::Route::IdJag => Route::IdJag,
            policy::Route::Interactive => Route::Interactive,
            policy::Route::None => Route::None,
        },
        send_scope: send(server.send_scope),
        send_resource: send(server.send_resource),
        reuse_assertion: server.assertion_reuse == AssertionReuse::UntilExpiry,
    })
}

fn method(method: ClientAuthentication) -> Method {
    match method {
        ClientAuthentication::None => Method::None,
        ClientAuthentication::Basic => Method::Basic,
        ClientAuthentication::Post => Method::Post,
        ClientAuthentication::PrivateKeyJwt => Method::PrivateKeyJwt,
    }
}

fn send(send: policy::Send) -> Send {
    match send {
        policy::Send::Auto => Send::Auto,
        policy::Send::Always => Send::Always,
        policy::Send::Never => Send::Never,
    }
}
