//! Complete policies to begin with, for well-known identity providers.

use policy::catalogue::{GROUPS, Setting, settings};
use policy::kinds::Kind;
use serde_json::{Value, json};

/// A policy, and what it is for.
#[derive(Clone, Debug)]
pub struct Example {
    /// Its file name without an ending.
    pub name: &'static str,
    /// The policy.
    pub policy: Value,
}

/// One for each identity provider that is known to issue assertions, or to be able to, and one for the sandbox.
pub fn examples() -> Vec<Example> {
    let servers = json!({
        "linear": {
            "url": "https://mcp.linear.app/mcp", "title": "Linear", "clientId": "acme-linear", "scopes": ["read", "write"],
        },
        "wiki": {"url": "https://mcp.wiki.acme.example/mcp", "title": "Company wiki", "readOnly": true},
    });
    let with = |name: &'static str, own: Value| {
        let mut policy = json!({"OrganisationName": "Acme", "SupportContact": "it@acme.example", "Servers": servers});
        if let (Some(all), Value::Object(own)) = (policy.as_object_mut(), own) {
            all.extend(own);
        }
        Example { name, policy }
    };
    vec![
        // Okta wants the token endpoint for audience, and refuses a user's fifth request in a second.
        with("okta", json!({"Issuer": "https://acme.okta.com", "ClientId": "0oa1lanyard", "MonthlyMintBudget": 250})),
        with(
            "auth0",
            json!({"Issuer": "https://acme.eu.auth0.com/", "ClientId": "Lanyard1Client", "AllowedAccounts": ["domain:acme.example"]}),
        ),
        with("keycloak", json!({"Issuer": "https://id.acme.example/realms/acme", "ClientId": "lanyard"})),
        with("pingfederate", json!({"Issuer": "https://sso.acme.example", "ClientId": "lanyard", "RedirectHost": "127.0.0.1"})),
        Example {
            name: "sandbox",
            policy: json!({
                "Issuer": "http://127.0.0.1:8970", "ClientId": "lanyard", "AllowInsecureLoopback": true,
                "Servers": {"open": {"url": "http://127.0.0.1:8976/mcp", "title": "Open house", "route": "none"}},
            }),
        },
    ]
}

/// A policy file with every setting as a comment beside its example.
pub fn annotated() -> String {
    let mut text = String::from(
        "{\n  \"$schema\": \"./policy.schema.json\",\n  \"// 1\": \"Names that begin with // are comments. Take away the slashes of what you need.\",\n",
    );
    for group in GROUPS {
        text.push_str(&format!("\n  \"// {}\": \"\",\n", group.title()));
        for setting in settings().filter(|setting| setting.group == group) {
            text.push_str(&format!("  \"// {}?\": {},\n", setting.name, Value::from(crate::schema::text(setting))));
            text.push_str(&line(setting));
        }
    }
    text.truncate(text.trim_end().trim_end_matches(',').len());
    text.push_str("\n}\n");
    text
}

fn line(setting: &Setting) -> String {
    let live = ["Issuer", "ClientId", "Servers"].contains(&setting.name);
    let example = if setting.kind == Kind::Secret { "\"…\"" } else { setting.example };
    format!("  \"{}{}\": {example},\n", if live { "" } else { "// " }, setting.name)
}
