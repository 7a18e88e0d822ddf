use super::{Group, SETTING, Setting};
use crate::kinds::{Address, AssertionAudience, ClientAuthentication, Item, Kind, Prompt, RedirectHost, SubjectTokenKind};
use crate::layer::Scope;

const IDENTITY: Setting = Setting { group: Group::Identity, ..SETTING };

pub(super) static SETTINGS: &[Setting] = &[
    Setting {
        name: "Issuer",
        kind: Kind::Url(Address::Issuer),
        closes: true,
        summary: "The identity provider at which employees sign in.",
        explanation: "The issuer of your identity provider, exactly as its metadata names it: it is compared byte for byte, a slash at the end included. An issuer that serves every organisation (one that ends in /common, /organizations or /consumers) needs AllowedAccounts as well.",
        absent: "Lanyard is not configured: it runs, serves nothing and waits for this setting.",
        example: "\"https://acme.okta.com\"",
        ..IDENTITY
    },
    Setting {
        name: "ClientId",
        kind: Kind::Text { max: 512 },
        closes: true,
        summary: "Lanyard's client at the identity provider.",
        explanation: "The identifier that the identity provider gave to the application registered for Lanyard.",
        absent: "Lanyard is not configured: it runs, serves nothing and waits for this setting.",
        example: "\"0oa1lanyard\"",
        ..IDENTITY
    },
    Setting {
        name: "ClientAuthentication",
        kind: Kind::Choice(ClientAuthentication::WORDS),
        default: Some("\"none\""),
        closes: true,
        summary: "How Lanyard proves its client at the identity provider.",
        explanation: "Choose what the registration asks for. The two secret methods need ClientSecret, private_key_jwt needs ClientKeyFile. A desktop program cannot keep a secret from its own user: prefer a public client, where the identity provider admits one.",
        absent: "Lanyard is a public client and relies on PKCE.",
        example: "\"private_key_jwt\"",
        ..IDENTITY
    },
    Setting {
        name: "ClientSecret",
        kind: Kind::Secret,
        secret: true,
        closes: true,
        summary: "The client's secret at the identity provider.",
        explanation: "Used by client_secret_basic and client_secret_post. A policy can be read by every local user of the computer, so this secret protects little; it exists for identity providers that insist on one.",
        absent: "No secret is sent.",
        example: "\"from-your-identity-provider\"",
        ..IDENTITY
    },
    Setting {
        name: "ClientKeyFile",
        kind: Kind::Path,
        closes: true,
        summary: "The private key that proves the client at the identity provider.",
        explanation: "The absolute path of a PEM file with the private key whose public half is registered. Used by private_key_jwt. Lanyard names the key by its RFC 7638 thumbprint: register it under that key id, which `lanyard doctor` shows.",
        absent: "No key is used.",
        example: "\"/etc/lanyard/client.pem\"",
        ..IDENTITY
    },
    Setting {
        name: "ClientAssertionAudience",
        kind: Kind::Choice(AssertionAudience::WORDS),
        default: Some("\"auto\""),
        summary: "To whom the client's signed statement is addressed.",
        explanation: "Only for private_key_jwt. Some identity providers, Okta among them, want the address of their token endpoint instead of their issuer.",
        absent: "The issuer is tried first, and the token endpoint once when the identity provider answers invalid_client; what worked is remembered.",
        example: "\"token-endpoint\"",
        ..IDENTITY
    },
    Setting {
        name: "AuthorizationEndpoint",
        kind: Kind::Url(Address::Endpoint),
        closes: true,
        summary: "Where the browser is sent to sign in.",
        explanation: "A pin for identity providers that publish no metadata, or whose metadata must not be relied on.",
        absent: "It is discovered from the issuer's metadata.",
        example: "\"https://acme.okta.com/oauth2/v1/authorize\"",
        ..IDENTITY
    },
    Setting {
        name: "TokenEndpoint",
        kind: Kind::Url(Address::Endpoint),
        closes: true,
        summary: "Where codes and tokens are exchanged.",
        explanation: "A pin for identity providers that publish no metadata, or whose metadata must not be relied on.",
        absent: "It is discovered from the issuer's metadata.",
        example: "\"https://acme.okta.com/oauth2/v1/token\"",
        ..IDENTITY
    },
    Setting {
        name: "Scopes",
        kind: Kind::List { of: Item::Scope, min: 1, max: 50 },
        default: Some("[\"openid\",\"profile\",\"email\",\"offline_access\"]"),
        summary: "The scopes that are asked for at sign-in.",
        explanation: "The list must hold openid, because the session rests on the ID token. Without offline_access most identity providers give no refresh token, and employees sign in again whenever the ID token ends. Several servers match people by e-mail address, which needs email.",
        absent: "openid, profile, email and offline_access are asked for.",
        example: "[\"openid\",\"email\",\"offline_access\"]",
        ..IDENTITY
    },
    Setting {
        name: "SubjectToken",
        kind: Kind::Choice(SubjectTokenKind::WORDS),
        default: Some("\"auto\""),
        summary: "What is exchanged for a server's assertion.",
        explanation: "Identity providers differ in whether the ID token or the refresh token stands for the employee in the exchange.",
        absent: "Lanyard chooses what the identity provider supports.",
        example: "\"id_token\"",
        ..IDENTITY
    },
    Setting {
        name: "AcrValues",
        kind: Kind::Text { max: 1024 },
        closes: true,
        summary: "How strongly employees must authenticate.",
        explanation: "Sent as acr_values at sign-in: the authentication classes that the identity provider knows, separated by spaces, the preferred one first.",
        absent: "The identity provider decides.",
        example: "\"phr\"",
        ..IDENTITY
    },
    Setting {
        name: "MaxAgeSeconds",
        kind: Kind::Number { min: 0, max: 31_536_000, zero: false },
        closes: true,
        summary: "How old the authentication may be at sign-in.",
        explanation: "Sent as max_age, in seconds: when the employee authenticated longer ago, the identity provider asks again. 0 always asks.",
        absent: "The identity provider decides.",
        example: "43200",
        ..IDENTITY
    },
    Setting {
        name: "Prompt",
        kind: Kind::Choice(Prompt::WORDS),
        summary: "What the identity provider asks for at every sign-in.",
        explanation: "Sent as prompt. Leave it absent unless employees have several accounts in one browser (select_account) or must always enter their credentials (login). Some identity providers give a refresh token only with consent (OpenID Connect Core §11): Status warns when none came.",
        absent: "The identity provider decides.",
        example: "\"select_account\"",
        ..IDENTITY
    },
    Setting {
        name: "AccountHint",
        kind: Kind::Hint,
        scope: Scope::User,
        summary: "The account that is offered at sign-in.",
        explanation: "Sent as login_hint, so that the employee need not type it. %username% stands for the name of the user who is logged on, %upn% for the user principal name; when that is not known, no hint is sent. It is a convenience, not a restriction: see AllowedAccounts.",
        absent: "No account is offered.",
        example: "\"%username%@acme.example\"",
        ..IDENTITY
    },
    Setting {
        name: "AllowedAccounts",
        kind: Kind::List { of: Item::Account, min: 1, max: 500 },
        closes: true,
        summary: "Which accounts may sign in.",
        explanation: "A list; an account is admitted when any entry matches. domain:acme.example admits verified e-mail addresses of that domain, tenant:ID the tenant (the claims tid and hd), group:NAME the members of a group (the claim groups). Required for issuers that serve every organisation.",
        absent: "Every account of the issuer may sign in.",
        example: "[\"domain:acme.example\",\"tenant:0a1b2c3d\"]",
        ..IDENTITY
    },
    Setting {
        name: "RedirectHost",
        kind: Kind::Choice(RedirectHost::WORDS),
        default: Some("\"127.0.0.1\""),
        summary: "The host of the address to which the browser returns.",
        explanation: "Some identity providers compare the redirect address exactly and were given localhost.",
        absent: "127.0.0.1 is used.",
        example: "\"localhost\"",
        ..IDENTITY
    },
    Setting {
        name: "RedirectPorts",
        kind: Kind::List { of: Item::Port, min: 0, max: 16 },
        default: Some("[]"),
        summary: "The ports of the address to which the browser returns.",
        explanation: "For identity providers that compare the redirect address exactly: register one address for each port. Lanyard takes the first that is free. An empty list means any port.",
        absent: "Any free port is used (RFC 8252 §7.3).",
        example: "[49152,49153]",
        ..IDENTITY
    },
    Setting {
        name: "BorrowVsCodeIdentity",
        kind: Kind::YesNo,
        default: Some("false"),
        summary: "Use the identity that VS Code's policy has.",
        explanation: "When Issuer is not set, issuer, client and token endpoint are taken from VS Code's policy McpEnterpriseManagedAuthIdp, if that is as well protected as Lanyard's own. The client's redirect addresses must fit Lanyard. A client secret there is ignored and reported.",
        absent: "VS Code's policy is not read.",
        example: "true",
        ..IDENTITY
    },
];
