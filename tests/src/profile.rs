//! How real products behave, as named sets of behaviours that can also be switched one by one.

use std::sync::Arc;

use crate::held::Held;

/// What the IdP says to somebody who may not use a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// `access_denied`, as the draft has it.
    AccessDenied,
    /// Okta's `invalid_target`: "not completely configured or user is not assigned".
    InvalidTarget,
}

/// Which subject tokens the IdP exchanges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subjects {
    /// ID tokens and refresh tokens.
    Both,
    /// ID tokens only (Keycloak).
    IdToken,
    /// Refresh tokens only.
    RefreshToken,
}

/// What a resource AS does with `scope` in the jwt-bearer request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeRule {
    /// Grants the intersection.
    Narrow,
    /// Refuses the parameter (Okta's custom AS).
    Refuse,
    /// Ignores it; what the assertion says counts.
    Ignore,
}

/// How a resource AS words its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// With the reason.
    Plain,
    /// `Invalid assertion`, whatever the reason (Cloudflare's library).
    Opaque,
    /// Status 200 with `{"ok":false}` (Slack).
    OkFalse,
}

/// How the IdP wants client assertions addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssertionAudience {
    /// Its issuer or its token endpoint.
    Either,
    /// Its issuer only (rfc7523bis).
    Issuer,
    /// Its token endpoint only (Okta).
    TokenEndpoint,
}

/// Behaviours of the IdP, the resource ASs and the servers. The default is what the specifications describe.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Issuers of the IdP and of `track` end in a slash (Auth0). Fixed at start.
    pub issuer_slash: bool,
    /// The IdP signs with RS256 rather than ES256. Fixed at start.
    pub rs256: bool,
    /// Redirect ports that the IdP knows; empty admits any (RFC 8252 §7.3).
    pub redirect_ports: Vec<u16>,
    /// Life of an ID token, seconds.
    pub id_token_seconds: i64,
    /// Whether a refresh answers with an ID token.
    pub refresh_id_token: bool,
    /// Whether a refresh token is replaced at every use.
    pub rotate_refresh: bool,
    /// What a denial of access looks like.
    pub denial: Denial,
    /// Requests a second at the IdP's token endpoint before it answers 429.
    pub burst: Option<usize>,
    /// A scope outside the connection refuses the whole exchange instead of narrowing it; and one is required.
    pub strict_scopes: bool,
    /// Subject tokens that are exchanged.
    pub subjects: Subjects,
    /// Public clients may not exchange (Keycloak).
    pub confidential_only: bool,
    /// A disabled user's exchange says `invalid_grant` rather than Okta's `invalid_request`.
    pub gone_is_invalid_grant: bool,
    /// Addressee of client assertions at the IdP.
    pub assertion_audience: AssertionAudience,
    /// The IdP knows the requested token type under its old name only.
    pub old_token_type: bool,
    /// The IdP's metadata names token exchange and ID-JAG.
    pub markers: bool,
    /// Life of an assertion, seconds.
    pub assertion_seconds: i64,
    /// `act` in the assertion (Okta).
    pub actor: bool,

    /// `scope` at a resource AS.
    pub scope_rule: ScopeRule,
    /// Wording of errors at a resource AS.
    pub wording: Wording,
    /// An assertion may be presented again until it expires (Auth0).
    pub reusable_assertions: bool,
    /// `invalid_grant` comes with 401.
    pub grant_401: bool,
    /// `token_type` is `bearer`.
    pub lower_case_type: bool,
    /// Public clients may redeem assertions.
    pub public_redeem: bool,
    /// A resource AS hands out refresh tokens although it should not.
    pub as_refresh_token: bool,
    /// Metadata of a resource AS is found in the OIDC places only.
    pub oidc_metadata: bool,
    /// A resource AS advertises the ID-JAG profile.
    pub as_markers: bool,
    /// Metadata carries the keys of the older articles: `supported_idp_issuers`, `mcp_server_info`.
    pub article_keys: bool,
    /// Servers have no protected resource metadata; AS metadata stands on their own origin.
    pub no_resource_metadata: bool,
    /// Streams of MCP servers begin without the empty event that later ones are resumed by.
    pub no_first_event: bool,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            issuer_slash: false,
            rs256: false,
            redirect_ports: Vec::new(),
            id_token_seconds: 3600,
            refresh_id_token: true,
            rotate_refresh: true,
            denial: Denial::AccessDenied,
            burst: None,
            strict_scopes: false,
            subjects: Subjects::Both,
            confidential_only: false,
            gone_is_invalid_grant: false,
            assertion_audience: AssertionAudience::Either,
            old_token_type: false,
            markers: true,
            assertion_seconds: 300,
            actor: false,
            scope_rule: ScopeRule::Narrow,
            wording: Wording::Plain,
            reusable_assertions: false,
            grant_401: false,
            lower_case_type: false,
            public_redeem: true,
            as_refresh_token: false,
            oidc_metadata: false,
            as_markers: true,
            article_keys: false,
            no_first_event: false,
            no_resource_metadata: false,
        }
    }
}

