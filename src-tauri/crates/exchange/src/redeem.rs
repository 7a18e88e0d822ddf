//! Leg 3: the ID-JAG becomes an access token at the resource AS (RFC 7523 §2.1).

use jiff::{SignedDuration, Timestamp};
use net::{Answer, Client, ClientAuth, NetError, Reach, TokenRequest};
use secret::Secret;
use serde::Deserialize;

use crate::discovery::JWT_BEARER;
use crate::inspect::{contradicts, readable_audience};

/// What leg 3 asks for.
pub(crate) struct Request<'a> {
    pub(crate) endpoint: &'a str,
    pub(crate) auth: &'a ClientAuth,
    pub(crate) scope: Option<&'a str>,
    pub(crate) resource: Option<&'a str>,
}

impl Request<'_> {
    /// What an administrator may see of it.
    pub(crate) fn sent(&self) -> Vec<(&'static str, String)> {
        let method = match self.auth {
            ClientAuth::None { .. } => "none",
            ClientAuth::Basic { .. } => "client_secret_basic",
            ClientAuth::Post { .. } => "client_secret_post",
            ClientAuth::PrivateKeyJwt { .. } => "private_key_jwt",
        };
        let mut sent = vec![
            ("token endpoint", self.endpoint.to_owned()),
            ("client_id", self.auth.client_id().to_owned()),
            ("client authentication", method.to_owned()),
        ];
        if let ClientAuth::PrivateKeyJwt { key, audience, .. } = self.auth {
            sent.push(("client assertion audience", audience.clone()));
            sent.push(("client assertion kid", key.kid().to_owned()));
        }
        sent.extend(self.scope.map(|scope| ("scope", scope.to_owned())));
        sent.extend(self.resource.map(|resource| ("resource", resource.to_owned())));
        sent
    }

    /// Presents the assertion, once (MUST 27, 30).
    pub(crate) async fn send(&self, client: &Client, reach: &Reach, assertion: &Secret) -> Result<Answer, NetError> {
        let mut fields = vec![("grant_type", JWT_BEARER), ("assertion", assertion.expose())];
        fields.extend(self.scope.map(|scope| ("scope", scope)));
        fields.extend(self.resource.map(|resource| ("resource", resource)));
        TokenRequest { endpoint: self.endpoint, auth: self.auth, fields }.send(client, reach, None).await
    }
}

/// A token as the authorization server gave it.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) token: Secret,
    pub(crate) scope: Option<String>,
    pub(crate) expires: Timestamp,
    /// The authorization server's id of the exchange.
    pub(crate) trace: Option<String>,
}

/// Why an answer of leg 3 is not used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("the answer is not the expected JSON")]
    Malformed,
    #[error("the token is not a bearer token")]
    NotBearer,
    #[error("the token is for another resource")]
    OtherAudience,
    #[error("the token has expired already")]
    Expired,
}

#[derive(Deserialize)]
struct Reply {
    access_token: Secret,
    token_type: Option<String>,
    expires_in: Option<serde_json::Value>,
    scope: Option<String>,
}

/// A token without a word about its end lives this long, seconds (MUST 37).
const UNSAID: i64 = 300;

/// Reads an answer; a refresh token in it is neither read nor kept (MUST 32).
pub(crate) fn read(body: &[u8], resource: &str, max_life: SignedDuration, now: Timestamp) -> Result<Token, Unusable> {
    let reply: Reply = serde_json::from_slice(body).map_err(|_| Unusable::Malformed)?;
    let text = reply.access_token.expose();
    if text.is_empty() || text.len() > 65_536 || text.chars().any(|c| c.is_control() || c == ' ') {
        return Err(Unusable::Malformed);
    }
    if !reply.token_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
        return Err(Unusable::NotBearer);
    }
    let (audiences, exp) = readable_audience(text).unwrap_or_default();
    if contradicts(&audiences, resource) {
        return Err(Unusable::OtherAudience);
    }
    let said = reply.expires_in.as_ref().and_then(|life| life.as_i64().or_else(|| life.as_str()?.parse().ok()));
    let life = said.or_else(|| exp.map(|exp| exp - now.as_second())).unwrap_or(UNSAID);
    if life <= 0 {
        return Err(Unusable::Expired);
    }
    let expires = now + SignedDuration::from_secs(life).min(max_life);
    Ok(Token { token: reply.access_token, scope: reply.scope, expires, trace: None })
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::*;

    fn life(body: serde_json::Value) -> Result<i64, Unusable> {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let token = read(body.to_string().as_bytes(), "https://mcp.example/mcp", SignedDuration::from_secs(3600), now)?;
        Ok(token.expires.as_second() - now.as_second())
    }

    fn jwt(claims: serde_json::Value) -> String {
        format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    #[test]
    fn answers_are_believed_only_as_far_as_they_go() {
        let table = [
            (json!({"access_token": "t", "token_type": "Bearer", "expires_in": 600}), Ok(600)),
            (json!({"access_token": "t", "token_type": "bearer", "expires_in": "600"}), Ok(600)),
            (json!({"access_token": "t", "token_type": "Bearer", "expires_in": 86400}), Ok(3600)),
            (json!({"access_token": "t", "token_type": "Bearer"}), Ok(300)),
            (json!({"access_token": jwt(json!({"exp": 1_000_120})), "token_type": "Bearer"}), Ok(120)),
            (json!({"access_token": jwt(json!({"aud": "https://mcp.example/mcp"})), "token_type": "Bearer"}), Ok(300)),
            (
                json!({"access_token": jwt(json!({"aud": "https://other.example"})), "token_type": "Bearer"}),
                Err(Unusable::OtherAudience),
            ),
            (json!({"access_token": "t", "token_type": "Bearer", "expires_in": 0}), Err(Unusable::Expired)),
            (json!({"access_token": "t", "token_type": "DPoP"}), Err(Unusable::NotBearer)),
            (json!({"access_token": "t", "token_type": "N_A"}), Err(Unusable::NotBearer)),
            (json!({"access_token": "t"}), Err(Unusable::NotBearer)),
            (json!({"access_token": "", "token_type": "Bearer"}), Err(Unusable::Malformed)),
            (json!({"access_token": "a\r\nb", "token_type": "Bearer"}), Err(Unusable::Malformed)),
            (json!({"token_type": "Bearer"}), Err(Unusable::Malformed)),
            (json!([]), Err(Unusable::Malformed)),
        ];
        for (body, expected) in table {
            assert_eq!(life(body.clone()), expected, "{body}");
        }
    }
}
