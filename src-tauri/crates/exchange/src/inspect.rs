//! Looking into an ID-JAG before it is used. Its validator is the resource AS; looking fails early and stops
//! an assertion that was minted for somebody else (MUST 24).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

/// What the assertion must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The IdP's issuer.
    pub issuer: &'a str,
    /// The resource AS's issuer, byte for byte.
    pub audience: &'a str,
    /// Lanyard's client there, where policy names one.
    pub client_id: Option<&'a str>,
    /// The resource that was asked for.
    pub resource: &'a str,
}

/// What was read of it. All empty for an encrypted one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspected {
    /// `client_id`: Lanyard's client at the resource AS.
    pub client_id: Option<String>,
    /// `jti`.
    pub jti: Option<String>,
    /// `scope`.
    pub scope: Option<String>,
    /// Seconds from `iat` to `exp`.
    pub life: Option<i64>,
    /// `exp`, Unix seconds.
    pub expires: Option<i64>,
}

/// Why an assertion is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Not a JWT at all.
    #[error("it is not a JWT")]
    Form,
    /// Another `typ`.
    #[error("its type is not oauth-id-jag+jwt")]
    Type,
    /// Another issuer.
    #[error("it names another issuer")]
    Issuer,
    /// Not for exactly this authorization server.
    #[error("it is not for this authorization server alone")]
    Audience,
    /// Another client.
    #[error("it names the client “{found}”; policy names another")]
    Client {
        /// The client it names, as theirs.
        found: String,
    },
    /// Another resource.
    #[error("it names another resource")]
    Resource,
    /// `jti`, `sub` or `exp` missing.
    #[error("it lacks {0}")]
    Missing(&'static str),
    /// It lives longer than an hour.
    #[error("it lives longer than an hour")]
    TooLong,
    /// It is bound to a key although none was shown (`cnf`).
    #[error("it is bound to a key that was never shown")]
    Bound,
}

#[derive(Deserialize)]
struct Head {
    typ: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    aud: Option<Value>,
    client_id: Option<String>,
    resource: Option<Value>,
    sub: Option<Value>,
    jti: Option<String>,
    exp: Option<i64>,
    iat: Option<i64>,
    scope: Option<String>,
    cnf: Option<Value>,
}

/// Inspects `assertion`; encrypted ones (five parts) pass unread.
pub fn inspect(assertion: &str, expected: &Expected<'_>) -> Result<Inspected, Unfit> {
    let parts: Vec<&str> = assertion.split('.').collect();
    match parts.len() {
        5 if !parts[0].is_empty()
            && parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')) =>
        {
            return Ok(Inspected::default());
        }
        3 => {}
        _ => return Err(Unfit::Form),
    }
    let head: Head = part(parts[0])?;
    let claims: Claims = part(parts[1])?;
    let typ = head.typ.unwrap_or_default().to_ascii_lowercase();
    if typ.strip_prefix("application/").unwrap_or(&typ) != "oauth-id-jag+jwt" {
        return Err(Unfit::Type);
    }
    if claims.iss.as_deref() != Some(expected.issuer) {
        return Err(Unfit::Issuer);
    }
    if one(claims.aud.as_ref()) != Some(expected.audience) {
        return Err(Unfit::Audience);
    }
    let client = claims.client_id.as_deref().ok_or(Unfit::Missing("client_id"))?;
    if expected.client_id.is_some_and(|configured| configured != client) {
        return Err(Unfit::Client { found: net::theirs(client, 120) });
    }
    if claims.resource.is_some() && one(claims.resource.as_ref()) != Some(expected.resource) {
        return Err(Unfit::Resource);
    }
    if claims.cnf.is_some() {
        return Err(Unfit::Bound);
    }
    if claims.sub.is_none() {
        return Err(Unfit::Missing("sub"));
    }
    let jti = claims.jti.filter(|jti| !jti.is_empty()).ok_or(Unfit::Missing("jti"))?;
    let expires = claims.exp.ok_or(Unfit::Missing("exp"))?;
    let life = claims.iat.map(|issued| expires.saturating_sub(issued));
    if life.is_some_and(|life| life > 3_600) {
        return Err(Unfit::TooLong);
    }
    Ok(Inspected { client_id: claims.client_id, jti: Some(jti), scope: claims.scope, life, expires: Some(expires) })
}

fn part<T: for<'de> Deserialize<'de>>(encoded: &str) -> Result<T, Unfit> {
    let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| Unfit::Form)?;
    serde_json::from_slice(&bytes).map_err(|_| Unfit::Form)
}

