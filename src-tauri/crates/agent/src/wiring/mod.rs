//! Policy becomes the configuration of each room. Pure, but for the key files that it names.

mod exchange;
mod rules;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use net::{AssertionKey, Proxy, Settings};
use policy::{Account, AssertionAudience, ClientAuthentication, Closed, Identity, Policy, RedirectHost, Roots, VaultFallback};
use session::vault::Fallback;
use session::{AccountRule, Config, Proof};
use wire::{Code, Problem};

pub(crate) use exchange::exchange;
pub(crate) use rules::rules;

/// The largest key or CA file that is read.
const FILE_LIMIT: usize = 1024 * 1024;

/// The network settings, with a fault when a file that they name cannot be used.
pub(crate) fn network(policy: &Policy, roots: &Roots) -> (Settings, Option<String>) {
    let network = &policy.network;
    let (extra_ca_pem, fault) = match &network.extra_ca_file {
        None => (None, None),
        Some(path) => match read(roots, path, policy.managed) {
            Ok(pem) => (Some(pem), None),
            Err(why) => (None, Some(format!("ExtraCaFile cannot be used: {why}."))),
        },
    };
    let proxy = match &network.proxy {
        policy::Proxy::System => Proxy::System,
        policy::Proxy::None => Proxy::Direct,
        policy::Proxy::Fixed(url) => Proxy::Fixed { url: url.clone(), bypass: network.proxy_bypass.clone() },
    };
    (Settings { proxy, extra_ca_pem, insecure_loopback: network.allow_insecure_loopback }, fault)
}

/// The session's configuration.
///
/// # Errors
/// Why there is none: policy names no usable identity, or a key file that cannot be used.
pub(crate) fn session(policy: &Policy, roots: &Roots) -> Result<Config, Problem> {
    let closed = |code: Code, why: &str| code.problem(policy.appearance.support_contact.as_deref()).because(why);
    let identity = policy.identity.as_ref().map_err(|closed_by| match closed_by {
        Closed::NotConfigured => closed(Code::NotConfigured, ""),
        Closed::Faulty { settings } => closed(Code::PolicyFault, &format!("Faulty: {}.", settings.join(", "))),
    })?;
    let proof = proof(identity, roots, policy.managed);
    let proof = proof.map_err(|why| closed(Code::PolicyFault, &format!("ClientKeyFile cannot be used: {why}.")))?;
    Ok(config(policy, identity, proof))
}

fn config(policy: &Policy, identity: &Identity, proof: Proof) -> Config {
    Config {
        issuer: identity.issuer.clone(),
        client_id: identity.client_id.clone(),
        proof,
        assertion_audience: audience(identity.assertion_audience),
        authorization_endpoint: identity.authorization_endpoint.clone(),
        token_endpoint: identity.token_endpoint.clone(),
        scopes: identity.scopes.clone(),
        acr_values: identity.acr_values.clone(),
        max_age: identity.max_age_seconds.map(u64::from),
        prompt: identity.prompt.map(|prompt| prompt.as_str().to_owned()),
        login_hint: identity.account_hint.clone(),
        allowed_accounts: identity.allowed_accounts.iter().map(account).collect(),
        redirect_localhost: identity.redirect_host == RedirectHost::Localhost,
        redirect_ports: identity.redirect_ports.clone(),
        sign_out_revokes: policy.session.sign_out_revokes,
        check_every: Duration::from_secs(u64::from(policy.session.check_seconds)),
        vault_fallback: match policy.session.vault_fallback {
            VaultFallback::MemoryOnly => Fallback::MemoryOnly,
            VaultFallback::MachineKeyFile => Fallback::MachineKeyFile,
        },
    }
}

fn proof(identity: &Identity, roots: &Roots, managed: bool) -> Result<Proof, String> {
    let secret = || identity.client_secret.clone().ok_or_else(|| "there is no secret".to_owned());
    Ok(match identity.client_authentication {
        ClientAuthentication::None => Proof::None,
        ClientAuthentication::Basic => Proof::Basic(secret()?),
        ClientAuthentication::Post => Proof::Post(secret()?),
        ClientAuthentication::PrivateKeyJwt => {
            let path = identity.client_key_file.as_deref().ok_or_else(|| "there is no key file".to_owned())?;
            Proof::PrivateKeyJwt(key(roots, path, managed)?)
        }
    })
}

fn key(roots: &Roots, path: &Path, managed: bool) -> Result<Arc<AssertionKey>, String> {
    let pem = zeroize::Zeroizing::new(read(roots, path, managed)?);
    AssertionKey::from_pem(&pem).map(Arc::new).map_err(|_| format!("{} holds no usable private key", path.display()))
}

/// A file that machine policy names is held to the same trust as policy itself; one that a person's own file
/// names is the person's.
fn read(roots: &Roots, path: &Path, managed: bool) -> Result<Vec<u8>, String> {
    if managed {
        return roots.read(path, FILE_LIMIT).map_err(|error| error.to_string());
    }
    let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > FILE_LIMIT as u64 {
        return Err("it is larger than 1 MiB".to_owned());
    }
    std::fs::read(path).map_err(|error| error.to_string())
}

fn audience(audience: AssertionAudience) -> session::AssertionAudience {
    match audience {
        AssertionAudience::Auto => session::AssertionAudience::Auto,
        AssertionAudience::Issuer => session::AssertionAudience::Issuer,
        AssertionAudience::TokenEndpoint => session::AssertionAudience::TokenEndpoint,
    }
}

fn account(rule: &Account) -> AccountRule {
    match rule {
        Account::Domain(domain) => AccountRule::Domain(domain.clone()),
        Account::Tenant(tenant) => AccountRule::Tenant(tenant.clone()),
        Account::Group(group) => AccountRule::Group(group.clone()),
    }
}
