use super::{Group, SETTING, Setting};
use crate::kinds::{Address, AssertionAudience, AssertionReuse, ClientAuthentication, Item, Kind, Route, Send};

const KEY: Setting = Setting { group: Group::Servers, ..SETTING };

/// Every key that a server may have.
pub static SERVER_KEYS: &[Setting] = &[
    Setting {
        name: "url",
        kind: Kind::Url(Address::Endpoint),
        summary: "The server's MCP endpoint.",
        explanation: "The address to which clients would connect without Lanyard. Every server must have it.",
        absent: "The server is left out.",
        example: "\"https://mcp.linear.app/mcp\"",
        ..KEY
    },
    Setting {
        name: "title",
        kind: Kind::Text { max: 128 },
        summary: "The server's name, as people see it.",
        explanation: "Shown wherever the server is.",
        absent: "The id is shown.",
        example: "\"Linear\"",
        ..KEY
    },
    Setting {
        name: "contact",
        kind: Kind::Text { max: 256 },
        summary: "Whom people ask about this server.",
        explanation: "It stands in faults of this server in place of SupportContact.",
        absent: "SupportContact stands there.",
        example: "\"wiki-team@acme.example\"",
        ..KEY
    },
    Setting {
        name: "resource",
        kind: Kind::Url(Address::Endpoint),
        summary: "The server's resource identifier.",
        explanation: "A pin: compared byte for byte with what the server's metadata says (RFC 9728).",
        absent: "It is discovered and checked.",
        example: "\"https://mcp.linear.app/mcp\"",
        ..KEY
    },
    Setting {
        name: "authorizationServer",
        kind: Kind::Url(Address::Issuer),
        summary: "The issuer of the server's authorization server.",
        explanation: "A pin, compared byte for byte. Name it when a server moves to another authorization server, which Lanyard refuses otherwise.",
        absent: "The one that is seen first is kept.",
        example: "\"https://auth.linear.app\"",
        ..KEY
    },
    Setting {
        name: "tokenEndpoint",
        kind: Kind::Url(Address::Endpoint),
        summary: "The token endpoint of the server's authorization server.",
        explanation: "A pin for authorization servers that publish no metadata.",
        absent: "It is discovered.",
        example: "\"https://auth.linear.app/token\"",
        ..KEY
    },
    Setting {
        name: "legacyDiscovery",
        kind: Kind::YesNo,
        default: Some("false"),
        summary: "Whether an older way of discovery is tried.",
        explanation: "When the server has no protected resource metadata, the authorization server's metadata is looked for on the server's own origin.",
        absent: "It is not tried.",
        example: "true",
        ..KEY
    },
    Setting {
        name: "clientId",
        kind: Kind::Text { max: 2048 },
        summary: "Lanyard's client at the server's authorization server.",
        explanation: "An identifier, or an https address of a client ID metadata document. Lanyard never registers a client by itself.",
        absent: "The client that the assertion names.",
        example: "\"acme-linear\"",
        ..KEY
    },
    Setting {
        name: "clientSecret",
        kind: Kind::Secret,
        secret: true,
        summary: "That client's secret.",
        explanation: "A policy can be read by every local user of the computer: it protects little.",
        absent: "No secret is sent.",
        example: "\"from-the-server\"",
        ..KEY
    },
    Setting {
        name: "clientKeyFile",
        kind: Kind::Path,
        summary: "The private key that proves that client.",
        explanation: "The absolute path of a PEM file.",
        absent: "No key is used.",
        example: "\"/etc/lanyard/linear.pem\"",
        ..KEY
    },
    Setting {
        name: "clientAuthentication",
        kind: Kind::Choice(ClientAuthentication::WORDS),
        summary: "How that client proves itself.",
        explanation: "The two secret methods need clientSecret, private_key_jwt needs clientKeyFile.",
        absent: "What clientSecret or clientKeyFile and the authorization server's metadata admit; a public client without either.",
        example: "\"client_secret_post\"",
        ..KEY
    },
    Setting {
        name: "clientAssertionAudience",
        kind: Kind::Choice(AssertionAudience::WORDS),
        default: Some("\"auto\""),
        summary: "To whom that client's signed statement is addressed.",
        explanation: "Only for private_key_jwt.",
        absent: "The issuer, and the token endpoint once after invalid_client.",
        example: "\"issuer\"",
        ..KEY
    },
    Setting {
        name: "scopes",
        kind: Kind::List { of: Item::Scope, min: 0, max: 100 },
        summary: "The scopes that are asked for.",
        explanation: "A program that asks for fewer is served from the token that has these.",
        absent: "Those of the server's challenge, then of its metadata.",
        example: "[\"read\",\"write\"]",
        ..KEY
    },
    Setting {
        name: "maxScopes",
        kind: Kind::List { of: Item::Scope, min: 0, max: 100 },
        summary: "The scopes that are never exceeded.",
        explanation: "The bound for programs and servers that ask for more than the default. It must hold every scope of scopes.",
        absent: "The same as scopes; when that is absent too, nothing more is ever asked for.",
        example: "[\"read\",\"write\",\"admin\"]",
        ..KEY
    },
    Setting {
        name: "route",
        kind: Kind::Choice(Route::WORDS),
        default: Some("\"id-jag\""),
        summary: "How the server's tokens are obtained.",
        explanation: "interactive is ordinary OAuth in the browser, used only where you say so. none is for servers without authorization.",
        absent: "Silently, by an assertion of the identity provider.",
        example: "\"interactive\"",
        ..KEY
    },
    Setting {
        name: "sendScope",
        kind: Kind::Choice(Send::WORDS),
        default: Some("\"auto\""),
        summary: "Whether the scope is sent when the assertion is redeemed.",
        explanation: "For authorization servers that need it, or that refuse it.",
        absent: "Lanyard decides.",
        example: "\"never\"",
        ..KEY
    },
    Setting {
        name: "sendResource",
        kind: Kind::Choice(Send::WORDS),
        default: Some("\"auto\""),
        summary: "Whether the resource is sent when the assertion is redeemed.",
        explanation: "For authorization servers that need it, or that refuse it.",
        absent: "Lanyard decides.",
        example: "\"always\"",
        ..KEY
    },
    Setting {
        name: "assertionReuse",
        kind: Kind::Choice(AssertionReuse::WORDS),
        default: Some("\"never\""),
        summary: "Whether one assertion is redeemed more than once.",
        explanation: "until-expiry saves assertions where the licence counts them and the authorization server admits it.",
        absent: "Each token has an assertion of its own.",
        example: "\"until-expiry\"",
        ..KEY
    },
    Setting {
        name: "allowedPrograms",
        kind: Kind::List { of: Item::Program, min: 0, max: 500 },
        summary: "Which programs may use this server.",
        explanation: "Narrows AllowedPrograms, and is written like it.",
        absent: "Every program that may use the doors.",
        example: "[\"/usr/share/code/**\"]",
        ..KEY
    },
    Setting {
        name: "tools",
        kind: Kind::Tools,
        summary: "Which tools may be called.",
        explanation: "An object with the lists allow and deny of patterns over tool names; * stands for any characters, ? for one, and deny is stronger. A server with it never gives its token out: only the gateway and the bridge serve it.",
        absent: "Every tool.",
        example: "{\"allow\":[\"get_*\"],\"deny\":[\"get_salary\"]}",
        ..KEY
    },
    Setting {
        name: "readOnly",
        kind: Kind::YesNo,
        default: Some("false"),
        summary: "Whether only reading tools may be called.",
        explanation: "Only tools that the server annotates with readOnlyHint are admitted. A server with it never gives its token out.",
        absent: "Tools that write may be called too.",
        example: "true",
        ..KEY
    },
    Setting {
        name: "programs",
        kind: Kind::Programs,
        summary: "Tools by program.",
        explanation: "An object whose names are programs as in AllowedPrograms and whose values hold tools and readOnly for them, in addition to the server's own. A server with it never gives its token out.",
        absent: "The same for every program.",
        example: "{\"/usr/share/code/**\":{\"readOnly\":true}}",
        ..KEY
    },
];
