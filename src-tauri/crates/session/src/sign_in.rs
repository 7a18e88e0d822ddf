//! The sign-in's pure parts: the authorization request (RFC 6749 §4.1, OIDC Core §3.1.2) and where a browser may go.

use url::Url;

use crate::authorization::Proofs;
use crate::discovery::Metadata;
use crate::state::Demand;
use crate::{Config, Fault, FaultKind};

/// What is asked of this sign-in beyond policy: the step-up that an exchange met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Strength {
    pub(crate) acr_values: Option<String>,
    pub(crate) max_age: Option<u64>,
    pub(crate) prompt_login: bool,
}

impl Strength {
    pub(crate) fn of(demand: Option<&Demand>, config: &Config) -> Self {
        let policy = Self { acr_values: config.acr_values.clone(), max_age: config.max_age, prompt_login: false };
        match demand {
            Some(Demand::StepUp { acr_values, max_age }) => Self {
                acr_values: acr_values.clone().or(policy.acr_values),
                max_age: (*max_age).or(policy.max_age),
                prompt_login: *max_age == Some(0) || (acr_values.is_none() && max_age.is_none()),
            },
            _ => policy,
        }
    }
}

/// The scopes to ask for: policy's, with `openid`, and without `offline_access` where the IdP does not know it.
pub(crate) fn scopes(config: &Config, metadata: &Metadata, offline: bool) -> Vec<String> {
    let known = |scope: &str| metadata.scopes_supported.as_ref().is_none_or(|known| known.iter().any(|one| one == scope));
    let mut scopes = vec!["openid".to_owned()];
    scopes.extend(config.scopes.iter().filter(|scope| *scope != "openid").cloned());
    scopes.retain(|scope| scope != "offline_access" || (offline && known(scope)));
    scopes
}

/// The address that the browser opens.
pub(crate) fn authorization_url(
    config: &Config,
    metadata: &Metadata,
    redirect_uri: &str,
    proofs: &Proofs,
    strength: &Strength,
    offline: bool,
) -> Result<Url, Fault> {
    let endpoint = metadata.authorization_endpoint.as_deref();
    let endpoint = endpoint.ok_or_else(|| Fault::with(FaultKind::Misconfigured, "the metadata lacks authorization_endpoint"))?;
    let mut url = pinned(endpoint, config)?;
    {
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &config.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", &scopes(config, metadata, offline).join(" "))
            .append_pair("state", proofs.state.expose())
            .append_pair("nonce", proofs.nonce.expose())
            .append_pair("code_challenge", &proofs.challenge())
            .append_pair("code_challenge_method", "S256");
        let prompt = if strength.prompt_login { Some("login") } else { config.prompt.as_deref() };
        let max_age = strength.max_age.map(|age| age.to_string());
        let optional = [
            ("prompt", prompt),
            ("acr_values", strength.acr_values.as_deref()),
            ("max_age", max_age.as_deref()),
            ("login_hint", config.login_hint.as_deref()),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
    }
    Ok(url)
}

/// An address on the IdP's own host or the one that policy pins (LI-41): the only ones a browser is sent to.
pub(crate) fn pinned(address: &str, config: &Config) -> Result<Url, Fault> {
    let refused = || Fault::with(FaultKind::Misconfigured, "the identity provider names a sign-in address on another host");
    let url = Url::parse(address).map_err(|_| refused())?;
    let host = net::host_of(address);
    let vouched = host == net::host_of(&config.issuer)
        || config.authorization_endpoint.as_deref().is_some_and(|pin| host == net::host_of(pin));
    let scheme = url.scheme() == "https"
        || (url.scheme() == "http" && net::is_loopback_host(address) && config.issuer.starts_with("http://"));
    let plain = url.username().is_empty() && url.password().is_none() && !address.chars().any(char::is_control);
    if host.is_some() && vouched && scheme && plain { Ok(url) } else { Err(refused()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(announces: bool) -> Metadata {
        Metadata {
            issuer: "https://idp.example".into(),
            authorization_response_iss_parameter_supported: announces,
            ..Metadata::default()
        }
    }

    #[test]
    fn the_browser_is_sent_to_the_issuers_host_alone() {
        let config = crate::tests::config("https://idp.example/tenant");
        let pinned_config = Config { authorization_endpoint: Some("https://login.example/a".into()), ..config.clone() };
        assert!(pinned("https://idp.example/authorize?x=1", &config).is_ok());
        assert!(pinned("https://login.example/a", &pinned_config).is_ok());
        let hostile = [
            "https://evil.example/authorize",
            "https://idp.example.evil.example/",
            "https://user@idp.example/",
            "http://idp.example/authorize",
            "file:///etc/passwd",
            "smb://idp.example/x",
            "javascript:alert(1)",
            "-flag",
            "https://idp.example/\nx",
            "\"https://idp.example/\"",
            "",
        ];
        for address in hostile {
            assert!(pinned(address, &config).is_err(), "{address:?}");
        }
    }

    #[test]
    fn the_request_carries_what_the_field_asks_for() {
        let config = Config { login_hint: Some("ada@acme.example".into()), ..crate::tests::config("https://idp.example") };
        let metadata =
            Metadata { authorization_endpoint: Some("https://idp.example/authorize?tenant=1".into()), ..metadata(true) };
        let proofs = Proofs::new().unwrap();
        let demand = Demand::StepUp { acr_values: None, max_age: Some(0) };
        let strength = Strength::of(Some(&demand), &config);
        let url = authorization_url(&config, &metadata, "http://127.0.0.1:5/callback", &proofs, &strength, true).unwrap();
        let query: std::collections::BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(query["tenant"], "1");
        assert_eq!(query["scope"], "openid profile email offline_access");
        assert_eq!(query["code_challenge_method"], "S256");
        assert_eq!(query["code_challenge"], proofs.challenge());
        assert_eq!((query["prompt"].as_str(), query["max_age"].as_str()), ("login", "0"));
        assert_eq!(query["login_hint"], "ada@acme.example");
        assert!(query["state"].len() >= 22 && query["nonce"].len() >= 22 && proofs.verifier.expose().len() >= 43);
        assert!(!query.contains_key("resource") && !query.contains_key("acr_values"));
    }

    #[test]
    fn offline_access_is_not_asked_where_the_idp_does_not_know_it() {
        let config = crate::tests::config("https://idp.example");
        let metadata = Metadata { scopes_supported: Some(vec!["openid".into(), "email".into()]), ..metadata(false) };
        assert_eq!(scopes(&config, &metadata, true), ["openid", "profile", "email"]);
        assert_eq!(scopes(&config, &Metadata::default(), false), ["openid", "profile", "email"]);
    }
}
