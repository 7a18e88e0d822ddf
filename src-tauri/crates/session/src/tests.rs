use std::time::Duration;

use crate::vault::Fallback;
use crate::{AssertionAudience, Config, Proof};

/// A plain public client of `issuer`.
pub(crate) fn config(issuer: &str) -> Config {
    Config {
        issuer: issuer.into(),
        client_id: "lanyard".into(),
        proof: Proof::None,
        assertion_audience: AssertionAudience::Auto,
        authorization_endpoint: None,
        token_endpoint: None,
        scopes: ["openid", "profile", "email", "offline_access"].map(String::from).to_vec(),
        acr_values: None,
        max_age: None,
        prompt: None,
        login_hint: None,
        allowed_accounts: Vec::new(),
        redirect_localhost: false,
        redirect_ports: Vec::new(),
        sign_out_revokes: true,
        check_every: Duration::from_secs(900),
        vault_fallback: Fallback::MemoryOnly,
    }
}
