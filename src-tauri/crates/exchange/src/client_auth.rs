//! Lanyard's client at a resource AS: which credentials, which method (RFC 6749 §2.3, RFC 7523 §2.2).

use net::ClientAuth;

use session::AssertionAudience;

use crate::config::{Method, Server};
use crate::discovery::Target;

/// The proof for one attempt, or none when policy gives a method without its means.
///
/// Order: policy's method, else the key, else the secret (Basic unless only Post is named), else a public
/// client. A client id that policy does not name is the assertion's (`from_assertion`).
pub(crate) fn client_auth(
    server: &Server,
    target: &Target,
    from_assertion: Option<&str>,
    endpoint_is_audience: bool,
) -> Option<ClientAuth> {
    let client_id = server.client_id.as_deref().or(from_assertion)?.to_owned();
    match server.method.unwrap_or_else(|| usual(server, target)) {
        Method::None => Some(ClientAuth::None { client_id }),
        Method::Basic => server.client_secret.clone().map(|secret| ClientAuth::Basic { client_id, secret }),
        Method::Post => server.client_secret.clone().map(|secret| ClientAuth::Post { client_id, secret }),
        Method::PrivateKeyJwt => server.client_key.clone().map(|key| {
            let endpoint = match server.assertion_audience {
                AssertionAudience::Auto => endpoint_is_audience,
                AssertionAudience::Issuer => false,
                AssertionAudience::TokenEndpoint => true,
            };
            let audience = if endpoint { &target.token_endpoint } else { &target.issuer };
            ClientAuth::PrivateKeyJwt { client_id, key, audience: audience.clone() }
        }),
    }
}

fn usual(server: &Server, target: &Target) -> Method {
    let names = |method: &str| target.methods.iter().any(|named| named == method);
    match (&server.client_key, &server.client_secret) {
        (Some(_), _) => Method::PrivateKeyJwt,
        (None, Some(_)) if names("client_secret_post") && !names("client_secret_basic") => Method::Post,
        (None, Some(_)) => Method::Basic,
        (None, None) => Method::None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use secret::Secret;

    use super::*;

    fn method(server: &Server, named: &[&str]) -> &'static str {
        let target = Target { methods: named.iter().map(|name| (*name).to_owned()).collect(), ..Target::default() };
        match client_auth(server, &target, Some("from-assertion"), false) {
            Some(ClientAuth::None { .. }) => "none",
            Some(ClientAuth::Basic { .. }) => "basic",
            Some(ClientAuth::Post { .. }) => "post",
            Some(ClientAuth::PrivateKeyJwt { .. }) => "key",
            None => "impossible",
        }
    }

    #[test]
    fn the_method_follows_policy_then_means_then_metadata() {
        let secret = Server { client_secret: Some(Arc::new(Secret::from("s"))), ..Server::default() };
        assert_eq!(method(&Server::default(), &["client_secret_basic"]), "none");
        assert_eq!(method(&secret, &[]), "basic");
        assert_eq!(method(&secret, &["client_secret_post", "client_secret_basic"]), "basic");
        assert_eq!(method(&secret, &["client_secret_post"]), "post");
        assert_eq!(method(&Server { method: Some(Method::None), ..secret.clone() }, &[]), "none");
        assert_eq!(method(&Server { method: Some(Method::Basic), ..Server::default() }, &[]), "impossible");
    }

    #[test]
    fn the_client_id_is_policys_else_the_assertions() {
        let named = Server { client_id: Some("named".into()), ..Server::default() };
        let id =
            |server: &Server, from| client_auth(server, &Target::default(), from, false).map(|auth| auth.client_id().to_owned());
        assert_eq!(id(&named, Some("other")).as_deref(), Some("named"));
        assert_eq!(id(&Server::default(), Some("other")).as_deref(), Some("other"));
        assert_eq!(id(&Server::default(), None), None);
    }
}