/// Names that [`Profile::named`] knows, with what they stand for.
pub const NAMES: [(&str, &str); 18] = [
    ("standard", "what the specifications describe"),
    (
        "okta",
        "denial as invalid_target, 429 with invalid_grant after four requests a second, strict scopes, assertions addressed to the token endpoint; its AS refuses scope",
    ),
    ("auth0", "issuers with a trailing slash, RS256, reusable assertions"),
    ("cloudflare", "the resource AS answers 'Invalid assertion' whatever the reason"),
    ("posthog", "no advertised marker at the IdP, lower-case token_type, public clients"),
    ("keycloak", "confidential clients and ID tokens only, ID tokens of five minutes, OIDC metadata places"),
    ("pingfederate", "refresh tokens as subjects only, not rotated"),
    ("slack", "the resource AS answers 200 with ok:false"),
    ("article", "metadata with the keys of the older articles"),
    ("legacy", "article, no protected resource metadata, AS metadata on the server's own origin, old token type name"),
    ("short-id-token", "ID tokens of five minutes"),
    ("no-refresh-id-token", "a refresh answers without ID token"),
    ("exact-ports", "redirects to ports 8971 and 8972 only"),
    ("rs256", "the IdP signs with RS256"),
    ("issuer-only", "client assertions are addressed to the issuer only"),
    ("unmarked", "nobody advertises enterprise-managed authorization"),
    ("refresh-token-bonus", "the resource AS hands out refresh tokens"),
    ("grant-401", "invalid_grant comes with status 401"),
];

impl Profile {
    /// The profile of that name (see [`NAMES`]).
    pub fn named(name: &str) -> Option<Self> {
        let plain = Self::default();
        Some(match name {
            "standard" => plain,
            "okta" => Self {
                denial: Denial::InvalidTarget,
                burst: Some(4),
                strict_scopes: true,
                assertion_audience: AssertionAudience::TokenEndpoint,
                actor: true,
                markers: false,
                scope_rule: ScopeRule::Refuse,
                ..plain
            },
            "auth0" => Self { issuer_slash: true, rs256: true, reusable_assertions: true, ..plain },
            "cloudflare" => Self { wording: Wording::Opaque, ..plain },
            "posthog" => Self { markers: false, lower_case_type: true, ..plain },
            "keycloak" => Self {
                confidential_only: true,
                subjects: Subjects::IdToken,
                id_token_seconds: 300,
                public_redeem: false,
                gone_is_invalid_grant: true,
                oidc_metadata: true,
                ..plain
            },
            "pingfederate" => Self { subjects: Subjects::RefreshToken, rotate_refresh: false, ..plain },
            "slack" => Self { wording: Wording::OkFalse, ..plain },
            "article" => Self { article_keys: true, as_markers: false, ..plain },
            "legacy" => Self { article_keys: true, as_markers: false, no_resource_metadata: true, old_token_type: true, ..plain },
            "short-id-token" => Self { id_token_seconds: 300, ..plain },
            "no-refresh-id-token" => Self { refresh_id_token: false, ..plain },
            "exact-ports" => Self { redirect_ports: vec![8971, 8972], ..plain },
            "rs256" => Self { rs256: true, ..plain },
            "issuer-only" => Self { assertion_audience: AssertionAudience::Issuer, ..plain },
            "unmarked" => Self { markers: false, as_markers: false, ..plain },
            "refresh-token-bonus" => Self { as_refresh_token: true, ..plain },
            "grant-401" => Self { grant_401: true, ..plain },
            _ => return None,
        })
    }
}

/// A profile that one party looks at afresh at each request.
#[derive(Clone, Debug)]
pub(crate) struct Manner(Arc<Held<Profile>>);

impl Manner {
    pub(crate) fn new(profile: Profile) -> Self {
        Self(Arc::new(Held::new(profile)))
    }

    pub(crate) fn now(&self) -> Profile {
        self.0.lock().clone()
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Profile)) {
        change(&mut self.0.lock());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_profile_exists() {
        for (name, _) in NAMES {
            assert!(Profile::named(name).is_some(), "{name}");
        }
        assert!(Profile::named("entra").is_none());
    }
}
