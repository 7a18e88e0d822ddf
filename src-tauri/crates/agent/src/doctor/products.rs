//! What is known of some servers' products, for the one who has to mend a refusal there.

/// Host suffix and what its administrators must have done.
const PRODUCTS: &[(&str, &str)] = &[
    (
        "notion.com",
        "Notion: needs an Enterprise plan with SAML single sign-on, your issuer connected to the workspace, and Lanyard's client id registered",
    ),
    ("slack.com", "Slack: the app must be marked for enterprise-managed authorization and installed for the organisation"),
    (
        "supabase.com",
        "Supabase: Lanyard's client must be authorised there, and each person must have signed in once with single sign-on, with the same e-mail address",
    ),
    (
        "posthog.com",
        "PostHog: needs an Enterprise plan, a verified domain and an active membership; a client allow-list may be set",
    ),
    ("datadoghq.com", "Datadog: its preview admits registered clients only; the e-mail address must equal the person's handle"),
    ("linear.app", "Linear: ask for a client registration and for enterprise sign-in of your workspace"),
    ("atlassian.com", "Atlassian: ask for a client registration and for enterprise sign-in of your organisation"),
    ("asana.com", "Asana: needs an MCP app in its developer console"),
    ("figma.com", "Figma: admits clients from an allow-list only; ask for Lanyard's client to be added"),
    ("context7.com", "Context7: needs an enterprise teamspace; people are matched by e-mail address"),
    ("mixpanel.com", "Mixpanel: documents Claude as client; people are matched by e-mail address"),
    ("amplitude.com", "Amplitude: documents Claude as client; ask for others"),
    ("stytch.com", "Stytch: takes confidential clients only"),
    (
        "auth0.com",
        "Auth0: the application needs the Cross App Access toggle, and each person must have signed in once through the enterprise connection",
    ),
    (
        "okta.com",
        "Okta: the issuer must be the org's own, the connection must list the scopes, and no scope may be sent in leg 3",
    ),
];

/// The remark for the product behind `url`, if it is known.
pub(super) fn known(url: &str) -> Option<&'static str> {
    let host = net::host_of(url)?;
    PRODUCTS.iter().find(|(suffix, _)| host == *suffix || host.ends_with(&format!(".{suffix}"))).map(|(_, remark)| *remark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_known_by_their_hosts() {
        assert!(known("https://mcp.notion.com/mcp").is_some_and(|remark| remark.starts_with("Notion")));
        assert!(known("https://notion.com.evil.example/mcp").is_none());
        assert!(known("https://notnotion.com/mcp").is_none());
    }
}