/// A text, or a list of exactly one (MUST 60).
fn one(value: Option<&Value>) -> Option<&str> {
    match value? {
        Value::String(text) => Some(text),
        Value::Array(list) => match &list[..] {
            [Value::String(text)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// The audiences of a readable access token, and its end; none for an opaque one.
pub(crate) fn readable_audience(token: &str) -> Option<(Vec<String>, Option<i64>)> {
    #[derive(Deserialize)]
    struct Claims {
        aud: Option<Value>,
        exp: Option<i64>,
    }
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    let claims: Claims = part(claims).ok()?;
    let audiences = match claims.aud {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.into_iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    };
    Some((audiences, claims.exp))
}

/// Whether a readable audience speaks against the resource: every one is an address of another origin (MUST 33).
pub(crate) fn contradicts(audiences: &[String], resource: &str) -> bool {
    let ours = net::origin_of(resource);
    !audiences.is_empty() && audiences.iter().all(|audience| net::origin_of(audience).is_some_and(|theirs| Some(theirs) != ours))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const EXPECTED: Expected<'static> = Expected {
        issuer: "https://idp.example/",
        audience: "https://as.example",
        client_id: Some("lanyard-at-x"),
        resource: "https://mcp.example/mcp",
    };

    fn assertion(head: Value, changes: Value) -> String {
        let mut claims = json!({"iss": "https://idp.example/", "aud": "https://as.example", "client_id": "lanyard-at-x", "resource": "https://mcp.example/mcp",
            "sub": "s", "jti": "j", "iat": 1000, "exp": 1300, "scope": "read"});
        for (name, value) in changes.as_object().unwrap() {
            match value.is_null() {
                true => claims.as_object_mut().unwrap().remove(name),
                false => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
            };
        }
        format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(head.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    #[test]
    fn assertions_are_judged_before_they_are_used() {
        let head = json!({"alg": "ES256", "typ": "oauth-id-jag+jwt"});
        let table = [
            (json!({}), None),
            (json!({"aud": ["https://as.example"]}), None),
            (json!({"resource": null}), None),
            (json!({"act": {"sub": "wlp"}, "unknown": 1}), None),
            (json!({"iss": "https://idp.example"}), Some(Unfit::Issuer)),
            (json!({"aud": ["https://as.example", "https://other.example"]}), Some(Unfit::Audience)),
            (json!({"aud": "https://as.example/"}), Some(Unfit::Audience)),
            (json!({"aud": null}), Some(Unfit::Audience)),
            (json!({"client_id": "other"}), Some(Unfit::Client { found: "other".into() })),
            (json!({"client_id": null}), Some(Unfit::Missing("client_id"))),
            (json!({"resource": "https://mcp.example"}), Some(Unfit::Resource)),
            (json!({"jti": ""}), Some(Unfit::Missing("jti"))),
            (json!({"exp": null}), Some(Unfit::Missing("exp"))),
            (json!({"exp": 4601}), Some(Unfit::TooLong)),
            (json!({"cnf": {"jkt": "x"}}), Some(Unfit::Bound)),
        ];
        for (changes, expected) in table {
            assert_eq!(inspect(&assertion(head.clone(), changes.clone()), &EXPECTED).err(), expected, "{changes}");
        }
        for typ in [json!({}), json!({"typ": "JWT"}), json!({"typ": "at+jwt"})] {
            assert_eq!(inspect(&assertion(typ, json!({})), &EXPECTED).err(), Some(Unfit::Type));
        }
    }

    #[test]
    fn an_encrypted_assertion_passes_unread_and_nonsense_does_not() {
        assert_eq!(inspect("a.b.c.d.e", &EXPECTED), Ok(Inspected::default()));
        for nonsense in ["", "a.b", "a.b.c", "a.b.c.d.e f", "....", "a.b.c.d"] {
            let verdict = inspect(nonsense, &EXPECTED);
            assert!(verdict.is_err(), "{nonsense}");
        }
    }

    #[test]
    fn a_readable_audience_of_another_origin_contradicts() {
        let table = [
            (vec!["https://mcp.example/mcp"], false),
            (vec!["https://mcp.example"], false),
            (vec!["https://other.example"], true),
            (vec!["https://other.example", "https://mcp.example/mcp"], false),
            (vec!["api-identifier"], false),
            (vec![], false),
        ];
        for (audiences, expected) in table {
            let audiences: Vec<String> = audiences.into_iter().map(Into::into).collect();
            assert_eq!(contradicts(&audiences, "https://mcp.example/mcp"), expected, "{audiences:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_inspection_panic(text in "[a-zA-Z0-9._-]{0,300}") {
            let _ = inspect(&text, &EXPECTED);
            let _ = readable_audience(&text);
        }
    }
}
