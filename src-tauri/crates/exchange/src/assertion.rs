//! Leg 2: the session's proof becomes an ID-JAG at the IdP (RFC 8693, ID-JAG §4.3).

use net::{Answer, Client, NetError, TokenRequest};
use secret::Secret;
use serde::Deserialize;
use session::Subject;

use crate::inspect::{Expected, Inspected, Unfit, inspect};

const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_JAG: &str = "urn:ietf:params:oauth:token-type:id-jag";
/// Spellings that are accepted; only the first is sent, unless the IdP insists on the second (MUST 17, 61).
const ALIASES: [&str; 3] = [ID_JAG, "urn:ietf:params:oauth:token-type:id_jag", "urn:okta:oauth:token-type:id_jag"];
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const REFRESH_TOKEN: &str = "urn:ietf:params:oauth:token-type:refresh_token";

/// What leg 2 asks for.
pub(crate) struct Request<'a> {
    pub(crate) audience: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) scope: Option<&'a str>,
    pub(crate) client_id: Option<&'a str>,
    pub(crate) older_token_type: bool,
}

impl Request<'_> {
    fn token_type(&self) -> &'static str {
        if self.older_token_type { ALIASES[1] } else { ID_JAG }
    }

    /// What an administrator may see of it.
    pub(crate) fn sent(&self, subject: &Subject) -> Vec<(&'static str, String)> {
        let mut sent = vec![
            ("token endpoint", subject.idp.token_endpoint.clone()),
            ("client_id", subject.idp.client_id.clone()),
            ("client authentication", subject.idp.proof()),
            ("requested_token_type", self.token_type().to_owned()),
            ("subject_token_type", subject_token_type(subject).to_owned()),
            ("audience", self.audience.to_owned()),
            ("resource", self.resource.to_owned()),
        ];
        sent.extend(self.scope.map(|scope| ("scope", scope.to_owned())));
        sent
    }

    /// Sends it, once.
    pub(crate) async fn send(&self, client: &Client, subject: &Subject) -> Result<Answer, NetError> {
        let mut fields = vec![
            ("grant_type", TOKEN_EXCHANGE),
            ("requested_token_type", self.token_type()),
            ("subject_token", subject.token.expose()),
            ("subject_token_type", subject_token_type(subject)),
            ("audience", self.audience),
            ("resource", self.resource),
        ];
        fields.extend(self.scope.map(|scope| ("scope", scope)));
        let auth = subject.idp.auth();
        let request = TokenRequest { endpoint: &subject.idp.token_endpoint, auth: &auth, fields };
        request.send(client, &subject.idp.reach, Some(&subject.idp.pace)).await
    }
}

fn subject_token_type(subject: &Subject) -> &'static str {
    if subject.is_refresh_token { REFRESH_TOKEN } else { ID_TOKEN }
}

/// An assertion that was looked into. It leaves only to the authorization server it names.
pub(crate) struct Assertion {
    pub(crate) jwt: Secret,
    pub(crate) seen: Inspected,
    /// The scopes granted, where the IdP said.
    pub(crate) scope: Option<String>,
}

/// Why an answer of leg 2 is not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("the answer is not the expected JSON")]
    Malformed,
    #[error("the identity provider issued a token of another type")]
    OtherType,
    #[error("the answer names another resource than the one asked for")]
    OtherResource,
    #[error("the assertion is not used: {0}")]
    Unfit(#[from] Unfit),
}

#[derive(Deserialize)]
struct Reply {
    issued_token_type: Option<String>,
    access_token: Secret,
    scope: Option<String>,
    resource: Option<serde_json::Value>,
}

/// Reads an answer; a refresh token in it is neither read nor kept (MUST 26).
pub(crate) fn read(body: &[u8], request: &Request<'_>, issuer: &str) -> Result<Assertion, Unusable> {
    let reply: Reply = serde_json::from_slice(body).map_err(|_| Unusable::Malformed)?;
    if reply.issued_token_type.as_deref().is_some_and(|issued| !ALIASES.contains(&issued)) {
        return Err(Unusable::OtherType);
    }
    let echoes = reply.resource.is_none_or(|echo| echo == request.resource || echo == serde_json::json!([request.resource]));
    if !echoes {
        return Err(Unusable::OtherResource);
    }
    let expected = Expected { issuer, audience: request.audience, client_id: request.client_id, resource: request.resource };
    let seen = inspect(reply.access_token.expose(), &expected)?;
    let scope = reply.scope.or_else(|| seen.scope.clone());
    Ok(Assertion { jwt: reply.access_token, seen, scope })
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: Request<'static> =
        Request { audience: "https://as", resource: "https://mcp", scope: None, client_id: None, older_token_type: false };

    fn verdict(issued: &str, resource: &str) -> String {
        let body =
            format!(r#"{{"access_token":"a.b.c.d.e","issued_token_type":{issued},"resource":{resource},"refresh_token":"r"}}"#);
        match read(body.as_bytes(), &REQUEST, "https://idp") {
            Ok(_) => "used".into(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_answers_type_and_echo_are_checked() {
        assert_eq!(verdict(r#""urn:ietf:params:oauth:token-type:id-jag""#, "null"), "used");
        assert_eq!(verdict(r#""urn:okta:oauth:token-type:id_jag""#, r#""https://mcp""#), "used");
        assert_eq!(verdict("null", r#"["https://mcp"]"#), "used");
        assert_eq!(
            verdict(r#""urn:ietf:params:oauth:token-type:access_token""#, "null"),
            "the identity provider issued a token of another type"
        );
        assert_eq!(verdict("null", r#""https://other""#), "the answer names another resource than the one asked for");
        assert_eq!(
            verdict("null", r#"["https://mcp","https://other"]"#),
            "the answer names another resource than the one asked for"
        );
        assert!(read(b"[]", &REQUEST, "https://idp").is_err());
    }
}
